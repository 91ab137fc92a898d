"""All pages: the catalogue, in which everything that a page says can be looked up without reading the wiki.

No look-up costs more in a large wiki than in a small one, but for the index that it goes through.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from quern import names
from quern.pages import frontmatter
from quern.pages.document import parse
from quern.pages.frontmatter import FOUND
from quern.pages.sections import SHOWN
from quern.records import Claim, Name, Span
from quern.vault import Vault
from quern.wiki import distinct
from quern.wiki.cards import (
    ANSWER,
    CandidateRow,
    Item,
    PageRow,
    Sheet,
    SourceRow,
    Waiting,
    is_index,
    page_row,
    read,
    read_item,
    row_of,
)
from quern.wiki.tables import Tables, grams

__all__ = ["CandidateRow", "Catalogue", "PageRow", "SourceRow", "open", "page_row", "row_of"]

_PAGE = (
    "SELECT f.path, p.title, p.type, p.aliases, p.lead, p.sources, p.claims, p.as_of, p.updated, p.status "
    "FROM pages p JOIN files f ON f.id = p.id "
)
_SOURCE = (
    "SELECT s.id, s.slug, s.path, s.sha256, s.title, s.engine, s.model, s.language, f.path, s.checked "
    "FROM sources s JOIN files f ON f.id = s.page "
)
# A trigram that many names share says little: the rarest ones are asked first, and of each only so many names.
_RARE, _POSTINGS = 8, 400
# Values of one query: old builds of SQLite take no more than 999.
_AT_ONCE = 900


class Told(NamedTuple):
    """A claim as one source tells it: what its page says of it, the source's id and slug, and the path of that page."""

    item: Item
    source: str
    slug: str
    page: str


@contextlib.contextmanager
def open(vault: Vault, *, fresh: bool = True) -> Iterator[Catalogue]:  # noqa: A001 - as in `wiki.open(vault)`
    """The catalogue of a vault, true to its files as they are now; if not `fresh`, the caller refreshes it first."""
    tables = Tables(vault)
    try:
        if fresh:
            tables.refresh()
        yield Catalogue(tables)
    finally:
        tables.close()


class Catalogue:
    """Look-ups. Answers are as of the last `refresh`; paths are relative to the vault."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.vault = tables.vault
        self._generation = -1
        self._sheet = lru_cache(maxsize=128)(self._read_sheet)
        # The claims of a page all name it, and are asked for together.
        self._page_of = lru_cache(maxsize=1024)(self.page_by_file)

    def refresh(self) -> bool:
        """Take in what has changed in the files since; returns whether anything had."""
        changed = self.tables.refresh()
        # Another process may have taken in what had changed.
        generation = self.tables.generation()
        if changed or generation != self._generation:
            self._sheet.cache_clear()
            self._page_of.cache_clear()
        self._generation = generation
        return changed

    # Pages

    def page(self, path: str) -> PageRow | None:
        """The page of that path; case and Unicode normal form do not count."""
        return self._first(_PAGE + "WHERE f.fold = ? ORDER BY f.path", names.fold(path))

    def page_by_file(self, file: str) -> PageRow | None:
        """The page that a link names: by its file name without `.md`, or by its path."""
        stem = names.fold(file.removesuffix(".md").rpartition("/")[2])
        rows = [PageRow.of(row) for row in self.tables.rows(_PAGE + "WHERE f.stem = ? ORDER BY f.path", stem)]
        wanted = "/" + names.fold(file.removesuffix(".md"))
        return next((row for row in rows if ("/" + names.fold(row.path.removesuffix(".md"))).endswith(wanted)), None)

    def page_by_key(self, key: str) -> list[PageRow]:
        """The pages of which some name (title, alias, file name) has this key (one of `names.keys`), nearest first."""
        query = _PAGE + "JOIN keys k ON k.page = p.id WHERE k.key = ? GROUP BY p.id ORDER BY max(k.own) DESC, f.path"
        return [PageRow.of(row) for row in self.tables.rows(query, key)]

    def weaving(self, key: str) -> str | None:
        """The path of the one topic page that has exactly this name (in normal form); None if none or several do."""
        found = self.named(key)
        return found[0] if len(found) == 1 else None

    def begins_name(self, word: str) -> bool:
        """Whether the name of some page may begin with a word (in normal form)."""
        query = "SELECT 1 FROM keys WHERE key >= ? AND key < ? LIMIT 1"
        return bool(self.tables.rows(query, word, word + "\U0010ffff"))

    def spelt(self, pattern: str, longest: int, limit: int) -> list[tuple[str, str]]:
        """Names of pages (key, path) that fit a pattern (`v*w*`), as they are written (folded): at most `limit`, the
        shortest first, and none of more than `longest` letters.
        """
        first = pattern.partition("*")[0]
        query = (
            "SELECT k.key, f.path FROM keys k JOIN files f ON f.id = k.page WHERE k.key >= ? AND k.key < ? AND k.own "
            "AND k.key GLOB ? AND length(k.key) <= ? ORDER BY length(k.key), k.key, f.path LIMIT ?"
        )
        return list(self.tables.rows(query, first, first + "\U0010ffff", pattern, longest, limit))

    def fuzzy(self, name: str, limit: int) -> list[tuple[str, str]]:
        """Names of pages (key, path) that share most of the rarest trigrams with a name, at most `limit`."""
        wanted = sorted(grams(names.normal(name)))
        posted = [self.tables.rows("SELECT key FROM grams WHERE gram = ? LIMIT ?", gram, _POSTINGS) for gram in wanted]
        shared: dict[int, int] = {}
        for rows in islice(sorted((rows for rows in posted if rows), key=len), _RARE):
            for (key,) in rows:
                shared[key] = shared.get(key, 0) + 1
        best = sorted(shared, key=lambda key: (-shared[key], key))[:limit]
        marks = ", ".join("?" * len(best))
        query = f"SELECT k.id, k.key, f.path FROM keys k JOIN files f ON f.id = k.page WHERE k.id IN ({marks})"  # noqa: S608
        found = {id_: (key, path) for id_, key, path in self.tables.rows(query, *best)}
        return [found[id_] for id_ in best]

    def indexes(self) -> list[str]:
        """The paths of the index files."""
        return [row.path for row in map(PageRow.of, self.tables.rows(_PAGE + "WHERE p.type = 'index' ORDER BY f.path"))]

    def index_rows(self) -> Iterator[PageRow]:
        """Every page but the index, by path."""
        yield from (PageRow.of(row) for row in self.tables.rows(_PAGE + "WHERE p.type <> 'index' ORDER BY f.path"))

    def path_taken(self, name: str) -> str | None:
        """The file in `wiki/` or `raw/` that a page of this file name (without `.md`) would be mistaken for, if any."""
        stem = names.fold(name.removesuffix(".md"))
        found = self.tables.rows("SELECT path FROM files WHERE stem IN (?, ?) ORDER BY path", stem, stem + ".md")
        taken = next((path for (path,) in found if path.startswith(("wiki/", "raw/"))), None)
        # There may be no index yet, or none of that type.
        return taken or (f"wiki/{stem}.md" if is_index(f"wiki/{stem}.md") else None)

    def backlinks(self, file: str) -> list[str]:
        """The pages that link to a page, by its path or file name."""
        stem = names.fold(os.path.basename(file).removesuffix(".md"))
        query = "SELECT DISTINCT f.path FROM links l JOIN files f ON f.id = l.page WHERE l.stem = ? ORDER BY f.path"
        return [path for (path,) in self.tables.rows(query, stem)]

    def sheet(self, path: str) -> Sheet | None:
        """What stands on a page, as it was read last."""
        return self._sheet(path)

    def sheets(self) -> Iterator[tuple[PageRow, Sheet]]:
        """Every page with what stands on it, by path."""
        query = _PAGE.replace("SELECT", "SELECT p.sheet,") + "ORDER BY f.path"
        return ((PageRow.of(row[1:]), read(row[0])) for row in self.tables.rows(query))

    # Claims

    def claims_of(self, path: str) -> list[str]:
        """The ids of the claims on a page, in the order of the page."""
        sheet = self._sheet(path)
        return [] if sheet is None else sheet.claims

    def claim(self, id_: str) -> list[Claim]:
        """A claim as each source that makes it tells it, by the path of the source page."""
        return [_claim(told.item, told.source, self._named(told.item)) for told in self.told([id_])]

    def claims_for_source(self, slug: str) -> list[Claim]:
        """The claims of a source, in reading order."""
        found = self.tables.rows(_SOURCE + "WHERE f.stem = ?", names.fold(slug))
        sheets = [(sheet, row[0]) for row in found if (sheet := self._sheet(row[8])) is not None]
        return [_claim(item, source, self._named(item)) for sheet, source in sheets for item in sheet.items]

    def count_claims(self) -> int:
        """How many claims the sources make, each counted once."""
        return int(self.tables.rows("SELECT count(DISTINCT id) FROM claims")[0][0])

    def told(self, ids: Iterable[str]) -> Iterator[Told]:
        """These claims as each source tells them, by the path of the source page; of each page in its order."""
        wanted = sorted(set(ids))
        for at in range(0, len(wanted), _AT_ONCE):
            some = wanted[at : at + _AT_ONCE]
            marks = ", ".join("?" * len(some))
            query = (
                "SELECT c.item, s.id, s.slug, f.path FROM claims c JOIN files f ON f.id = c.page "  # noqa: S608
                f"JOIN sources s ON s.page = c.page WHERE c.id IN ({marks}) ORDER BY f.path, c.rowid"
            )
            yield from (Told(read_item(item), *source) for item, *source in self.tables.rows(query, *some))

    def _named(self, item: Item) -> list[Name]:
        rows = [row for file in item.pages if (row := self._page_of(file)) is not None and row.type != ANSWER]
        return [Name(name=row.title, type=row.type, aliases=list(row.aliases)) for row in rows]

    def overtaken(self, path: str) -> list[str]:
        """The claims on a page that others have overtaken."""
        sheet = self._sheet(path)
        return [] if sheet is None else sheet.overtaken

    def settled(self, path: str) -> set[frozenset[str]]:
        """The pairs of claims on a page of which a person has decided how they stand to each other."""
        sheet = self._sheet(path)
        return frontmatter.settled(sheet.front) if sheet else set()

    def edited(self, path: str) -> dict[str, str]:
        """The claims on a page whose sentence a person changed, with its words as they stand there now."""
        try:
            document = parse(self.vault.path(path).read_bytes().decode(errors="replace"))
        except FileNotFoundError:
            return {}
        told = [bullet for bullet in document.bullets if bullet.section not in SHOWN and bullet.claims]
        return {id_: bullet.text for bullet in told if bullet.edited for id_ in bullet.claims}

    def refused(self, path: str) -> list[str]:
        """The names (in normal form) that a page is not to have.

        Those that were found for it and that a person took off it, and those of pages that it says are other things.
        """
        row, sheet = self.page(path), self._sheet(path)
        found = sheet.front.get(FOUND) if sheet else None
        called = {names.normal(name) for name in (row.title, *row.aliases)} if row else set()
        taken_off = [str(name) for name in (found if isinstance(found, list) else [found]) if name]
        keys = [names.normal(name) for name in (*taken_off, *(distinct.called(self, path) if sheet else ()))]
        return [key for key in dict.fromkeys(keys) if key not in called]

    # Names that wait

    def candidates(self, key: str) -> list[CandidateRow]:
        """The names with this key that wait for a page on some source page."""
        query = (
            "SELECT f.path, s.id, c.nth FROM candidates c "
            "JOIN files f ON f.id = c.page JOIN sources s ON s.page = c.page WHERE c.key = ? ORDER BY f.path, c.nth"
        )
        return [CandidateRow.of(*self._waiting(*row)) for row in self.tables.rows(query, key)]

    def waiting(self, keys: Iterable[str]) -> list[CandidateRow]:
        """The names with one of these keys that wait for a page."""
        return list(dict.fromkeys(row for key in sorted(keys) for row in self.candidates(key)))

    def waiting_on(self, key: str) -> int:
        """On how many source pages a name with this key waits."""
        return int(self.tables.rows("SELECT count(DISTINCT page) FROM candidates WHERE key = ?", key)[0][0])

    def _waiting(self, path: str, source: str, nth: int) -> tuple[str, Waiting]:
        sheet = self._sheet(path)
        assert sheet is not None  # noqa: S101 - its row says that it was read
        return source, sheet.waiting[nth]

    # Sources

    def source_by_path(self, path: str) -> SourceRow | None:
        """The source that was last seen at this path."""
        return self._source("WHERE s.path = ? ORDER BY f.path", path)

    def source_by_sha(self, sha: str) -> SourceRow | None:
        """The source whose last ingested revision has this hash."""
        return self._source("WHERE s.sha256 = ? ORDER BY f.path", sha)

    def source_by_id(self, id_: str) -> SourceRow | None:
        return self._source("WHERE s.id = ? ORDER BY f.path", id_)

    def sources(self) -> list[SourceRow]:
        """All sources, by the path of their page."""
        return [SourceRow(*row) for row in self.tables.rows(_SOURCE + "ORDER BY f.path")]

    def _source(self, where: str, value: str) -> SourceRow | None:
        return next((SourceRow(*row) for row in self.tables.rows(_SOURCE + where, value)), None)

    def origin(self, source: str) -> tuple[str, str | None]:
        """The language of a source (by its id), and the day on which it was published (ISO)."""
        row = self.source_by_id(source)
        sheet = self._sheet(row.page) if row else None
        published = sheet.front.get("published") if sheet else None
        return (row.language if row else "und"), (published if isinstance(published, str) and published else None)

    def source_by_slug(self, slug: str) -> SourceRow | None:
        """The source whose page a link names so."""
        return self._source("WHERE f.stem = ? ORDER BY f.path", names.fold(slug))

    def source_by_page(self, path: str) -> SourceRow | None:
        return self._source("WHERE f.path = ?", path)

    def keep_checked(self, sources: Iterable[SourceRow]) -> None:
        """Write down that every quote on these source pages stands in the revision of the raw file that it names."""
        query = "UPDATE sources SET checked = ? WHERE page = (SELECT id FROM files WHERE path = ?)"
        self.tables.note(query, [(source.sha256, source.page) for source in sources])

    # Files

    def files(self, stem: str) -> list[str]:
        """The files whose name without `.md`, folded, is this."""
        return [path for (path,) in self.tables.rows("SELECT path FROM files WHERE stem = ? ORDER BY path", stem)]

    def paths(self, folder: str) -> list[str]:
        """The files below `wiki/` or `raw/`, or at the top of the vault (""), sorted."""
        if folder:
            query = "SELECT path FROM files WHERE path >= ? AND path < ? ORDER BY path"
            return [path for (path,) in self.tables.rows(query, folder, folder[:-1] + "0")]
        return [path for (path,) in self.tables.rows("SELECT path FROM files WHERE path NOT LIKE '%/%' ORDER BY path")]

    def twins(self, path: str) -> list[str]:
        """The files that a file system without case or normal forms takes for this page."""
        return [twin for (twin,) in self.tables.rows("SELECT path FROM files WHERE twin = ? ORDER BY path", path)]

    def raw_sha(self, path: str) -> str | None:
        """The hash of a raw file, if it was asked for before and the file is still the same."""
        return next((sha for (sha,) in self.tables.rows("SELECT sha256 FROM files WHERE path = ?", path)), None)

    def keep_raw_sha(self, shas: Mapping[str, str]) -> None:
        """Write down the hashes of raw files as they are now."""
        self.tables.note("UPDATE files SET sha256 = ? WHERE path = ?", [(sha, path) for path, sha in shas.items()])

    # Many at once

    def named(self, key: str) -> list[str]:
        """The topic pages one of whose names has this normal form."""
        query = (
            "SELECT DISTINCT f.path FROM keys k JOIN pages p ON p.id = k.page JOIN files f ON f.id = k.page "
            "WHERE k.key = ? AND k.own AND p.type <> 'source' ORDER BY f.path"
        )
        return [path for (path,) in self.tables.rows(query, key)]

    def all_files(self) -> dict[str, list[str]]:
        """`files` of every name."""
        return _grouped(self.tables.rows("SELECT stem, path FROM files ORDER BY path"))

    def all_named(self) -> dict[str, list[str]]:
        """`named` of every name."""
        query = (
            "SELECT DISTINCT k.key, f.path FROM keys k JOIN pages p ON p.id = k.page JOIN files f ON f.id = k.page "
            "WHERE k.own AND p.type <> 'source' ORDER BY f.path"
        )
        return _grouped(self.tables.rows(query))

    def all_twins(self) -> dict[str, list[str]]:
        """`twins` of every page."""
        return _grouped(self.tables.rows("SELECT twin, path FROM files WHERE twin IS NOT NULL ORDER BY path"))

    def all_backlinks(self) -> dict[str, list[str]]:
        """`backlinks` of every file name."""
        query = "SELECT DISTINCT l.stem, f.path FROM links l JOIN files f ON f.id = l.page"
        return _grouped(self.tables.rows(query))

    # How

    def _first(self, query: str, *values: str) -> PageRow | None:
        return next((PageRow.of(row) for row in self.tables.rows(query, *values)), None)

    def _read_sheet(self, path: str) -> Sheet | None:
        query = "SELECT p.sheet FROM pages p JOIN files f ON f.id = p.id WHERE f.path = ?"
        return next((read(sheet) for (sheet,) in self.tables.rows(query, path)), None)


def _claim(item: Item, source: str, called: list[Name]) -> Claim:
    return Claim(
        id=item.id,
        source=source,
        passage="",
        text=item.text,
        quote=item.quote,
        spans=[Span(start=0, end=0, place=item.place)],
        names=called,
        role=item.role,
        stance=item.stance,
        by=item.by,
        as_of=item.as_of,
    )


def _grouped(rows: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, value in rows:
        found.setdefault(key, []).append(value)
    return found
