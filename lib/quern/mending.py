"""What of that which lint found can be put right without deciding anything, and how.

Links to a page that has another name or another place by now, names in our sentences that are no links yet, numbers in
front matter. What is wrong in the index, `index` puts right. All else is a person's to decide, and is passed on; no
page is made up, and no word of a person's changed but where a link of theirs leads.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache

from quern import journal, names, pages
from quern.checks.listing import INDEX_FIX
from quern.checks.view import View
from quern.jsonl import Row
from quern.pages import links, sections
from quern.program import warn
from quern.records import Finding, Mend
from quern.schema import Schema
from quern.vault import Vault
from quern.wiki import Catalogue

_LINKS = frozenset(("broken-link", "missing-embed"))
_RENAMED = " -> "


def mend(rows: Iterable[Row], vault: Vault, catalogue: Catalogue, schema: Schema) -> Iterator[Row | Mend]:
    """The rows as they come, with mend records in place of the findings that these put right; says what was left."""
    workshop = Workshop(vault, catalogue, schema)
    done, by_index, left = 0, 0, Counter[str]()
    for row in rows:
        if row.kind != "finding":
            yield row
            continue
        finding = row.to(Finding)
        if finding.fix == INDEX_FIX:
            by_index += 1
            continue
        found = list(workshop.mends(finding))
        done += bool(found)
        yield from found
        if not found:
            left[finding.code] += 1
            yield row
    told = ", ".join(f"{code} {number}" for code, number in sorted(left.items()))
    if done or by_index or left:
        warn(f"{done} for merge to mend, {by_index} for index; left: {told or 'nothing'}")


class Workshop:
    """What is known of the wiki for mending it."""

    def __init__(self, vault: Vault, catalogue: Catalogue, schema: Schema) -> None:
        self._vault, self._catalogue = vault, catalogue
        self._view = View(vault, catalogue, schema)
        self._document = lru_cache(maxsize=1)(self._read)

    def mends(self, finding: Finding) -> Iterator[Mend]:
        """What puts right what was found; nothing if that is a person's to decide, or the page is another by now."""
        document = self._document(finding.path)
        if document is None:
            return
        if finding.code in _LINKS:
            yield from self._links(finding, document)
        elif finding.code == "unlinked-mention":
            yield from self._mention(finding, document)
        elif finding.code == "wrong-count":
            key = finding.about.partition(":")[0]
            if key in document.front_values:
                yield _mend(finding, "key", f"{key}: {document.front_values[key]}", finding.about)

    def _links(self, finding: Finding, document: pages.Document) -> Iterator[Mend]:
        for link in document.links:
            if (link.line + 1, link.target) == (finding.line, finding.about):
                there = self._home(link, finding.path)
                if there is not None:
                    yield _mend(finding, "target", link.target, self._target(link, finding.path, there))
                return

    def _home(self, link: pages.Link, path: str) -> str | None:
        """Where the file is by now that a link names and that is not there; None if that is not sure."""
        page = self._view.page(path)
        if page is None or self._view.find(link.target.partition("#")[0], page):
            return None
        moved = self._catalogue.files(names.fold(link.file))
        return moved[0] if len(moved) == 1 else None if moved else self._renamed(link.file)

    def _renamed(self, name: str) -> str | None:
        """The page that has this name as title or alias, or had it as the log tells; None if none has, or several."""
        seen: set[str] = set()
        while (key := names.normal(name)) not in seen:
            seen.add(key)
            found = self._catalogue.named(key)
            if found:
                return found[0] if len(found) == 1 else None
            row = self._catalogue.page_by_file(name) or self._catalogue.page_by_file(names.slug(name))
            if row is not None:
                return row.path
            name = self._renames.get(key, name)
        return None

    @cached_property
    def _renames(self) -> dict[str, str]:
        """What pages were called, and what they were called next, as the log tells."""
        text = self._vault.log.read_bytes().decode(errors="replace") if self._vault.log.exists() else ""
        told = (entry.title.rpartition(_RENAMED) for entry in journal.parse(text) if entry.verb == "rename")
        return {names.normal(old): new for old, arrow, new in told if arrow}

    def _target(self, link: pages.Link, path: str, there: str) -> str:
        file, hash_, part = link.target.partition("#")
        end = ".md" if file.strip().lower().endswith(".md") else ""
        bare = there.removesuffix(".md")
        if link.markdown:
            bare = posixpath.relpath(bare, posixpath.dirname(path))
        elif len(self._catalogue.files(names.fold(posixpath.basename(bare)))) == 1:
            bare = posixpath.basename(bare)
        return bare + end + hash_ + part

    def _mention(self, finding: Finding, document: pages.Document) -> Iterator[Mend]:
        """The first sentence of ours that names the page; what people wrote is theirs to link."""
        file = pages.file_of(finding.about)
        if len(self._catalogue.files(names.fold(file))) != 1:
            return

        def lookup(key: str) -> tuple[str, str] | None:
            return (file, finding.about) if self._catalogue.weaving(key) == finding.about else None

        for number in sorted(ours(document)):
            text = document.lines[number]
            for mention in links.mentions(text, lookup):
                if links.woven_into(text, [mention], ()) != text:
                    words = text[mention.start : mention.stop]
                    yield Mend(
                        path=finding.path, line=number + 1, sort="mention", old=words, new=file, code=finding.code
                    )
                    return

    def _read(self, path: str) -> pages.Document | None:
        row = self._catalogue.page(path)
        if row is None or row.path != path:
            return None
        document = pages.parse(self._vault.path(path).read_bytes().decode(errors="replace"))
        return None if document.problems else document


def ours(document: pages.Document) -> set[int]:
    """The lines (0-based) with sentences that we wrote, and that nobody has changed since: there links may be woven."""
    lines: set[int] = set()
    for bullet in document.bullets:
        if bullet.claims and not bullet.edited and bullet.section == sections.FACTS:
            lines |= set(range(bullet.line, bullet.end))
    lead = document.lead
    if lead is not None and document.front_values.get("lead") == pages.lead_hash(lead.text):
        lines |= set(range(lead.start, lead.end))
    return lines


def _mend(finding: Finding, sort: str, old: str, new: str) -> Mend:
    return Mend(path=finding.path, line=finding.line, sort=sort, old=old, new=new, code=finding.code)  # type: ignore[arg-type]
