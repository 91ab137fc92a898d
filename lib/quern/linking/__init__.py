"""From claims to pages: which name is which page, which name is worth a page, and which waits.

One source at a time is read to its end before anything is said of it:
whether a name is worth a page shows only when all its claims are known.
Nothing is decided about a page that stands but what can be looked up by a key, so the size of the wiki does not count.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from quern import names, relations
from quern.emphasis import Emphasis
from quern.jsonl import Row
from quern.judgements import Judge
from quern.layout import folder_of
from quern.linking import disputes, likenesses, openings, worthiness
from quern.linking.disputes import Doubt
from quern.linking.mentions import Mention, defines, exact, mentions
from quern.linking.operations import COMPARED, Operations
from quern.linking.plans import CatalogueLike, Plan, Topic, Waiting
from quern.linking.revisions import Reviser, Revision, unrevised
from quern.program import Failure
from quern.records import Candidate, Claim, Page, Source, Usage
from quern.schema import Schema

TWO_THINGS = "two things of one name"
HALF = 0.5
"""The share of a name's words from which it is what a source is read for."""


def link(  # noqa: PLR0913 - what there is, and who decides
    rows: Iterable[Row],
    catalogue: CatalogueLike,
    schema: Schema,
    revise: Reviser = unrevised,
    *,
    again: bool = False,
    judge: Judge | None = None,
) -> Iterator[Any]:
    """Pass all records through; after the last of each source, its pages (by path) and candidates (by name).

    Of a source that has changed, or is read `again`, the claims that still stand come before these, made again or not;
    a new one that restates others says so, and one that says nothing new is left out. Where the rules are not sure a
    `judge` is asked, if there is one, and what that took follows the candidates.
    """
    plan = Plan(catalogue, judge)
    source: Source | None = None
    held: list[Row] = []
    for row in rows:
        if row.kind == "source":
            if source is not None:
                yield from _linked(plan, schema, source, held, revise)
            told = Row(row.file, row.line, {**row.data, "again": True}) if again else row
            source, held = told.to(Source), []
            yield told
        elif source is not None and row.kind == "end":
            yield from _linked(plan, schema, source, held, revise)
            yield row
            source, held = None, []
        elif source is None:
            if row.kind == "claim":
                _claim(row, None, schema)
            yield row
        else:
            held.append(row)
            if row.kind == "claim":
                _claim(row, source, schema)
    if source is not None:
        yield from _linked(plan, schema, source, held, revise)


def _linked(
    plan: Plan, schema: Schema, source: Source, held: Sequence[Row], revise: Reviser
) -> Iterator[Row | Claim | Page | Candidate | Usage]:
    made = [row.to(Claim) for row in held if row.kind == "claim"]
    revision = revise(source, made)
    restates: dict[str, list[str]] = {}
    for old, by in revision.restated.items():
        for claim in by:
            restates.setdefault(claim.id, []).append(old)
    for row in held:
        id_ = row.data.get("id") if row.kind == "claim" else None
        if id_ in restates:
            yield Row(row.file, row.line, {**row.data, "restates": restates[id_]})
        elif id_ is None or id_ not in revision.idle:
            yield row
    yield from revision.kept
    claims = [claim for claim in made if claim.id not in revision.idle]
    yield from _Linking(plan, schema, source, claims, revision).records()
    if plan.judge is not None:
        yield from plan.judge.usage(source.id, "link")


def _claim(row: Row, source: Source | None, schema: Schema) -> Claim:
    claim = row.to(Claim)
    if source is None or claim.source != source.id:
        raise Failure(f"a claim of source {claim.source} that does not follow its source record", row.file, row.line)
    for name in claim.names:
        if name.type not in schema.pages.types:
            known = ", ".join(schema.pages.types)
            raise Failure(f"{name.name!r} is of type {name.type!r}; schema.yaml knows {known}", row.file, row.line)
    return claim


class _Linking:
    """The pages and candidates of one source."""

    def __init__(self, plan: Plan, schema: Schema, source: Source, claims: Sequence[Claim], revision: Revision) -> None:
        self.plan = plan
        self.schema = schema
        self.source = source
        self.language = schema.language_of(source.language)
        self.claims = claims
        self.revision = revision
        self.pages: dict[str, Operations] = {}
        self.waiting: list[Waiting] = []
        self.emphasis = Emphasis(source.focus, self.language) if source.focus.strip() else None

    def records(self) -> Iterator[Page | Candidate]:
        """The pages by path, then the candidates by name; later sources of the run know of them."""
        self.plan.read(self.source)
        found = mentions(self.claims, self.schema.names.fuzzy, self.plan.apart)
        unknown = [mention for mention in found if not self._add_known(mention) and not self._was_deleted(mention)]
        if self.revision.is_unchanged:
            self._leave_waiting(unknown)
        else:
            self._found_pages(self._judged(unknown))
        self._revise_pages()
        for operations in self._related():
            yield operations.page(self.plan, self.schema, self.source)
        self._tell()
        for waiting in sorted(self.waiting, key=lambda waiting: (waiting.name, waiting.type)):
            self.plan.wait(waiting)
            yield Candidate(
                source=self.source.id,
                name=waiting.name,
                type=waiting.type,
                aliases=list(waiting.aliases),
                claims=list(waiting.claims),
                reason=waiting.reason,
            )

    def _judged(self, unknown: Sequence[Mention]) -> list[Mention]:
        """Those names that are still unknown; what is said of one that a judge finds to be a page's is added there."""
        homes = likenesses.homes(unknown, self.plan, self.schema, self.language, self._may_be)
        fitting = [(mention, topic) for mention, topic in homes if self._clash(mention, topic) is None]
        for mention, topic in fitting:
            self._add(mention, topic)
        return [mention for mention in unknown if all(mention is not known for known, _ in fitting)]

    def _related(self) -> list[Operations]:
        """What happens to each page, by path, with how its claims stand to each other."""
        lost = {path: self.revision.lost.get(path, set()) for path in sorted(self.pages)}
        found = [self.pages[path] for path, ids in lost.items() if self.pages[path].adds or ids]
        doubts: list[Doubt] = []
        for operations in found:
            doubts += operations.relate(self.plan, self.schema, self.source, lost[operations.topic.path])
        verdicts = disputes.judged(self.plan.judge, doubts)
        for operations in found:
            operations.decide(verdicts, self.plan)
        return found

    def _was_deleted(self, mention: Mention) -> bool:
        """Whether a page of this name, to which the source went before, is no more: a person wants none of it."""
        files = {names.fold(names.file_name(name)) for name in mention.called()}
        return not self.revision.deleted.isdisjoint(files)

    def _tell(self) -> None:
        """Let later sources of the run know of the claims and where they went."""
        for claim in (*self.claims, *self.revision.kept):
            self.plan.tell(claim)
        for path in sorted(self.pages):
            for add in self.pages[path].all_adds(self.source.id):
                self.plan.send(add, self.pages[path].topic)

    def _revise_pages(self) -> None:
        """The pages that quote what stands elsewhere in the source now, or no more, are changed too."""
        for path in sorted({*self.revision.moved, *self.revision.lost, *self._restated_on()}):
            topic = self.plan.at(path)
            if topic is not None:
                operations = self.pages.setdefault(path, Operations(topic))
                for claim in self.revision.moved.get(path, ()):
                    operations.adds.setdefault(claim.id, (claim, self.source.id))
        self._restate()
        for path, barred in self.revision.barred.items():
            if path in self.pages:
                self.pages[path].leave_out(barred)

    def _restated_on(self) -> dict[str, list[str]]:
        """By page, the claims on it that new ones say now."""
        found: dict[str, list[str]] = {}
        for id_ in self.revision.restated:
            for path in self.revision.on.get(id_, ()):
                found.setdefault(path, []).append(id_)
        return found

    def _restate(self) -> None:
        """What is said in other words stays on the pages on which it stood; that of it which went elsewhere may go."""
        own = {id_ for operations in self.pages.values() for id_ in operations.adds}
        for path, ids in sorted(self._restated_on().items()):
            if path not in self.pages:
                continue
            operations = self.pages[path]
            for id_ in ids:
                by = self.revision.restated[id_]
                is_here = any(claim.id in operations.adds for claim in by)
                for claim in by:
                    if not is_here or claim.id not in own:
                        operations.adds.setdefault(claim.id, (claim, self.source.id))
        for operations in self.pages.values():
            # Another source may say there what is said again here.
            for id_, by in self.revision.restated.items():
                here = [claim for claim in by if claim.id in operations.adds]
                if here and self.plan.stands(operations.topic, id_):
                    operations.restate(id_, here, self.plan)

    # Names that have a page

    def _add_known(self, mention: Mention) -> bool:
        """Add what is said of a name to its page; False if it has none, or may be another thing of that name."""
        topics = self._resolve(mention)
        if len(topics) > 1:
            named = ", ".join(sorted(topic.path for topic in topics))
            self._let_wait(mention, f"{TWO_THINGS}: it could be {named}")
            return True
        if not topics:
            return False
        against = self._clash(mention, topics[0])
        if against is not None:
            self._let_wait(mention, f"{TWO_THINGS}: {topics[0].path} says {against.text!r}")
            return True
        self._add(mention, topics[0])
        return True

    def _resolve(self, mention: Mention) -> list[Topic]:
        """The page of a name: by its normal form, its other keys, a near spelling, at last by its aliases."""
        exact = self._by_normal(mention.name, mention)
        if exact:
            return exact
        for key in names.keys(mention.name)[1:]:
            alike = [topic for topic in self.plan.topics(key) if self._may_be(mention, topic)]
            if alike:
                return _best(alike, mention)
        near = self._near(mention)
        if near is not None:
            return [near]
        for alias in mention.aliases:
            found = self._by_normal(alias, mention)
            if len(found) == 1 and self._is_meant(alias, mention, found[0]) and not self._is_refused(mention, found[0]):
                return found
        return []

    def _by_normal(self, name: str, mention: Mention) -> list[Topic]:
        key = names.normal(name)
        return _best([topic for topic in self.plan.topics(key) if exact(key, topic.called())], mention)

    def _near(self, mention: Mention) -> Topic | None:
        """The page of the most alike spelling that is the same name."""
        found = list(self.plan.near(mention.name, self.schema.names.candidates))
        fitting = [
            (names.likeness(mention.name, key), topic)
            for key, topic in names.nearest(mention.name, found)
            if self._may_be(mention, topic) and names.same(mention.name, key, self.schema.names.fuzzy)
        ]
        return max(fitting, key=lambda pair: pair[0])[1] if fitting else None

    def _may_be(self, mention: Mention, topic: Topic) -> bool:
        return topic.type == mention.type and not self._is_refused(mention, topic)

    def _is_refused(self, mention: Mention, topic: Topic) -> bool:
        # A person took this very name off the page: another name of the two things does not put it back.
        return names.normal(mention.name) in self.plan.rulings(topic).refused

    def _is_meant(self, alias: str, mention: Mention, topic: Topic) -> bool:
        # "PC" is many things: it is the page's only if the page speaks of what the letters stand for.
        if topic.type != mention.type:
            return False
        if not names.is_acronym(alias, mention.name) and not (alias.isupper() and len(alias) < 7):
            return True
        meant = relations.content(mention.name, self.language)
        return any(meant & relations.content(claim.text, self.language) for claim in self._standing(topic))

    def _clash(self, mention: Mention, topic: Topic) -> Claim | None:
        """A definition on the page that cannot be of the thing that this source defines."""
        new = mention.definitions()
        if not new:
            return None
        standing = [claim for claim in self._standing(topic) if claim.id not in mention.claims]
        called = {names.normal(name) for name in topic.called()}
        old = [claim for claim in standing if defines(claim, called)]
        if not old:
            return None
        around = [claim.text for claim in self.claims], [claim.text for claim in standing]
        agreeing = any(relations.agree(x.text, y.text, around, mention.name, self.language) for x in new for y in old)
        return None if agreeing else old[0]

    def _standing(self, topic: Topic) -> list[Claim]:
        return self.plan.standing(topic, COMPARED)

    def _add(self, mention: Mention, topic: Topic) -> Operations:
        operations = self.pages.setdefault(topic.path, Operations(topic))
        operations.take(mention)
        keys = {key for name in (mention.name, *mention.aliases) for key in names.keys(name)[:1]}
        for waiting in self._fitting(mention, self.plan.waiting(sorted(keys), self.source.id)):
            operations.promote(waiting, self.plan)
        return operations

    # Names that have none

    def _leave_waiting(self, unknown: Sequence[Mention]) -> None:
        """A source that is read again founds nothing, whatever others have said since: its names wait as they did."""
        for mention in unknown:
            reason = self.plan.reason(mention.name, self.source.id)
            if reason is not None:
                self._let_wait(mention, reason)

    def _found_pages(self, unknown: Sequence[Mention]) -> None:
        room = self._room()
        late: list[Mention] = []
        for promoted, mention in self._worthy(unknown, late):
            if self._add_known(mention):
                continue
            if room <= 0 and not promoted:
                self._let_wait(mention, "this source has made as many new pages as one of its length may")
                continue
            clash = self._clash_waiting(mention, promoted)
            if clash is not None:
                self._let_wait(mention, f"{TWO_THINGS}: elsewhere {clash.text!r}")
                continue
            room -= not promoted
            self._add(mention, self.plan.found(mention.title(), mention.type, folder_of(mention.type)))
        for mention in late:
            # A page made just now may be this name's: what the next run would find, this one does too.
            if not self._add_known(mention):
                self._let_wait(mention, self._reason(mention))

    def _worthy(self, unknown: Sequence[Mention], late: list[Mention]) -> list[tuple[list[Waiting], Mention]]:
        worthy = []
        for mention in unknown:
            keys = dict.fromkeys(key for name in mention.called() for key in names.keys(name))
            promoted = self._fitting(mention, self.plan.waiting(keys, self.source.id))
            if self._is_worthy(mention, promoted):
                worthy.append((promoted, mention))
            else:
                late.append(mention)
        # Names that two sources bring come first: no later source need wait for them again. Then what the source is
        # read for, then what is defined.
        return sorted(
            worthy,
            key=lambda pair: (not pair[0], not self._is_asked_for(pair[1]), *pair[1].rank()),
        )

    def _is_asked_for(self, mention: Mention) -> bool:
        return self.emphasis is not None and any(self.emphasis.of(name) >= HALF for name in mention.called())

    def _is_worthy(self, mention: Mention, promoted: Sequence[Waiting]) -> bool:
        pages = self.schema.pages
        sources = {self.source.id, *(waiting.source for waiting in promoted)}
        heavy = mention.weight >= pages.min_weight
        defined = mention.weight >= pages.min_weight_defined and bool(mention.definitions())
        return (len(sources) >= pages.min_sources or heavy or defined) and self._says_enough(mention, promoted)

    def _says_enough(self, mention: Mention, promoted: Sequence[Waiting]) -> bool:
        older = [self.plan.claim(id_, waiting.source) for waiting in promoted for id_ in waiting.claims]
        told = [claim for claim in older if claim is not None]
        if self._is_asked_for(mention) and _opens_one(mention, self.language):
            return True
        called = [name for waiting in promoted for name in (waiting.name, *waiting.aliases) if name != mention.name]
        mention = dataclasses.replace(mention, aliases=mention.aliases | dict.fromkeys(called))
        return worthiness.says_enough(
            mention, told, self.claims, self.schema.pages, self.language, title=self.source.title
        )

    def _fitting(self, mention: Mention, waiting: Sequence[Waiting]) -> list[Waiting]:
        """Those waiting names that are this one and of which nobody has to decide first."""
        own = {names.normal(name) for name in mention.called()}
        return [
            other
            for other in waiting
            if not other.reason.startswith(TWO_THINGS)
            and (
                not own.isdisjoint(names.normal(name) for name in (other.name, *other.aliases))
                or (other.type == mention.type and names.same(mention.name, other.name, self.schema.names.fuzzy))
            )
        ]

    def _clash_waiting(self, mention: Mention, promoted: Sequence[Waiting]) -> Claim | None:
        new = mention.definitions()
        for waiting in promoted:
            told = [claim for id_ in waiting.claims if (claim := self.plan.claim(id_, waiting.source)) is not None]
            called = {names.normal(name) for name in (*mention.called(), waiting.name, *waiting.aliases)}
            old = [claim for claim in told if defines(claim, called)]
            around = [claim.text for claim in self.claims], [claim.text for claim in told]
            if (
                new
                and old
                and not any(
                    relations.agree(x.text, y.text, around, mention.name, self.language) for x in new for y in old
                )
            ):
                return old[0]
        return None

    def _room(self) -> int:
        pages = self.schema.pages
        most = min(pages.max_new, max(1, self.source.words // pages.words_per_page))
        here = {path for path, operations in self.pages.items() if self._was_here(operations)}
        return most - len(here | self.revision.pages)

    def _was_here(self, operations: Operations) -> bool:
        # Pages that this source went to before count, or each run of an unchanged source would make some more.
        return any(self.plan.has(operations.topic, id_, self.source.id) for id_ in operations.adds)

    def _reason(self, mention: Mention) -> str:
        if not self._says_enough(mention, ()):
            return "little said of it"
        return "one source, in passing" if not mention.definitions() else "one source, defined in passing"

    def _let_wait(self, mention: Mention, reason: str) -> None:
        waiting = Waiting(
            self.source.id, mention.name, mention.type, tuple(mention.aliases), tuple(mention.claims), reason
        )
        self.waiting.append(waiting)


def _opens_one(mention: Mention, language: str) -> bool:
    """Does a sentence that tells something open with the name? Of what a person asks for, that is enough."""
    if worthiness.is_common(mention.name, mention.type, language):
        return False
    called = [mention.name, *mention.aliases, *mention.shorts]
    claims = [claim for claim in mention.claims.values() if claim.role not in worthiness.ASIDES]
    return any(claim.stance in worthiness.STATED and openings.opens(claim.text, called) for claim in claims)


def _best(topics: list[Topic], mention: Mention) -> list[Topic]:
    """The one page that is meant, if its title or its type tell it from the others; else all."""
    for told in (
        lambda topic: names.normal(topic.title) == names.normal(mention.name),
        lambda topic: topic.type == mention.type,
    ):
        fitting = [topic for topic in topics if told(topic)]
        if len(fitting) == 1:
            return fitting
        topics = fitting or topics
    return topics
