"""An answer kept as a page: `wiki/answers/NAME.md`, a projection of the claims that it cites, as every page is one.

What it says is its lead, the claims below it are as they stand elsewhere, with what has overtaken them and what stands
against them. The same question asked again brings the same page up to date; what people wrote on it stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import count

from quern import freshness, names, pages
from quern.pages.document import ANSWER
from quern.pages.sections import SHOWN
from quern.program import Failure
from quern.records import Add, Answer, Change, Page, Relation, Summary
from quern.updates import grounds, losses, properties, topic, transaction
from quern.updates.batches import Batch
from quern.updates.changes import Plan
from quern.updates.ledger import place_of
from quern.updates.standings import Disputes, Entry
from quern.updates.weaving import Weaving
from quern.updates.whereabouts import Whereabouts, sound
from quern.vault import Vault
from quern.wiki import Catalogue, PageRow

FOLDER = "answers"


def plan(batch: Batch, answer: Answer, vault: Vault, catalogue: Catalogue, date: str) -> Plan:
    """What the wiki becomes when an answer is kept; nothing, where the wiki did not know.

    Raises Failure if a claim that it cites is in the wiki no more, a page cannot be changed safely, or anything would
    get lost.
    """
    if not answer.sentences:
        return Plan({}, {}, [])
    return _Filing(batch, answer, vault, catalogue, date).plan()


def asked(question: str, known_by: str | None) -> tuple[str, str]:
    """What tells a question from another: its words, and the day as known on which it was asked."""
    return names.fold(" ".join(question.split()).rstrip(" ?？¿.!")), known_by or ""


def followed(
    catalogue: Catalogue, claims: Collection[str], made: Mapping[str, pages.Document], where: Whereabouts
) -> Iterator[tuple[str, pages.Document, pages.Document]]:
    """The answers that are to follow what a source does, by path, as they stand and as they are to be.

    One says that it is outdated if it cites one of these claims, which are not as they were, or is written anew without
    being asked again; and its footnotes name the places where the source says its claims now.
    """
    files = {file for told in catalogue.told(claims) for file in told.item.pages if is_answer(file)}
    outdated = {*where.standing(files), *(path for path in made if is_kept(path))}
    moved = _moved(catalogue, where)
    for path in sorted({*outdated, *moved}):
        standing = made.get(path) or sound(path, where.read(path) or "")
        if standing.front_values.get("type") != ANSWER:
            continue
        placed = _placed(standing, moved.get(path, ()))
        duty = losses.Duty(wanted=grounds.evidence_on(standing), gone=(), barred=(), named=())
        losses.refuse(path, losses.on_topic(standing, placed, duty))
        yield path, standing, pages.set_front(placed, {"status": freshness.OUTDATED}) if path in outdated else placed


def _moved(catalogue: Catalogue, where: Whereabouts) -> dict[str, list[grounds.Evidence]]:
    """The claims of the source at hand that stand elsewhere in it now, by the answers that cite them."""
    found: dict[str, list[grounds.Evidence]] = {}
    for told in catalogue.told(where.batch.claims):
        claim = where.batch.claims[told.item.id]
        if told.source == where.source_id and place_of(claim) != told.item.place:
            for path in where.standing(filter(is_answer, told.item.pages)):
                found.setdefault(path, []).append(where.evidence(Add(claim=claim.id, source=told.source)))
    return found


def _placed(document: pages.Document, moved: Collection[grounds.Evidence]) -> pages.Document:
    """A page whose footnotes name other places of these claims."""
    if not moved:
        return document
    projection = topic.Projection(document, lambda text, _: text, lambda _: None)
    for one in moved:
        projection.refresh(one)
    lines = projection.lines([])
    return document if lines == document.lines else pages.parse(pages.join(document, lines))


def is_answer(file: str) -> bool:
    """Whether a page, as a source page names it, is a kept answer."""
    return file.startswith(f"{FOLDER}/")


def is_kept(path: str) -> bool:
    """Whether this is the path of a kept answer."""
    return path.startswith(f"wiki/{FOLDER}/")


class _Filing:
    """The wiki as it is, and as it becomes, while one answer is kept."""

    def __init__(self, batch: Batch, answer: Answer, vault: Vault, catalogue: Catalogue, date: str) -> None:
        self.answer, self.catalogue, self.date = answer, catalogue, date
        self.where = Whereabouts(batch, vault, catalogue)
        self.weaving = Weaving(catalogue)
        self.path = self._path()
        self.file = pages.file_of(self.path)
        self.target = f"{FOLDER}/{self.file}"
        self.writes: dict[str, tuple[str | None, str | None]] = {}
        self.made: dict[str, pages.Document] = {}
        self.changes: list[Change] = []

    def plan(self) -> Plan:
        """The page, then the pages of its claims, then the source pages."""
        title = self._keep()
        for path in self._said_on():
            self._relate(path, title)
        for _, ledger in sorted(self.where.ledgers.items()):
            before, after = ledger.before, ledger.text()
            if before is not None and before != after:
                document = pages.parse(before)
                made = pages.parse(after)
                losses.refuse(ledger.path, losses.on_ledger(document, made, (), {self.target}))
                self._write(ledger.path, before, made)
        return Plan(self.writes, self.made, self.changes)

    # Where it stands

    def _path(self) -> str:
        """The page that keeps this question's answer, wherever it is by now, or a free place for it."""
        wanted = asked(self.answer.question, self.answer.known_by)
        for row in self.catalogue.index_rows():
            if row.type == ANSWER and self._question(row) == wanted:
                return row.path
        known_by = f" (as known on {self.answer.known_by})" if self.answer.known_by else ""
        for number in count(1):
            suffix = known_by + (f" ({ANSWER}{f' {number - 1}' if number > 2 else ''})" if number > 1 else "")
            file = names.file_name(self.answer.question, suffix)
            if self.catalogue.path_taken(file) is None:
                return f"wiki/{FOLDER}/{file}.md"
        raise AssertionError

    def _question(self, row: PageRow) -> tuple[str, str]:
        sheet = self.catalogue.sheet(row.path)
        front = sheet.front if sheet is not None else {}
        return asked(str(front.get("question") or row.title), str(front.get("known_by") or ""))

    # The page

    def _keep(self) -> str:
        """Bring the page of the answer up to date; returns its title."""
        before = self.where.read(self.path)
        title = self.answer.question
        if before is not None:
            document = sound(self.path, before)
            title = document.title or title
        else:
            told = Page(path=self.path, title=title, type=ANSWER, source="")
            document = pages.new_page(properties.new(told, self.date), title)
        had = grounds.evidence_on(document)
        evidence = list(self._evidence())
        orders = {one.claim.id: one.order for one in evidence}
        orders |= self._orders(set(document.claims) - orders.keys())
        barred = {one.key for one in evidence if before is not None and self._is_barred(one, had)}
        projection = topic.Projection(document, self.weaving.on(self.path), orders.get)
        gone = {
            key
            for key in had
            if key[0] not in {one.claim.id for one in evidence} and key[0] not in self._by_people(document)
        }
        for key in sorted(gone):
            projection.retire(key)
            self._source(key[1], key[0])
        for one in sorted(evidence, key=lambda one: one.order):
            if one.key in barred:
                projection.refresh(one)
            else:
                projection.add(one, {})
                self.where.ledger(one.claim.source).send(one.claim.id, self.target, self.target)
        relations, texts = self._relations()
        fresh = {one.claim.id for one in evidence if one.key not in had}
        projection.relate(relations, texts, fresh)
        disputed = {frozenset((one.claim, one.other)) for one in relations if one.relation == "contradicts"}
        for pair in (frozenset((one.claim, other.claim)) for one, other in _disputes(document)):
            if pair not in disputed:
                projection.settle(pair)  # as it is on the pages of the claims
        projection.set_lead(self._lead())
        made = self._document(projection, document, orders, is_new=before is None)
        named = {*projection.outcome.retired, *projection.outcome.moved}
        wanted = {one.key for one in evidence} - barred
        duty = losses.Duty(wanted=wanted, gone=gone, barred=barred, named=named, unlinked=())
        losses.refuse(self.path, losses.on_topic(document, made, duty))
        self._write(self.path, before, made, projection)
        return title

    def _document(
        self,
        projection: topic.Projection,
        document: pages.Document,
        orders: Mapping[str, grounds.Order],
        *,
        is_new: bool,
    ) -> pages.Document:
        lines = projection.lines(self._pages())
        front: dict[str, pages.Value] = {
            "question": self._asked_before(document) or self.answer.question,
            "known_by": self.answer.known_by,
            "gaps": [gap.question for gap in self.answer.gaps] or None,
            "engine": self.answer.engine,
            "model": self.answer.model,
            "status": "contested" if projection.is_contested else "current",
            "lead_of": pages.covers_hash(projection.claims()),
        }
        if projection.lead_written:
            front["lead"] = projection.lead_hash()
        made = pages.with_front(document, front, lines)
        if made == document.lines and not is_new:
            return document
        front |= properties.counted(projection.evidence(), orders, self.date)
        return pages.parse(pages.join(document, pages.with_front(document, front, lines)))

    def _lead(self) -> Summary:
        ids = [id_ for said in self.answer.sentences for id_ in said.claims]
        return Summary(
            of=self.path, role="lead", source="", sentences=self.answer.sentences, covers=pages.covers_hash(ids),
            engine=self.answer.engine, model=self.answer.model, prompt=self.answer.prompt,
        )  # fmt: skip

    def _asked_before(self, document: pages.Document) -> str:
        """The question as it stands on the page: in other capitals it is no other."""
        standing = str(document.front_values.get("question") or "")
        return standing if asked(standing, None) == asked(self.answer.question, None) else ""

    # Its claims

    def _ids(self) -> list[str]:
        """The claims that it cites, and those that stand against them."""
        cited = dict.fromkeys(id_ for said in self.answer.sentences for id_ in said.claims)
        others = dict.fromkeys(other for one in self.answer.claims if one.claim in cited for other in one.others)
        return list(cited | others)

    def _evidence(self) -> Iterator[grounds.Evidence]:
        """The claims with each source that makes them now."""
        found: set[str] = set()
        for told in self.catalogue.told(self._ids()):
            found.add(told.item.id)
            yield self.where.evidence(Add(claim=told.item.id, source=told.source))
        lost = [id_ for id_ in self._ids() if id_ not in found]
        if lost:
            raise Failure(f"the answer cites {lost[0]}, which no source makes any more: ask again; nothing is written")

    def _orders(self, ids: Collection[str]) -> dict[str, grounds.Order]:
        items = ((told.item, told.slug) for told in self.catalogue.told(ids))
        return {item.id: grounds.order(item.role, item.as_of, slug, item.place) for item, slug in items}

    def _is_barred(self, one: grounds.Evidence, had: Collection[tuple[str, str]]) -> bool:
        """Whether a person has taken a claim off the page."""
        return one.key not in had and self.where.ledger(one.claim.source).sent(one.claim.id, self.target)

    def _by_people(self, document: pages.Document) -> set[str]:
        """The claims that sentences of people cite: these keep them, whatever is answered now."""
        told = [bullet for bullet in document.bullets if bullet.section not in SHOWN]
        ids = {id_ for bullet in told if bullet.edited for id_ in bullet.claims}
        lead = document.lead
        if lead is not None and document.front_values.get("lead") != pages.lead_hash(lead.text):
            ids |= set(pages.claims_in(lead.text))
        return ids

    def _source(self, slug: str, id_: str) -> None:
        """Let the source page forget that a claim is on the page: nobody has taken it off."""
        row = self.catalogue.source_by_slug(slug)
        if row is not None:
            self.where.ledger(row.id).forget(id_, self.target)

    # How they stand

    def _said_on(self) -> list[str]:
        """The pages of the claims that the answer's sentences cite."""
        cited = {id_ for said in self.answer.sentences for id_ in said.claims}
        files = [file for told in self.catalogue.told(cited) for file in told.item.pages if not is_answer(file)]
        rows = (self.catalogue.page_by_file(file) for file in dict.fromkeys(files))
        paths = {row.path: set(self.catalogue.claims_of(row.path)) for row in rows if row is not None}
        return sorted(path for path, ids in paths.items() if ids & cited and path != self.path)

    def _pages(self) -> list[tuple[str, str]]:
        rows = (self.catalogue.page(path) for path in self._said_on())
        return [(row.file, row.title) for row in rows if row is not None]

    def _relations(self) -> tuple[list[Relation], dict[str, str]]:
        """How the claims stand to each other, as their pages show it, and the words of those without a figure."""
        against = {one.claim: set(one.others) for one in self.answer.claims}
        found: list[Relation] = []
        texts: dict[str, str] = {}
        for path in self._said_on():
            document = sound(path, self.where.read(path) or "")
            dates = {one.claim: one.as_of or "" for one in self.answer.claims}
            for one, other in _disputes(document):
                if one.claim in against.get(other.claim, ()) or other.claim in against.get(one.claim, ()):
                    texts |= {one.claim: one.value, other.claim: other.value}
                    found.append(_contradiction(one, other, dates))
            marked = (one for one in _overtaken(document) if one.claim in against.get(one.other, ()))
            found += marked
        return found, texts

    # The pages of its claims

    def _relate(self, path: str, title: str) -> None:
        """Let a page name the answer among what is related."""
        before = self.where.read(path) or ""
        document = sound(path, before)
        projection = topic.Projection(document, self.weaving.on(path), lambda _: None)
        lines = projection.lines([(self.file, title)])
        if lines == document.lines:
            return
        made = pages.parse(pages.join(document, pages.with_front(document, {"updated": self.date}, lines)))
        duty = losses.Duty(wanted=grounds.evidence_on(document), gone=(), barred=(), named=())
        losses.refuse(path, losses.on_topic(document, made, duty))
        self._write(path, before, made)

    # What happens

    def _write(
        self, path: str, before: str | None, made: pages.Document, projection: topic.Projection | None = None
    ) -> None:
        after = pages.render(made)
        if after != before:
            self.writes[path] = (before, after)
            self.made[path] = made
        told = projection.outcome if projection is not None else topic.Outcome()
        self.changes.append(
            Change(
                transaction="",
                path=path,
                title=made.title or pages.file_of(path),
                type=str(made.front_values.get("type", "")),
                op="unchanged" if after == before else "create" if before is None else "update",
                source="",
                before=transaction.digest(before),
                after=transaction.digest(after),
                added=told.added,
                united=told.united,
                superseded=sorted(set(told.superseded)),
                disputed=sorted(set(told.disputed)),
                retired=sorted(told.retired),
                moved=sorted(set(told.moved)),
                kept_edits=projection.edits(made) if projection is not None and before not in (None, after) else [],
            )
        )


def _disputes(document: pages.Document) -> Iterable[tuple[Entry, Entry]]:
    """Each two claims of a page that cannot both be so."""
    entries = Disputes(document).standing()
    for place, one in enumerate(entries):
        yield from ((one, other) for other in entries[place + 1 :] if other.label == one.label != other.claim)


def _contradiction(one: Entry, other: Entry, dates: Mapping[str, str]) -> Relation:
    is_pair = set(one.label.split()) == {one.claim, other.claim}
    return Relation(
        claim=other.claim, other=one.claim, relation="contradicts", attribute="" if is_pair else one.label,
        value="" if is_pair else other.value, date=dates.get(other.claim, ""), other_value="" if is_pair else one.value,
        other_date=dates.get(one.claim, ""),
    )  # fmt: skip


def _overtaken(document: pages.Document) -> Iterator[Relation]:
    """What has overtaken claims of a page, in the words of its marks."""
    for bullet in document.bullets:
        if bullet.section in SHOWN or "*(" not in bullet.text_md:
            continue
        for mark in pages.marks_in(bullet.text_md):
            words = pages.plain_of(mark.removeprefix("*(").removesuffix(")*"))
            for by in pages.claims_in_marks(mark):
                for id_ in bullet.claims:
                    yield Relation(claim=by, other=id_, relation="supersedes", value=words)
