"""What a check sees: a page as the catalogue knows it, and the wiki around it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import file_digest
from typing import Any, NamedTuple, TypeVar

from quern import names, sources
from quern.program import Failure
from quern.schema import Schema
from quern.vault import Vault
from quern.wiki import Catalogue, SourceRow
from quern.wiki.cards import ANSWER, SOURCE, Link, PageRow, Sheet

T = TypeVar("T")

_HEAD = 4096  # bytes in which front matter ends


class Problem(NamedTuple):
    """Something that a check found on a line (1-based) of a page. `fix`: what to do about it.

    `about`: what it is that is wrong, as programs name it (see `records.Finding`).
    """

    line: int
    message: str
    fix: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: what the catalogue's row says, and what stands on it. `is_ours`: a page that claims can go to."""

    row: PageRow
    sheet: Sheet
    is_ours: bool

    @property
    def path(self) -> str:
        return self.row.path

    @property
    def is_source(self) -> bool:
        return self.row.type == SOURCE

    @property
    def is_answer(self) -> bool:
        return self.row.type == ANSWER

    @property
    def is_topic(self) -> bool:
        return self.is_ours and not self.is_source and not self.is_answer and not self.sheet.is_index


class View:
    """The wiki around a page. `preload` trades memory for time, where all pages are looked at."""

    def __init__(self, vault: Vault, catalogue: Catalogue, schema: Schema, date: str = "") -> None:
        self.vault, self.catalogue, self.schema, self.date = vault, catalogue, schema, date
        self._files: dict[str, list[str]] = {}
        self._named: dict[str, list[str]] = {}
        self._sources: dict[str, SourceRow | None] = {}
        self._ledgers: dict[str, dict[str, tuple[str, str]]] = {}
        self._raw: dict[str, str | None] = {}
        self._linked: dict[str, list[str]] = {}
        self._twins: dict[str, list[str]] = {}
        self._shas: dict[str, str] = {}
        self._once: dict[object, tuple[str, list[Any]]] = {}
        self.checked: list[SourceRow] = []
        self._is_whole = False

    def preload(self) -> None:
        """Take in at once what all pages will ask for."""
        self._is_whole = True
        self._files, self._named = self.catalogue.all_files(), self.catalogue.all_named()
        self._linked, self._twins = self.catalogue.all_backlinks(), self.catalogue.all_twins()

    def keep(self) -> None:
        """Write down what was found out about raw files, so that it need not be found out again."""
        self.catalogue.keep_raw_sha(self._shas)
        self.catalogue.keep_checked(self.checked)

    def pages(self) -> Iterator[Page]:
        """All pages, by path."""
        for row, sheet in self.catalogue.sheets():
            yield self._page(row, sheet)

    def page(self, path: str) -> Page | None:
        row, sheet = self.catalogue.page(path), self.catalogue.sheet(path)
        if row is None or sheet is None:
            return None
        self._look_up(sheet)
        return self._page(row, sheet)

    def _page(self, row: PageRow, sheet: Sheet) -> Page:
        ours = row.type in (*self.schema.pages.types, SOURCE, ANSWER) or sheet.is_index or bool(sheet.claims)
        return Page(row, sheet, ours)

    def files(self, stem: str) -> list[str]:
        """The files whose name without `.md`, folded, is `stem`."""
        if stem not in self._files and not self._is_whole:
            self._files[stem] = self.catalogue.files(stem)
        return self._files.get(stem, [])

    def named(self, key: str) -> list[str]:
        """The topic pages one of whose names has this normal form."""
        if key not in self._named and not self._is_whole:
            self._named[key] = self.catalogue.named(key)
        return self._named.get(key, [])

    def backlinks(self, stem: str) -> list[str]:
        """The pages that link to a file of this name."""
        if stem not in self._linked and not self._is_whole:
            self._linked[stem] = self.catalogue.backlinks(stem)
        return self._linked.get(stem, [])

    def twins(self, path: str) -> list[str]:
        """The files that a file system without case or normal forms takes for this page."""
        return self._twins.get(path, []) if self._is_whole else self.catalogue.twins(path)

    def find(self, file: str, page: Page) -> list[str]:
        """The files that the file part of a link on a page can mean, as Obsidian's help has it.

        A name alone is any file of that name. A path begins at the root (of the vault, or of `wiki/` where that is
        opened as one) or at the page's folder. Case and Unicode form do not count.
        """
        wanted = file.strip()
        wanted = wanted[:-3] if wanted[-3:].lower() == ".md" else wanted
        bare = wanted.strip("/")
        stem = names.fold(bare.rpartition("/")[2])
        ends = None
        if "/" in wanted:
            near = os.path.normpath(os.path.join(os.path.dirname(page.path), wanted))
            is_relative = wanted.startswith(("./", "../"))
            ends = {names.fold(path) for path in ((near,) if is_relative else (near, bare, f"wiki/{bare}"))}
        found = [path for path in self.files(stem) if ends is None or _named(path) in ends]
        return found or [path for path in self._elsewhere.get(stem, ()) if ends is None or _named(path) in ends]

    def once(self, look: Callable[[View, Page], Iterable[T]], page: Page) -> list[T]:
        """What looking at a page finds, for checks that ask one after the other."""
        if self._once.get(look, ("",))[0] != page.path:
            self._once[look] = page.path, list(look(self, page))
        return self._once[look][1]

    def leads(self, page: Page) -> list[tuple[Link, list[str]]]:
        """The links of a page, each with the files that it can mean: its own for one that stays on the page, and none
        for a citation.
        """
        return self.once(_leads, page)

    def links_to(self, page: Page) -> set[str]:
        """The files that the links of a page lead to, but for those of its evidence and itself."""
        return {path for _, found in self.leads(page) for path in found} - {page.path}

    def may_begin(self, word: str) -> bool:
        """Whether the name of some page may begin with a word (in normal form)."""
        return not self._is_whole or word.partition(" ")[0] in self._first_words

    @cached_property
    def _first_words(self) -> frozenset[str]:
        return frozenset(key.partition(" ")[0] for key in self._named)

    @cached_property
    def _elsewhere(self) -> dict[str, list[str]]:
        """Files of the vault outside `wiki/` and `raw/`; only a link that leads nowhere else makes us look."""
        found: dict[str, list[str]] = {}
        for folder, folders, files in os.walk(self.vault.root):
            here = os.path.relpath(folder, self.vault.root)
            skipped = ("wiki", "raw", "build", "node_modules") if here == "." else ()
            folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in skipped)
            for name in sorted(files):
                path = name if here == "." else f"{here}/{name}"
                found.setdefault(names.fold(name.removesuffix(".md")), []).append(path)
        return found

    @cached_property
    def is_index_owed(self) -> bool:
        """Whether a run is under way, or was stopped, that makes the index at its end."""
        return (self.vault.state / "index").exists()

    @cached_property
    def is_unfinished(self) -> bool:
        """Whether a run is under way, or was stopped, whose log entry is still to be appended."""
        return self.is_index_owed or (self.vault.state / "pending.jsonl").exists()

    def is_indexed(self, page: Page) -> bool:
        """Whether the index names a page."""
        stem = names.fold(page.row.file)
        indexes = [path for path in self.backlinks(stem) if path in self.indexes]
        if len(self.files(stem)) == 1:
            return bool(indexes)
        return any(page.path in self._listed(path) for path in indexes)

    @cached_property
    def indexes(self) -> frozenset[str]:
        """The paths of the index files."""
        return frozenset(self.catalogue.indexes())

    @lru_cache(maxsize=16)  # noqa: B019 - a view lives as long as a run
    def _listed(self, path: str) -> frozenset[str]:
        """The pages that one index file names."""
        index = self.page(path)
        if index is None:
            return frozenset()
        files = [link.target.partition("#")[0] for link in index.sheet.links]
        return frozenset(found for file in files for found in self.find(file, index))

    def line_of(self, page: Page, key: str) -> int:
        """The line of a key of a page's front matter."""
        lines = (self.vault.root / page.path).read_bytes().decode(errors="replace").splitlines()
        found = (number for number, line in enumerate(lines[: page.sheet.front_end], 1) if line.startswith(f"{key}:"))
        return next(found, 1)

    def line_of_claim(self, path: str, id_: str) -> int:
        """The line on which a page cites a claim, or has it as its own; the first if it does neither."""
        sheet = self.catalogue.sheet(path)
        if sheet is None:
            return 1
        cited = (line for line, cited in sheet.references if cited == id_)
        return next(cited, next((item.line for item in sheet.items if item.id == id_), 1))

    # Evidence

    def source(self, slug: str) -> SourceRow | None:
        """The source whose page a citation names."""
        if slug not in self._sources:
            self._sources[slug] = self.catalogue.source_by_slug(slug)
        return self._sources[slug]

    def quoted(self, source: SourceRow, id_: str) -> tuple[str, str] | None:
        """The place and quote of a claim on the page of a source; None if it is not there."""
        ledger = self._ledgers.get(source.page)
        if ledger is None:
            sheet = self.catalogue.sheet(source.page) if self._is_whole else None
            ledger = {item.id: (item.place, item.quote) for item in sheet.items} if sheet else {}
            self._ledgers[source.page] = ledger
        return ledger.get(id_)

    def _look_up(self, sheet: Sheet) -> None:
        """Take in at once where the claims that a page cites stand on their source pages."""
        for told in self.catalogue.told(note.id for note in sheet.notes):
            self._ledgers.setdefault(told.page, {})[told.item.id] = told.item.place, told.item.quote

    def raw_sha(self, path: str) -> str | None:
        """The hash of a raw file as it is now; None if it is not there."""
        known = self._shas.get(path) or self.catalogue.raw_sha(path)
        if known is not None:
            return known
        try:
            with open(self.vault.path(path), "rb") as stream:
                sha = file_digest(stream, "sha256").hexdigest()
        except (FileNotFoundError, IsADirectoryError, Failure):
            return None
        self._shas[path] = sha
        return sha

    def raw_head(self, path: str) -> bytes:
        """How a raw file begins; nothing if it cannot be read."""
        try:
            with open(self.vault.path(path), "rb") as stream:
                return stream.read(_HEAD)
        except (OSError, Failure):
            return b""

    def raw_text(self, path: str) -> str | None:
        """The text of a raw source; None if it cannot be read as text."""
        if path not in self._raw:
            try:
                self._raw = {path: sources.read(self.vault, path).raw}
            except Failure:
                self._raw = {path: None}
        return self._raw[path]


def _named(path: str) -> str:
    return names.fold(path.removesuffix(".md"))


def _leads(view: View, page: Page) -> Iterator[tuple[Link, list[str]]]:
    for link in page.sheet.links:
        file = link.target.partition("#")[0]
        # Whether evidence is where it should be, is asked of the claims.
        found = [] if link.is_citation else view.find(file, page) if file.strip() else [page.path]
        yield link, found
