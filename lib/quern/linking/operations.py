"""What happens to one page because of one source, gathered name by name and told as one record."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import get_args

from quern import names, relations
from quern.linking import relating
from quern.linking.disputes import Doubt
from quern.linking.mentions import Mention, defines
from quern.linking.plans import Plan, Topic, Waiting
from quern.pages import covers_hash
from quern.records import Add, Claim, Page, Relation, Role, Source
from quern.relations import Verdict
from quern.schema import Schema

COMPARED = 4000
"""Claims of a page that are compared with new ones: a bound on time, which no page that a person reads comes near."""


class Operations:
    """What happens to one page because of one source."""

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        self.adds: dict[str, tuple[Claim | None, str]] = {}
        self.older: list[Add] = []
        self.aliases: list[str] = []
        self.restated: dict[str, list[str]] = {}
        self._doubts: list[Doubt] = []
        self._relations: list[Relation] = []
        self._new: list[Claim] = []
        self._standing: list[Claim] = []
        self._ids: frozenset[str] = frozenset()

    def restate(self, id_: str, by: Sequence[Claim], plan: Plan) -> None:
        """Let new claims stand in the place of one of the page, and for what it was taken for there."""
        rulings = plan.rulings(self.topic)
        for claim in by:
            self.restated.setdefault(claim.id, []).append(id_)
            if id_ in rulings.edited:
                rulings.edited.setdefault(claim.id, rulings.edited[id_])
            if id_ in rulings.overtaken:
                rulings.overtaken.add(claim.id)

    def leave_out(self, ids: Collection[str]) -> None:
        """Let these claims not go to the page."""
        self.adds = {id_: add for id_, add in self.adds.items() if id_ not in ids}

    def take(self, mention: Mention) -> None:
        for claim in mention.claims.values():
            self.adds.setdefault(claim.id, (claim, claim.source))
        self._call([mention.name, *mention.aliases])

    def promote(self, waiting: Waiting, plan: Plan) -> None:
        for id_ in waiting.claims:
            # What waited in the catalogue may have been brought by an earlier source of this run.
            add = Add(claim=id_, source=waiting.source)
            if id_ not in self.topic.planned and add not in self.older:
                self.older.append(add)
                self.adds.setdefault(id_, (plan.claim(id_, waiting.source), waiting.source))
        self._call([waiting.name, *waiting.aliases])

    def _call(self, called: Iterable[str]) -> None:
        for name in called:
            known = {key for other in (*self.topic.called(), *self.aliases) for key in names.keys(other)}
            if names.normal(name) not in known:
                self.aliases.append(name)

    def relate(self, plan: Plan, schema: Schema, source: Source, lost: set[str]) -> list[Doubt]:
        """See how its claims stand to each other; what is in doubt of that, if there is a judge.

        `lost`: claims of the page that no source makes any more.
        """
        topic = self.topic
        self._ids = plan.will_have(topic, self.all_adds(source.id), lost)
        as_it_is = plan.rulings(topic).in_words
        self._standing = [as_it_is(claim) for claim in plan.standing(topic, COMPARED) if claim.id in self._ids]
        self._new = [as_it_is(claim) for claim, _ in self.adds.values() if claim is not None and claim.id in self._ids]
        self._relations = relating.relate(
            plan, topic, self._new, self._standing, schema,
            restated=self._spoken_of(plan, as_it_is), open_to=self._doubts if plan.judge is not None else None,
        )  # fmt: skip
        return self._doubts

    def decide(self, verdicts: Mapping[frozenset[str], Verdict], plan: Plan) -> None:
        """Take what a judge says of what was in doubt (by the ids of two claims)."""
        self._relations += relating.judged(self._doubts, verdicts, plan.rulings(self.topic))

    def page(self, plan: Plan, schema: Schema, source: Source) -> Page:
        """The record of it, once it is related; the plan knows it from now on."""
        topic, adds = self.topic, self.all_adds(source.id)
        file = topic.path.rpartition("/")[2].removesuffix(".md")
        # Obsidian finds "C#" only if it is an alias of "C sharp".
        aliases = [
            *([topic.title] if topic.is_new and not topic.planned and file != topic.title else []),
            *(alias for alias in self.aliases if names.normal(alias) not in plan.rulings(topic).refused),
        ]
        page = Page(
            path=topic.path,
            title=topic.title,
            type=topic.type,
            source=source.id,
            is_new=topic.is_new and not topic.planned,
            aliases_add=aliases,
            adds=adds,
            relations=self._relations,
            shown=shown(plan, topic, self._new, self._standing, schema),
            covers=covers_hash(self._ids),
        )
        plan.know(topic, aliases)
        topic.aliases += aliases
        return page

    def _spoken_of(self, plan: Plan, as_it_is: Callable[[Claim], Claim]) -> dict[str, list[Claim]]:
        """By new claim, the earlier ones that it restates here: how these stand to others has been decided."""
        told = {id_: [plan.claim(old) for old in ids] for id_, ids in self.restated.items()}
        return {id_: [as_it_is(claim) for claim in old if claim is not None] for id_, old in told.items()}

    def all_adds(self, source: str) -> list[Add]:
        own = [Add(claim=id_, source=source) for id_, (claim, of) in self.adds.items() if of == source]
        return own + sorted(self.older, key=lambda add: (add.source, add.claim))


def shown(plan: Plan, topic: Topic, new: Sequence[Claim], standing: Sequence[Claim], schema: Schema) -> list[Claim]:
    """The claims that the lead may be made from: what says what it is, then old and new by turns, each thing once.

    What has been overtaken is left out, and so is what a person has put in other words.
    """
    called = {names.normal(name) for name in topic.called()}
    rulings = plan.rulings(topic)
    fresh = {claim.id for claim in new}
    roles = get_args(Role)
    old = sorted((claim for claim in standing if claim.id not in fresh), key=lambda claim: roles.index(claim.role))
    best = sorted(new, key=lambda claim: -claim.score)
    turns = [claim for pair in zip(old, best, strict=False) for claim in pair]
    turns += old[len(best) :] + best[len(old) :]
    turns = [claim for claim in turns if claim.id not in rulings.overtaken and claim.id not in rulings.edited]
    chosen: list[Claim] = []
    for claim in sorted(turns, key=lambda claim: not defines(claim, called)):
        if len(chosen) == schema.pages.shown:
            break
        language = plan.origin(claim.source)[0]
        if not any(relations.same(claim.text, other.text, language) for other in chosen):
            chosen.append(claim)
    return chosen
