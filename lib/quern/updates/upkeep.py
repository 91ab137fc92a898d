"""What the verbs share that keep pages in order (rename, unite, split): links that follow, one transaction, no loss.

Only pages that link to a page which goes elsewhere are read and written, so the size of the wiki does not count.
"""

from __future__ import annotations

import contextlib
import os
import posixpath
import re
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import orjson

from quern import journal, jsonl, names, pages, wiki
from quern.checks.references import heading_key
from quern.pages import Link, links, sections
from quern.program import Failure
from quern.provenance import page_called
from quern.records import Change, Operation
from quern.schema import Schema
from quern.updates import contents, grounds, transaction
from quern.updates.whereabouts import sound
from quern.vault import Vault, locked
from quern.wiki import Catalogue

# Sections of claims in which no sentence is a claim's own.
_NOTE = re.compile(r"\[\^[^\]\s]+\]")
_IN_LINKS = re.compile(r"[#^|\[\]%\\]")
_MADE = frozenset(sections.SHOWN)


@dataclass(slots=True)
class Upkeep:
    """A vault under the lock, as it is and as it will be: `writes` has (before, after) by path."""

    vault: Vault
    schema: Schema
    catalogue: Catalogue
    date: str
    writes: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)

    def asked(self, name: str) -> str:
        """The path of the page of this path, file name, title or alias. Raises Failure if there is none."""
        here = os.path.relpath(os.path.realpath(name), os.path.realpath(self.vault.root)).replace(os.sep, "/")
        path = page_called(self.catalogue, name, here)
        if path is None:
            raise Failure(f"no page of this path, file name, title or alias: {name}")
        if path in self.catalogue.indexes():
            raise Failure("is part of the index, which is made anew from the pages", path)
        return path

    def read(self, path: str) -> pages.Document:
        """A page, as this run has it by now. Raises Failure if it cannot be changed safely."""
        if path in self.writes:
            return pages.parse(self.writes[path][1] or "")
        try:
            return sound(path, self.vault.path(path).read_bytes().decode())
        except UnicodeDecodeError:
            raise Failure("not UTF-8: save it as UTF-8 and run again", path) from None

    def write(self, path: str, document: pages.Document | None) -> None:
        """Let a page be this one; None: let it go."""
        if path not in self.writes:
            there = self.vault.path(path).exists()
            self.writes[path] = (pages.render(self.read(path)) if there else None, None)
        self.writes[path] = (self.writes[path][0], None if document is None else pages.render(document))

    def repair(self, course: Course, but: Collection[str] = ()) -> None:
        """Lead the links of all pages elsewhere, but those of some. Raises Failure if that would change a word."""
        indexes = set(self.catalogue.indexes())
        linking = {path for old in course.moves for path in self.catalogue.backlinks(old)}
        for path in sorted(linking - set(course.moves) - indexes - set(but)):
            document = self.read(path)
            self.write(path, led(path, document, course.of(path)))

    def tell(self, path: str, op: Operation, document: pages.Document, **lists: Iterable[str]) -> None:
        """Note what happens to one page; `lists` are those of a change record."""
        self.changes.append(
            Change(
                transaction="",
                path=path,
                title=document.title or pages.file_of(path),
                type=str(document.front_values.get("type", "")),
                op=op,
                source="",
                before=None,
                after=None,
                **{name: sorted(set(ids)) for name, ids in lists.items()},
            )
        )

    def decide(
        self, verb: str, title: str, course: Course, was: Mapping[str, str], *, write: bool = True
    ) -> list[Change]:
        """Make it so, as one transaction whose log entry is still to be appended; returns what changed.

        `was`: where pages stood before, by their new path. If not `write`, nothing is made so, only told.
        """
        writes = {path: pair for path, pair in self.writes.items() if pair[0] != pair[1]}
        if not writes:
            return []
        told = {change.path for change in self.changes}
        for path in sorted(writes.keys() - told - set(was.values())):
            self.tell(path, "update", pages.parse(writes[path][1] or ""))
        rows = {path: None if after is None else wiki.page_row(path, after) for path, (_, after) in writes.items()}
        writes |= self._indexes(contents.updates(self.vault, self.catalogue, self.schema, rows), course)
        draft = transaction.draft(self.vault, verb, self.date, journal.agent(self.vault), writes)
        self.changes = [self._whole(change, draft.id, was.get(change.path)) for change in self.changes]
        records = [{"kind": "subject", "title": title}]
        records += [orjson.loads(jsonl.encode(change)) for change in self.changes]
        if write:
            transaction.carry_out(self.vault, draft, records)
        return self.changes

    def _indexes(
        self, made: Mapping[str, tuple[str | None, str | None]], course: Course
    ) -> dict[str, tuple[str | None, str | None]]:
        """The index files, with what people wrote in them leading where it should."""
        files = dict(made)
        for path in self.catalogue.indexes():
            if path not in files:
                text = self.vault.path(path).read_bytes().decode(errors="surrogateescape")
                files[path] = (text, text)
        for path, (before, after) in files.items():
            if after is not None:
                files[path] = (before, links.repair(after, pages.parse(after).links, course.of(path)))
        return {path: pair for path, pair in files.items() if pair[0] != pair[1]}

    def _whole(self, change: Change, id_: str, was: str | None) -> Change:
        before, after = self.writes.get(was or change.path, (None, None))[0], self.writes[change.path][1]
        return replace(change, transaction=id_, before=transaction.digest(before), after=transaction.digest(after))


@contextlib.contextmanager
def upkeep(vault: Vault, schema: Schema, date: str) -> Iterator[Upkeep]:
    """The vault, locked, with nothing unfinished in it."""
    with locked(vault), wiki.open(vault, fresh=False) as catalogue:
        if not transaction.finish(vault, catalogue):
            catalogue.refresh()
        yield Upkeep(vault, schema, catalogue, date)


def finish(vault: Vault) -> None:
    """Append the log entry that a verb has left to be appended."""
    with locked(vault):
        transaction.finish(vault)


class Course:
    """Where links lead from now on: the pages that `moves` names (old path, new path) are elsewhere.

    `headings`: how links name a heading from now on, by the old path of its page and what they knew it by.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        moves: Mapping[str, str],
        headings: Mapping[tuple[str, str], str] | None = None,
    ) -> None:
        self.moves = moves
        self._catalogue = catalogue
        self._headings = headings or {}

    def of(self, path: str) -> Callable[[Link], str | None]:
        """Where the links of the page lead that stands at `path` (before)."""
        return lambda link: self._target(link, path)

    def finds(self, link: Link, path: str) -> str | None:
        """The path of the page that a link on a page leads to, if it is one of the wiki's."""
        file = link.target.partition("#")[0].strip()
        if not file:
            return path
        near = _beside(file, path)
        row = self._catalogue.page(f"{near}.md") if link.markdown or _is_relative(file) else None
        if row is None:
            row = self._catalogue.page_by_file(_bare(file).lstrip("/"))
        return row.path if row is not None else None

    def _target(self, link: Link, path: str) -> str | None:
        found = self.finds(link, path)
        if found is None:
            return None
        here = self.moves.get(path, path)
        file, hash_, part = link.target.partition("#")
        if file.strip() and (found in self.moves or posixpath.dirname(here) != posixpath.dirname(path)):
            file = self._file(link, file, path, here, found)
        steps = (self._headings.get((found, heading_key(step)), step) for step in part.split("#"))
        return file + hash_ + "#".join(steps)

    def _file(self, link: Link, file: str, path: str, here: str, found: str) -> str:
        """The file part of a target, in the manner in which it was written: a name, a path, or a way from the page."""
        there = self.moves.get(found, found).removesuffix(".md")
        bare = _bare(file)
        end = file.strip()[len(bare) :]
        if (link.markdown or _is_relative(bare)) and names.fold(_beside(bare, path)) == names.fold(_bare(found)):
            way = posixpath.relpath(there, posixpath.dirname(here))
            return (f"./{way}" if bare.startswith("./") and not way.startswith(".") else way) + end
        steps = bare.lstrip("/").count("/") + 1
        lead = "/" if bare.startswith("/") else ""
        return lead + "/".join(there.split("/")[-steps:]) + end


def led(path: str, document: pages.Document, course: Callable[[Link], str | None]) -> pages.Document:
    """A page whose links lead elsewhere. Raises Failure if that changes more than where they lead."""
    quoting = quoted_lines(document)
    made = pages.parse(links.repair(pages.render(document), document.links, course, quoting))
    if document.items:
        made = _once(made)
    wrong = next(lost(document, made, quoting), None)
    if wrong is not None:
        raise Failure("a link cannot be led elsewhere without changing more than that; nothing is written", path, wrong)
    return made


def quoted_lines(document: pages.Document) -> set[int]:
    """The lines with sentences of ours, the words of which stay when a link in them leads elsewhere."""
    ours = {item.line for item in document.items}
    for bullet in document.bullets:
        if bullet.claims and (not bullet.edited or bullet.section in _MADE):
            ours |= set(range(bullet.line, bullet.end))
    lead = document.lead
    if lead is not None and document.front_values.get("lead") == pages.lead_hash(lead.text):
        ours |= set(range(lead.start, lead.end))
    return ours | {ref.line for ref in document.refs if document.lines[ref.line].lstrip().startswith("|")}


def _once(document: pages.Document) -> pages.Document:
    """A source page on which each claim names a page that it went to once."""
    lines = list(document.lines)
    for item in document.items:
        if item.evidence_line is not None and len(set(item.pages)) < len(item.pages):
            head, arrow, _ = lines[item.evidence_line].rpartition(" → ")
            shown = [link for link in pages.links_in(lines[item.evidence_line]) if link.start >= len(head)]
            first = {link.file: lines[item.evidence_line][link.start : link.end] for link in reversed(shown)}
            lines[item.evidence_line] = head + arrow + ", ".join(first[file] for file in dict.fromkeys(item.pages))
    return document if lines == document.lines else pages.parse(pages.join(document, lines))


def lost(before: pages.Document, after: pages.Document, quoting: Container[int]) -> Iterator[int]:
    """The lines (as people count) in which something other than where links lead is not as it was."""
    had, has = ([(bullet.line, bullet.edited) for bullet in document.bullets] for document in (before, after))
    yield from (line + 1 for (line, was), (_, is_) in zip(had, has, strict=False) if was != is_)
    if len(before.lines) != len(after.lines):
        yield 1
        return
    targets = {item.evidence_line for item in before.items}
    for number, (old, new) in enumerate(zip(before.lines, after.lines, strict=True)):
        words = pages.plain_of if number in quoting else _words
        if old != new and number not in targets and (words(old), _cited(old)) != (words(new), _cited(new)):
            yield number + 1
    for one, other in zip(before.items, after.items, strict=False):
        if (one.id, one.text, *one[2:8]) != (other.id, other.text, *other[2:8]) or len(set(other.pages)) > len(
            set(one.pages)
        ):
            yield one.line + 1


def _cited(line: str) -> list[str]:
    return _NOTE.findall(line)


def _words(line: str) -> str:
    """A line without where its links lead; a link without words of its own shows just that."""
    pieces, at = [], 0
    for link in pages.links_in(line):
        has_words = link.markdown or "|" in line[link.start : link.end]
        pieces += [line[at : link.start], "\0", link.text if has_words else ""]
        at = link.end
    return "".join(pieces) + line[at:]


def heading(document: pages.Document) -> str | None:
    """The words of the heading that the title stands in, if there is one."""
    return next((section.title for section in document.sections if section.start == document.title_line), None)


def anchor(title: str) -> str:
    """A heading as a link names it: without what would end the link, or the name."""
    return " ".join(_IN_LINKS.sub(" ", title).split())


def orders(catalogue: Catalogue, ids: Iterable[str]) -> dict[str, grounds.Order]:
    """Where claims stand among the others of a page, as far as their source pages tell."""
    found: dict[str, grounds.Order] = {}
    for told in catalogue.told(ids):
        item = told.item
        found.setdefault(item.id, grounds.order(item.role, item.as_of, told.slug, item.place))
    return found


def _bare(file: str) -> str:
    file = file.strip()
    return file[:-3] if file[-3:].lower() == ".md" else file


def _is_relative(file: str) -> bool:
    return file.startswith(("./", "../"))


def _beside(file: str, path: str) -> str:
    """A target as a way from the page at `path`, without `.md`."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), _bare(file)))
