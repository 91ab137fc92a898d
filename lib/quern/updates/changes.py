"""What one source does to the wiki: its records in, every file's new text and a loss report out.

Nothing is written here: `plan` reads the wiki as it is and says what it would become,
`transaction` makes it so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from quern import freshness, names, pages, wiki
from quern.records import Add, Change, Operation, Page, Relation, Source
from quern.schema import Schema
from quern.updates import grounds, latecomers, losses, properties, topic, transaction
from quern.updates.batches import Batch
from quern.updates.ledger import Ledger
from quern.updates.restating import Restating
from quern.updates.rewording import Instead, Rewording
from quern.updates.weaving import Weaving
from quern.updates.whereabouts import Whereabouts, sound
from quern.vault import Vault
from quern.wiki import Catalogue, PageRow


@dataclass(frozen=True, slots=True)
class Plan:
    """Every file that changes, as (before, after) and as the page it becomes, and what happened on each page."""

    writes: dict[str, tuple[str | None, str | None]]
    made: dict[str, pages.Document]
    changes: list[Change]

    @property
    def rows(self) -> dict[str, PageRow]:
        """The pages as the catalogue will list them."""
        return {path: wiki.row_of(path, document) for path, document in self.made.items()}


def plan(batch: Batch, vault: Vault, catalogue: Catalogue, date: str, schema: Schema) -> Plan:
    """What the wiki becomes when a source is merged into it.

    Raises Failure if a page cannot be changed safely (merge-conflict marks, broken front matter, not UTF-8)
    or if anything would get lost that the loss report (see `losses`) guards.
    """
    return _Planner(batch, vault, catalogue, date, schema).plan()


class _Planner:
    """The wiki as it is, and as it becomes, while one source is planned."""

    def __init__(self, batch: Batch, vault: Vault, catalogue: Catalogue, date: str, schema: Schema) -> None:
        self.batch, self.vault, self.catalogue, self.date = batch, vault, catalogue, date
        self.schema = schema
        self.source = batch.source
        self.where = Whereabouts(batch, vault, catalogue)
        self.source_id = self.where.source_id
        self.writes: dict[str, tuple[str | None, str | None]] = {}
        self.made: dict[str, pages.Document] = {}
        self.changes: list[Change] = []
        self.orders: dict[str, grounds.Order] = {}
        self.weaving = Weaving(catalogue)
        self.instead = Instead(batch.claims)

    def plan(self) -> Plan:
        """Every page that the source touches, then every source page."""
        own = self.where.ledger(self.source_id) if self.source is not None else None
        told = ((self.where.path_of(page), page) for page in sorted(self.batch.pages, key=lambda page: page.path))
        operations = {path: self.where.as_told_now(page, path) for path, page in told}
        for path in [path for path in operations if self.where.deleted_by_a_person(path, operations[path])]:
            self.withhold(path, operations.pop(path))
        for path, page in operations.items():
            if not self.vault.path(path).exists():
                self.weaving.know(path, (page.title, *page.aliases_add))
        gone: list[str] = []
        retired: dict[str, set[tuple[str, str]]] = {}
        if own is not None and self.source is not None:
            is_changed = own.sha256 not in (None, self.source.sha256)
            gone = own.missing(self.batch.claims) if is_changed else own.replaced(self.instead.by)
            for id_ in gone:
                for path in self.where.standing(own.targets(id_)):
                    retired.setdefault(path, set()).add((id_, own.slug))
        for path in sorted({*operations, *retired}):
            self.change_topic(path, operations.get(path), retired.get(path, set()))
        self.follow_in_answers()
        if own is not None and self.source is not None:
            self.fill_own_ledger(self.source, own, gone)
        for _, standing in sorted(self.where.ledgers.items()):
            self.change_ledger(standing)
        return Plan(self.writes, self.made, self.changes)

    def follow_in_answers(self) -> None:
        """Let kept answers follow their claims: to other places, and where one is not as it was, to being outdated."""
        from quern.updates import filing

        ids = {i for one in self.changes for i in (*one.superseded, *one.disputed, *one.restated, *one.retired)}
        for path, standing, made in filing.followed(self.catalogue, ids, self.made, self.where):
            before = self.writes[path][0] if path in self.writes else pages.render(standing)
            after = pages.render(made)
            if path not in self.writes and after != before:
                told = self.change(path, made.title or pages.file_of(path), "answer", (before, after))
                self.changes.append(told)
            elif path in self.writes:
                digest = transaction.digest(after)
                self.changes = [replace(one, after=digest) if one.path == path else one for one in self.changes]
            if after != before:
                self.writes[path], self.made[path] = (before, after), made

    # Topic pages

    def change_topic(self, path: str, page: Page | None, gone: set[tuple[str, str]]) -> None:
        """Bring one page up to date; a page whose claims do not change is not written."""
        before = self.where.read(path)
        if before is not None:
            document = sound(path, before)
        elif page is not None:
            document = pages.new_page(properties.new(page, self.date), page.title)
        else:
            return
        had = grounds.evidence_on(document)
        self.order_claims(document)
        page, by = self.with_restated(page, document, path, gone)
        said, told = self.restated(document, page, path, by, gone)
        projection = topic.Projection(said, self.weaving.on(path), self.orders.get)
        for key in sorted(gone & projection.noted()):
            projection.retire(key)
        projection.outcome.retired = [id_ for id_ in projection.outcome.retired if id_ not in by]
        projection.outcome.restated = sorted({*told, *by})
        withheld = self.put(projection, page, path, had) if page else []
        made = self.document(projection, page, path, is_touched=before is None or said is not document)
        losses.refuse(path, losses.on_topic(document, made, self.duty(page, path, had, gone, projection.outcome)))
        after = pages.render(made)
        if after != before:
            self.writes[path] = (before, after)
            self.made[path] = made
        self.changes.append(self.topic_change(path, before, after, projection, withheld))

    def with_restated(
        self, page: Page | None, document: pages.Document, path: str, gone: set[tuple[str, str]]
    ) -> tuple[Page | None, dict[str, list[str]]]:
        """The operation on a page, with what is restated there, and which claims stand in place of those that go."""
        had = grounds.evidence_on(document)
        told = page or Page(
            path=path,
            title=document.title or pages.file_of(path),
            type=str(document.front_values.get("type", "")),
            source=self.source_id,
        )
        sent = {add.claim for add in told.adds}
        adds = {new: Add(claim=new, source=self.source_id) for new in self.instead.claims()}
        barred = {new for new, add in adds.items() if self.where.is_withheld(add, told, path, had)}
        by = self.instead.of({id_ for id_, _ in gone & had}, sent, barred)
        more = dict.fromkeys(adds[new] for found in by.values() for new in found if new not in sent)
        return (replace(told, adds=[*told.adds, *more]) if more else page), by

    def restated(
        self,
        document: pages.Document,
        page: Page | None,
        path: str,
        by: Mapping[str, list[str]],
        gone: set[tuple[str, str]],
    ) -> tuple[pages.Document, list[str]]:
        """The page, and the claims that say there in their own words what another one said that goes now."""
        had = grounds.evidence_on(document)
        kept = {id_ for id_, _ in had - gone}
        going = {id_ for id_, _ in gone & had} - kept
        if not going:
            return document, []
        same = {told.claim: told.other for told in (page.relations if page else ()) if told.relation == "same"}
        new: dict[str, list[grounds.Evidence]] = {}
        for id_ in sorted(going & by.keys()):
            # What stands there as it is, or as another says it, needs no place.
            homeless = [claim for claim in by[id_] if claim not in kept and same.get(claim) not in kept]
            if homeless:
                new[id_] = [self.where.evidence(Add(claim=claim, source=self.source_id)) for claim in homeless]
        said = Rewording(document, new, self.weaving.on(path)).reworded()
        return Restating(self.catalogue, self.source_id, going).restated(said, pages.file_of(path))

    def put(self, projection: topic.Projection, page: Page, path: str, had: set[tuple[str, str]]) -> list[str]:
        """Put an operation's claims on a page; returns those that a person has taken off it before."""
        file, withheld, adds = pages.file_of(path), [], []
        for add in page.adds:
            evidence = self.where.evidence(add)
            self.orders.setdefault(add.claim, evidence.order)
            if self.where.is_withheld(add, page, path, had):
                withheld.append(add.claim)
                projection.refresh(evidence)
            else:
                adds.append(evidence)
            self.where.ledger(add.source).send(add.claim, file, page.title)
        new = [evidence.claim for evidence in adds]
        late = latecomers.unseen(self.catalogue, self.schema, self.source, page, path, projection.claims(), new)
        relations = [*page.relations, *late]
        same = {relation.claim: relation.other for relation in relations if relation.relation == "same"}
        for evidence in adds:
            # The old words stay where another source says them, too.
            for old in evidence.claim.restates if evidence.claim.source == self.source_id else ():
                if old in projection.claims():
                    same.setdefault(evidence.claim.id, old)
        fresh = {evidence.claim.id for evidence in adds if evidence.key not in had}
        for evidence in sorted(adds, key=lambda evidence: evidence.order):
            projection.add(evidence, same)
        projection.relate(relations, self.texts(path, relations), fresh)
        summary = self.batch.summaries.get(page.path)
        covers = pages.covers_hash(projection.claims())
        is_meant = page.covers in ("", covers) and covers != projection.document.front_values.get("lead_of")
        if summary is not None and is_meant:
            projection.set_lead(summary)
        elif is_meant and page.covers and not page.shown:
            # Of what stands there nothing may be said in a lead: to have none is to be up to date.
            projection.lead_taken = projection.lead_is_ours()
        return sorted(withheld)

    def texts(self, path: str, relations: Iterable[Relation]) -> dict[str, str]:
        """The words of the claims that contradict each other without a figure, as the page has them."""
        wanted = {id_ for rel in relations if rel.relation == "contradicts" for id_ in (rel.claim, rel.other)}
        told = {told.item.id: told.item.text for told in self.catalogue.told(wanted)}
        told |= {id_: self.batch.claims[id_].text for id_ in wanted & self.batch.claims.keys()}
        return told | self.catalogue.edited(path)

    def duty(
        self, page: Page | None, path: str, had: set[tuple[str, str]], gone: set[tuple[str, str]], told: topic.Outcome
    ) -> losses.Duty:
        """What this run owes to a page, asked of the records and not of what was made of them."""
        keys = {(add.claim, self.where.ledger(add.source).slug): add for add in page.adds} if page else {}
        owed = set(keys)
        barred = {key for key, add in keys.items() if page and self.where.is_withheld(add, page, path, had)}
        named, apart = {*told.retired, *told.moved, *told.restated}, told.disagrees
        return losses.Duty(
            wanted=owed - barred, gone=gone & had, barred=barred, named=named, instead=self.instead.by, unreviewed=apart
        )

    def document(
        self, projection: topic.Projection, page: Page | None, path: str, *, is_touched: bool
    ) -> pages.Document:
        """The page as it will be: as it was to the byte, if nothing is changed."""
        document = projection.document
        # A source that is read again and says nothing new has nothing to relate, whatever pages there are by now.
        lines = projection.lines(self.related(path, page) if page and projection.outcome.added else [])
        front = properties.called(document, page.aliases_add if page else [])
        covers = pages.covers_hash(projection.claims())
        is_news = projection.lead_taken and covers != document.front_values.get("lead_of")
        status = document.front_values.get("status")
        is_settled = status == "contested" and not projection.is_contested
        if lines == document.lines and not (front or is_touched or is_news or is_settled):
            # Time alone changes a page only where that is asked for, and not because a source is read again.
            is_asked = page is not None and not page.adds
            return freshness.dated(document, self.schema.pages.fresh_for, self.date) if is_asked else document
        front |= properties.counted(projection.evidence(), self.orders, self.date)
        if projection.is_contested:
            front["status"] = "contested"
        elif status == "contested" or (status == "incomplete" and not grounds.evidence_on(document)):
            front["status"] = "current"
        if projection.outcome.disagrees:
            front[properties.REVIEWED] = None
        if projection.lead_written:
            front["lead"] = projection.lead_hash()
        if projection.lead_taken:
            front["lead_of"] = covers
        made = pages.parse(pages.join(document, pages.with_front(document, front, lines)))
        return freshness.dated(made, self.schema.pages.fresh_for, self.date)

    def topic_change(
        self, path: str, before: str | None, after: str, projection: topic.Projection, withheld: list[str]
    ) -> Change:
        told, document = projection.outcome, projection.document
        return self.change(
            path,
            document.title or pages.file_of(path),
            str(document.front_values.get("type", "")),
            (before, after),
            added=told.added,
            united=told.united,
            superseded=sorted(set(told.superseded)),
            disputed=sorted(set(told.disputed)),
            restated=told.restated,
            retired=sorted(told.retired),
            moved=sorted(set(told.moved)),
            withheld=withheld,
            kept_edits=projection.edits(self.made[path]) if before != after else [],
            unreviewed=properties.reviewers(document) if told.disagrees else [],
        )

    def withhold(self, path: str, page: Page) -> None:
        """A page that a person deleted stays away; its claims stay on their source pages."""
        ids = sorted({add.claim for add in page.adds})
        for add in page.adds:
            self.where.ledger(add.source).send(add.claim, pages.file_of(path), page.title)
        self.changes.append(self.change(path, page.title, page.type, (None, None), withheld=ids))

    def change(
        self, path: str, title: str, type_: str, texts: tuple[str | None, str | None], **told: list[str]
    ) -> Change:
        """The record of what becomes of one page: its text before and after, and what is told of its claims."""
        before, after = texts
        op: Operation = "unchanged" if before == after else "create" if before is None else "update"
        return Change(
            transaction="",
            path=path,
            title=title,
            type=type_,
            op=op,
            source=self.source_id,
            before=transaction.digest(before),
            after=transaction.digest(after),
            **told,
        )

    def order_claims(self, document: pages.Document) -> None:
        """Find out where the claims of a page stand among each other, all at once: a page may have many."""
        for told in self.catalogue.told(set(document.claims) - self.orders.keys()):
            item = told.item
            self.orders.setdefault(item.id, grounds.order(item.role, item.as_of, told.slug, item.place))

    def related(self, path: str, page: Page) -> list[tuple[str, str]]:
        """The other pages that claims of this page went to as well, from this source."""
        ids = {add.claim for add in page.adds}
        shared = {
            self.where.path_of(other): other.title
            for other in self.batch.pages
            if other.path != page.path and not ids.isdisjoint(add.claim for add in other.adds)
        }
        there = [other for other in sorted(shared) if self.vault.path(other).exists() or self.weaving.knows(other)]
        return [(pages.file_of(other), shared[other]) for other in there if other != path]

    # Source pages

    def fill_own_ledger(self, source: Source, own: Ledger, gone: list[str]) -> None:
        if own.sha256 == source.sha256 and not self.batch.claims:
            own.move(source, self.date)
            return
        summary = self.batch.summaries.get(source.id)
        for id_ in gone:
            off = [file for file in own.targets(id_) if id_ not in self.where.claims_on(file)]
            for new in self.instead.by.get(id_, ()):
                # What a person has taken off a page stays off it in other words.
                for file in off:
                    own.send(new, file, file)
        own.take(source, list(self.batch.claims.values()), summary, self.date, self.batch.reader())
        own.retire(gone)
        own.leave(self.batch.unread)
        own.wait(self.batch.candidates)
        named = {names.normal(name) for page in self.batch.pages for name in (page.title, *page.aliases_add)}
        for id_ in {row.source for key in named for row in self.catalogue.candidates(key)} | {source.id}:
            self.where.ledger(id_).promote(named)

    def change_ledger(self, standing: Ledger) -> None:
        before, after = standing.before, standing.text()
        if before != after:
            made = pages.parse(after)
            if standing.document is not None:
                losses.refuse(standing.path, losses.on_ledger(standing.document, made, standing.gone))
            self.writes[standing.path] = (before, after)
            self.made[standing.path] = made
        elif standing.source_id != self.source_id:
            return
        told = {"added": standing.gained, "restated": standing.restated, "retired": standing.retired}
        told["unread"] = standing.refused()
        self.changes.append(self.change(standing.path, standing.title, "source", (before, after), **told))
