"""A source taken back: exactly its evidence goes, and with it what rested on nothing else.

No model is asked, and nothing is judged anew: what other sources say stands as it stood.
The raw file stays, since it is evidence and not ours; once retracted it is a source that has never been read.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property

import orjson

from quern import freshness, journal, jsonl, names, pages, wiki
from quern.pages import links, sections
from quern.pages.edits import Edits
from quern.program import Failure
from quern.records import Change, Source
from quern.schema import Schema
from quern.updates import contents, grounds, handwriting, losses, topic, transaction
from quern.updates.restating import Restating
from quern.updates.whereabouts import sound
from quern.vault import Vault, locked
from quern.wiki import Catalogue, SourceRow

INCOMPLETE, CONTESTED = "incomplete", "contested"
_OURS = (freshness.CURRENT, freshness.STALE, CONTESTED)


def retract(vault: Vault, schema: Schema, date: str, name: str) -> list[Source | Change]:
    """Take back a source; returns its record and what changed, or nothing if it is not in the wiki.

    It is one transaction (see `transaction`), whose log entry is left to logappend, or to the next program that writes.
    Raises Failure, with nothing written, if the name is that of no source or of several, or if anything that a person
    wrote would get lost.
    """
    with locked(vault):
        transaction.finish(vault)
        with wiki.open(vault) as catalogue:
            row = find(vault, catalogue, name)
            return [] if row is None else _Retraction(vault, catalogue, schema, date, row).done()


def find(vault: Vault, catalogue: Catalogue, name: str) -> SourceRow | None:
    """The source with this path, source page, slug, id or title; None for a file of raw/ that is not in the wiki.

    Raises Failure if there is none, or more than one of that title.
    """
    if not name.strip():
        raise Failure("which source? for example: make retract SRC=raw/NAME.md")
    paths = list(
        dict.fromkeys(filter(None, (_relative(vault, os.path.join(vault.root, name)), _relative(vault, name))))
    )
    for path in paths:
        row = catalogue.source_by_path(path) or catalogue.source_by_page(path)
        if row is not None:
            return row
    row = catalogue.source_by_slug(name) or catalogue.source_by_id(name)
    if row is not None and name in (row.slug, row.id):
        return row
    called = [other for other in catalogue.sources() if names.normal(other.title) == names.normal(name) or other == row]
    if len(called) > 1:
        slugs = ", ".join(other.slug for other in called)
        raise Failure(f"{len(called)} sources have this title: name one of {slugs}", name)
    if not called and not any(path.startswith("raw/") and vault.path(path).is_file() for path in paths):
        raise Failure("no such source: give its path in raw/, or the name, id or title of its page", name)
    return called[0] if called else None


def _relative(vault: Vault, path: str) -> str | None:
    """A path as records name it; None outside the vault."""
    found = os.path.relpath(os.path.abspath(path), os.path.abspath(vault.root)).replace(os.sep, "/")
    return None if found == ".." or found.startswith("../") else found


class _Page:
    """A topic page without the evidence of a source."""

    def __init__(self, path: str, before: str, document: pages.Document) -> None:
        self.path, self.before, self.was = path, before, document
        self.document = document
        self.retracted: set[str] = set()
        self.restated: list[str] = []
        self.edits: list[str] = []
        self.unlinked: set[str] = set()


class _Retraction:
    """The wiki as it is, and as it becomes without one source."""

    def __init__(self, vault: Vault, catalogue: Catalogue, schema: Schema, date: str, row: SourceRow) -> None:
        self.vault, self.catalogue, self.schema, self.date = vault, catalogue, schema, date
        self.row = row
        self.pages: dict[str, _Page] = {}
        self.ledgers: dict[str, tuple[str, str]] = {}
        self.deleted: set[str] = set()

    def done(self) -> list[Source | Change]:
        """Decide and apply it. The caller holds the lock."""
        self.check_ledger()
        for path in self.topics(self.row.slug):
            self.shrink(self.page(path))
        self.deleted = {path for path, page in self.pages.items() if self.is_spent(page)}
        for path in sorted(self.deleted):
            self.unlink_everywhere(pages.file_of(path))
        for path, page in sorted(self.pages.items()):
            if path not in self.deleted:
                self.settle(page)
        return self.write()

    # The source page

    @cached_property
    def ledger(self) -> tuple[str, pages.Document]:
        text = self.read(self.row.page)
        return text, sound(self.row.page, text)

    def check_ledger(self) -> None:
        """The source page goes, and nothing of a person's may go with it."""
        line = handwriting.on_ledger(self.ledger[1])
        if line is not None:
            message = "a person wrote this, and the source page goes: move it to another page, then retract again"
            raise Failure(f"{message}; nothing is written", self.row.page, line)

    def source(self) -> Source:
        row = self.row
        return Source(id=row.id, slug=row.slug, path=row.path, sha256=row.sha256, title=row.title)

    # Topic pages

    def topics(self, file: str) -> list[str]:
        """The topic pages that link to a file."""
        rows = [row for path in self.catalogue.backlinks(file) if (row := self.catalogue.page(path)) is not None]
        return [row.path for row in rows if row.type not in (contents.SOURCE, "index")]

    def page(self, path: str) -> _Page:
        if path not in self.pages:
            text = self.read(path)
            self.pages[path] = _Page(path, text, sound(path, text))
        return self.pages[path]

    def read(self, path: str) -> str:
        """The text of a page. Raises Failure if it is not UTF-8."""
        try:
            return self.vault.path(path).read_bytes().decode()
        except UnicodeDecodeError:
            raise Failure("not UTF-8: save it as UTF-8 and run again", path) from None

    def shrink(self, page: _Page) -> None:
        """Take the source's evidence off a page, and whatever speaks of claims that then have none."""
        slug = names.fold(self.row.slug)
        notes = page.was.footnotes.values()
        keys = {(note.id, p.slug) for note in notes for p in note.places if names.fold(p.slug) == slug}
        if not keys:
            del self.pages[page.path]
            return
        page.retracted = {id_ for id_, _ in keys}
        gone = {note.id for note in notes if note.places and all(names.fold(p.slug) == slug for p in note.places)}
        restating = Restating(self.catalogue, self.row.id, gone)
        document, page.restated = restating.restated(page.was, pages.file_of(page.path))
        document = self.unrelated(page, document)
        projection = topic.Projection(document, lambda text, _: text, lambda _: None)
        page.edits = projection.edits()
        for key in sorted(keys):
            projection.retire(key)
        lines = _tidy(document, projection.lines([]))
        front = self.counts(projection.evidence())
        made = pages.parse(pages.join(document, lines))
        # Where ours is gone, a person's paragraph below it is the lead now: as the old stamp says, it is not ours.
        if projection.lead_written and (projection.lead_hash() is not None or made.lead is None):
            front["lead"] = projection.lead_hash()
        if not projection.claims():
            front["lead_of"] = None
        status = document.front_values.get("status")
        if not projection.evidence() and status in _OURS:
            front["status"] = INCOMPLETE
        elif status == CONTESTED and not projection.is_contested:
            front["status"] = freshness.CURRENT
        page.document = pages.parse(pages.join(document, pages.with_front(document, front, lines)))

    def counts(self, evidence: set[tuple[str, str]]) -> dict[str, pages.Value]:
        ids = {id_ for id_, _ in evidence}
        dates = [told.item.as_of for told in self.catalogue.told(ids) if told.source != self.row.id and told.item.as_of]
        return {
            "updated": self.date,
            "as_of": max(dates, default=None),
            "sources": len({slug for _, slug in evidence}),
            "claims": len(ids),
        }

    def related(self, file: str) -> tuple[set[str], set[str]]:
        """The files to which Related leads on a page: because of this source, and because of any other."""
        own: set[str] = set()
        others: set[str] = set()
        for path in self.catalogue.backlinks(file):
            row, sheet = self.catalogue.source_by_page(path), self.catalogue.sheet(path)
            for item in sheet.items if row is not None and sheet is not None else ():
                files = {links.target_file(target) for target in item.pages}
                if file in files:
                    (own if path == self.row.page else others).update(files - {file})
        return own, others

    def unrelated(self, page: _Page, document: pages.Document) -> pages.Document:
        """The page without the links under Related that only this source gave it."""
        own, others = self.related(pages.file_of(page.path))
        return _without_related(page, document, own - others)

    def is_spent(self, page: _Page) -> bool:
        """Whether nothing is left of a page: no evidence, and nothing that a person wrote."""
        if grounds.evidence_on(page.document):
            return False
        own, others = self.related(pages.file_of(page.path))
        return handwriting.on_topic(page.document, own | others) is None

    # Links to pages that go

    def unlink_everywhere(self, file: str) -> None:
        """Let nothing of ours lead to a page that goes: sentences keep their words, lists lose a line or a link."""
        for path in self.catalogue.backlinks(file):
            row = self.catalogue.page(path)
            if row is None or row.type == "index" or path in (*self.deleted, self.row.page):
                continue
            if row.type == contents.SOURCE:
                self.forget(path, file)
            else:
                page = self.page(path)
                page.document = self.unlinked(_without_related(page, page.document, {file}))

    def unlinked(self, document: pages.Document) -> pages.Document:
        """A page whose own sentences lead to no page that goes, nor the links that were woven into what people
        changed since; links of theirs stay as they are.
        """
        edits, ours = Edits(document.lines), _own_lines(document)
        for number in {link.line for link in document.links if self.gone(link) is not None}:
            edits.replace(number, self.without_links(document.lines[number], all_=number in ours))
        return _edited(document, edits)

    def without_links(self, line: str, *, all_: bool) -> str:
        """A line without links to pages that go, or without those that are as they are woven."""
        for link in reversed(pages.links_in(line)):
            row = None if link.markdown or link.embed else self.gone(link)
            if row is None or not (all_ or _is_woven(link, line, row)):
                continue
            target, bar, words = line[link.start + 2 : link.end - 2].partition("|")
            plain = line[: link.start] + (words if bar else target) + line[link.end :]
            if pages.plain_of(plain) == pages.plain_of(line):
                line = plain
        return line

    def gone(self, link: pages.Link) -> wiki.PageRow | None:
        """The page that a link leads to, if it goes."""
        row = self.catalogue.page_by_file(link.target.partition("#")[0])
        return row if row is not None and row.path in self.deleted else None

    def forget(self, path: str, file: str) -> None:
        """Let another source page forget a page that goes: else it would count as deleted by a person."""
        before = self.ledgers.get(path, (self.read(path), ""))[0]
        document = sound(path, self.ledgers[path][1] if path in self.ledgers else before)
        edits = Edits(document.lines)
        for item in document.items:
            if item.evidence_line is not None and file in map(links.target_file, item.pages):
                edits.replace(item.evidence_line, _without_target(document.lines[item.evidence_line], file))
        self.ledgers[path] = (before, pages.render(_edited(document, edits)))

    # The whole

    def settle(self, page: _Page) -> None:
        """The status of a page that stays, and the loss report."""
        document = page.document
        if page.document is page.was:
            return
        page.document = freshness.dated(
            pages.set_front(document, {"updated": self.date}), self.schema.pages.fresh_for, self.date
        )
        gone = {key for key in grounds.evidence_on(page.was) if names.fold(key[1]) == names.fold(self.row.slug)}
        duty = losses.Duty(wanted=(), gone=gone, barred=(), named=page.retracted, unlinked=page.unlinked)
        losses.refuse(page.path, losses.on_topic(page.was, page.document, duty))

    def write(self) -> list[Source | Change]:
        """The transaction: pages, source pages, index and log entry."""
        after: dict[str, tuple[str | None, str | None]] = {self.row.page: (self.ledger[0], None)}
        for path, page in self.pages.items():
            after[path] = (page.before, None if path in self.deleted else pages.render(page.document))
        for path, (before, text) in self.ledgers.items():
            files = {pages.file_of(gone) for gone in self.deleted}
            losses.refuse(path, losses.on_ledger(pages.parse(before), pages.parse(text), (), files))
            after[path] = (before, text)
        writes = {path: texts for path, texts in after.items() if texts[0] != texts[1]}
        rows = {path: None if text is None else wiki.page_row(path, text) for path, (_, text) in writes.items()}
        changes = [
            self.change(path, *writes[path]) for path in sorted(writes, key=lambda path: (path in self.ledgers, path))
        ]
        writes |= contents.updates(self.vault, self.catalogue, self.schema, rows)
        draft = transaction.draft(self.vault, "retract", self.date, journal.agent(self.vault), writes)
        told: list[Source | Change] = [self.source(), *(replace(change, transaction=draft.id) for change in changes)]
        records = [orjson.loads(jsonl.encode(record)) for record in told]
        transaction.carry_out(self.vault, draft, records)
        return told

    def change(self, path: str, before: str | None, after: str | None) -> Change:
        document = pages.parse(after or before or "")
        page = self.pages.get(path)
        retracted = page.retracted if page else (item.id for item in self.ledger[1].items if path == self.row.page)
        return Change(
            transaction="",
            path=path,
            title=document.title or pages.file_of(path),
            type=str(document.front_values.get("type", "")),
            op="update" if after is not None else "delete",
            source=self.row.id,
            before=transaction.digest(before),
            after=transaction.digest(after),
            retracted=sorted(retracted),
            restated=page.restated if page else [],
            kept_edits=page.edits if page and after is not None else [],
        )


def _without_related(page: _Page, document: pages.Document, files: Iterable[str]) -> pages.Document:
    """The page without links to these files under Related; with the last one the section goes."""
    section = document.section(sections.RELATED)
    files = set(files)
    if section is None or not files:
        return document
    edits = Edits(document.lines)
    for number in range(section.start + 1, section.end):
        line = document.lines[number]
        found = handwriting.links_of(line) or []
        kept = [line[link.start : link.end] for link in found if link.file not in files]
        if len(kept) < len(found):
            page.unlinked |= {link.file for link in found} & files
            if kept:
                edits.replace(number, handwriting.related_md(kept))
            else:
                edits.remove(number)
    if page.unlinked and edits.blank(section.start + 1, section.end):
        edits.remove(section.start, section.end)
    return _edited(document, edits)


def _own_lines(document: pages.Document) -> set[int]:
    """The lines of sentences that are as they were written here."""
    ours = {n for b in document.bullets if b.claims and not b.edited for n in range(b.line, b.end)}
    lead, stamp = document.lead, document.front_values.get("lead")
    is_ours = lead is not None and stamp == pages.lead_hash(lead.text)
    return ours | set(range(lead.start, lead.end)) if lead is not None and is_ours else ours


def _is_woven(link: pages.Link, line: str, row: wiki.PageRow) -> bool:
    """Whether a link is as `links.weave` writes it: with words of its own, which are a name of the page."""
    called = (row.title, *row.aliases, row.file)
    return "|" in line[link.start : link.end] and names.normal(link.text) in map(names.normal, called)


def _without_target(line: str, file: str) -> str:
    """The evidence of a claim on a source page without this page among those that it went to."""
    found = pages.links_in(line[line.rindex(" → ") + 3 :])
    at = line.rindex(" → ")
    kept = [line[at + 3 :][link.start : link.end] for link in found if link.file != file]
    return line[:at] + (f" → {', '.join(kept)}" if kept else "")


def _tidy(document: pages.Document, lines: list[str]) -> list[str]:
    """Lines without our headings under which nothing is left, and the blank ones about what is there no more."""
    made = pages.parse(pages.join(document, lines))
    edits, at = Edits(lines), made.title_line + 1
    for section in made.sections:
        if section.title in handwriting.HEADINGS and edits.blank(section.start + 1, section.end):
            edits.remove(section.start, section.end)
    if document.lead is not None and made.lead is None and not "".join(lines[at : at + 2]).strip():
        edits.remove(at)
    kept = edits.result()
    while document.footnotes and not made.footnotes and len(kept) > 2 and not (kept[-1].strip() or kept[-2].strip()):
        kept.pop()
    return kept


def _edited(document: pages.Document, edits: Edits) -> pages.Document:
    lines = edits.result()
    return document if lines == document.lines else pages.parse(pages.join(document, lines))
