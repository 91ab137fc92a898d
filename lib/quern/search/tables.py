"""The tables of search, in `.cache/search.sqlite`: words by where they stand, kept true to the pages of a vault.

They are a cache: missing, damaged or of another version they are made again, and where nothing can be written they
live in memory, which is said once. Only search refreshes them; a page is read again if its time, size or inode differ.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from quern import caches, languages
from quern.program import Failure, warn
from quern.search.terms import COLUMNS, Lexicon, folded, name
from quern.stamps import Stamp, fingerprint, pages
from quern.vault import Vault

if TYPE_CHECKING:
    from quern.search.leaves import Leaf, Statement

_TABLES = f"""
CREATE TABLE pages (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, time INTEGER NOT NULL, size INTEGER NOT NULL,
    inode INTEGER NOT NULL, title TEXT NOT NULL, file TEXT NOT NULL, type TEXT NOT NULL, status TEXT NOT NULL,
    tags TEXT NOT NULL, sources TEXT NOT NULL, language TEXT NOT NULL, lead TEXT NOT NULL,
    lead_hash INTEGER NOT NULL,    {", ".join(f"n_{column} INTEGER NOT NULL" for column in COLUMNS)});
CREATE TABLE claims (
    id INTEGER PRIMARY KEY, page INTEGER NOT NULL, claim TEXT NOT NULL, line INTEGER NOT NULL, text TEXT NOT NULL,
    since TEXT NOT NULL, pages TEXT NOT NULL, text_hash INTEGER NOT NULL, n_text INTEGER NOT NULL,
    n_about INTEGER NOT NULL);
CREATE TABLE went (claim INTEGER NOT NULL, file TEXT NOT NULL, PRIMARY KEY (claim, file)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS vectors (text_hash INTEGER PRIMARY KEY, vector BLOB NOT NULL);
CREATE TABLE marks (page INTEGER NOT NULL, claim TEXT NOT NULL, status TEXT NOT NULL, overtaken_by TEXT NOT NULL);
CREATE TABLE called (name TEXT NOT NULL, page INTEGER NOT NULL, PRIMARY KEY (name, page)) WITHOUT ROWID;
CREATE TABLE words (
    word TEXT NOT NULL, term TEXT NOT NULL, back TEXT NOT NULL, PRIMARY KEY (word, term)) WITHOUT ROWID;
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX words_back ON words (back);
CREATE INDEX pages_file ON pages (file);
CREATE INDEX claims_page ON claims (page);
CREATE INDEX claims_claim ON claims (claim);
CREATE INDEX marks_page ON marks (page);
CREATE INDEX marks_claim ON marks (claim);
CREATE INDEX called_page ON called (page);
CREATE VIRTUAL TABLE page_terms USING fts5 ({", ".join(COLUMNS)}, tokenize='ascii');
CREATE VIRTUAL TABLE claim_terms USING fts5 (text, about, tokenize='ascii');
CREATE VIRTUAL TABLE page_vocabulary USING fts5vocab (page_terms, 'row');
CREATE VIRTUAL TABLE claim_vocabulary USING fts5vocab (claim_terms, 'row');
"""
_STAMPED = "SELECT path, time, size, inode FROM pages"
# A file changed twice within a tick of its file system's clock can keep its stamp: one so young is not trusted.
_TICK, _COARSE_TICK = 50_000_000, 2_000_000_000
_LEDGERS = "wiki/sources/"
_AT_ONCE = 1000
"""Pages that are in memory at once while they are read."""
_WAIT = 5
"""Seconds that one who reads waits for one who writes."""


class Tables:
    """The tables of one vault. Answers are as of the last `refresh`. `language`: of pages that tell none."""

    def __init__(self, vault: Vault, language: str = "en") -> None:
        self.vault = vault
        self._language = language
        self._connection = _connect(vault)

    def close(self) -> None:
        self._connection.close()

    def rows(self, query: str, *values: object) -> list[Any]:
        """All rows of a query; tables found damaged are made again first."""
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            if _is_locked(error):
                raise _locked(_path(self.vault)) from None
            if isinstance(error, sqlite3.OperationalError) and "no such table" not in str(error):
                raise
            self._start_again()
            return self._connection.execute(query, values).fetchall()

    def note(self, query: str, values: Iterable[Sequence[object]]) -> None:
        """Write down something that was made; if it cannot be written it will be made again."""
        with contextlib.suppress(sqlite3.OperationalError), caches.writing(self._connection) as connection:
            connection.executemany(query, values)

    def version(self) -> int:
        """Another number as soon as another process has written into the tables."""
        return int(self.rows("PRAGMA data_version")[0][0])

    def size(self) -> int:
        """How many pages the tables know."""
        return int(self.rows("SELECT count(*) FROM pages")[0][0])

    def facts(self) -> dict[str, str]:
        """What is true of the tables as a whole."""
        return dict(self.rows("SELECT name, value FROM facts"))

    def refresh(self) -> bool:
        """Make the tables true to the pages; returns whether anything had changed."""
        found = pages(self.vault)
        try:
            return self._refresh(found)
        except sqlite3.DatabaseError as error:
            if _is_locked(error):
                raise _locked(_path(self.vault)) from None
            self._start_again()
            return True

    def _start_again(self) -> None:
        self._connection.close()
        caches.remove(_path(self.vault))
        self._connection = _connect(self.vault)
        self._refresh(pages(self.vault))

    def _refresh(self, found: Mapping[str, Stamp]) -> bool:
        if self._known() == found:
            return False
        with caches.writing(self._connection) as connection:
            known = self._known()
            gone = known.keys() - found.keys()
            changed = sorted(path for path, stamp in found.items() if known.get(path) != stamp)
            for path in (*sorted(gone), *(path for path in changed if path in known)):
                self._clear(path)
            self._read(connection, changed, found)
            if gone or changed:
                self._sum_up(connection)
        return bool(gone or changed)

    def _known(self) -> dict[str, Stamp]:
        return {row[0]: row[1:] for row in self._connection.execute(_STAMPED)}

    def _clear(self, path: str) -> None:
        run = self._connection.execute
        (page,) = run("SELECT id FROM pages WHERE path = ?", (path,)).fetchone()
        run("DELETE FROM page_terms WHERE rowid = ?", (page,))
        run("DELETE FROM claim_terms WHERE rowid IN (SELECT id FROM claims WHERE page = ?)", (page,))
        run("DELETE FROM went WHERE claim IN (SELECT id FROM claims WHERE page = ?)", (page,))
        for table, column in (("pages", "id"), ("claims", "page"), ("marks", "page"), ("called", "page")):
            run(f"DELETE FROM {table} WHERE {column} = ?", (page,))  # noqa: S608

    def _read(self, connection: sqlite3.Connection, paths: Iterable[str], found: Mapping[str, Stamp]) -> None:
        spoken = dict(connection.execute("SELECT file, language FROM pages WHERE type = 'source'"))
        batch = _Batch(self._next("pages"), self._next("claims"))
        now = time.time_ns()
        # Sources first: they tell the language of the pages that rest on them.
        for number, path in enumerate(sorted(paths, key=lambda path: (not path.startswith(_LEDGERS), path)), 1):
            leaf = self._leaf(path)
            if leaf is None:
                continue
            if leaf and leaf.language:
                spoken[_file(path)] = leaf.language
            stamp = found[path]
            is_young = now - stamp[0] < (_TICK if stamp[0] % 10**9 else _COARSE_TICK)
            # The time of a file too young to be trusted is left out, so that it is looked at again.
            batch.page(path, (0, *stamp[1:]) if is_young else stamp, leaf or None, self._spoken(leaf, spoken))
            if number % _AT_ONCE == 0:
                batch.write(connection)
        batch.write(connection)
        batch.write_words(connection)

    def _leaf(self, path: str) -> Leaf | Literal[False] | None:
        """What search keeps of a page: False for nothing, None if there is no such page any more."""
        try:
            with open(self.vault.root / path, "rb") as stream:
                text = stream.read().decode(errors="replace")
        except (FileNotFoundError, IsADirectoryError):
            return None
        # Who only looks something up need not know how pages are read.
        from quern.search import leaves

        return leaves.read(path, text) or False

    def _spoken(self, leaf: Leaf | Literal[False], spoken: Mapping[str, str]) -> str:
        """The language of a page: as it says, or that of most of its sources, or what its words tell."""
        if not leaf:
            return ""
        if leaf.language:
            return leaf.language
        said = Counter(spoken[slug] for slug in leaf.sources if spoken.get(slug))
        if said:
            return min(said, key=lambda language: (-said[language], language))
        return languages.detect("\n".join(leaf.texts[:1] + leaf.texts[2:])[:2000], self._language)

    def _next(self, table: str) -> int:
        return int(self._connection.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {table}").fetchone()[0])  # noqa: S608

    def _sum_up(self, connection: sqlite3.Connection) -> None:
        """Write down how many rows there are, and how long on average each column is."""
        sums = ", ".join(f"coalesce(sum(n_{column}), 0)" for column in COLUMNS)
        pages_ = connection.execute(f"SELECT count(*), {sums} FROM pages WHERE type <> '-'").fetchone()  # noqa: S608
        query = "SELECT count(*), coalesce(sum(n_text), 0), coalesce(sum(n_about), 0) FROM claims"
        claims = connection.execute(query).fetchone()
        spoken = connection.execute("SELECT DISTINCT language FROM pages WHERE language <> '' ORDER BY language")
        told = {
            "pages": " ".join(map(str, pages_)),
            "claims": " ".join(map(str, claims)),
            "languages": " ".join(language for (language,) in spoken),
        }
        connection.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", told.items())


class _Batch:
    """Rows of pages, to be written table by table."""

    def __init__(self, page: int, claim: int) -> None:
        self._page, self._claim = page, claim
        self._lexicons: dict[str, Lexicon] = {}
        self._rows: dict[str, list[tuple[Any, ...]]] = {
            table: [] for table in ("pages", "claims", "went", "marks", "called", "page_terms", "claim_terms")
        }

    def page(self, path: str, stamp: Stamp, leaf: Leaf | None, language: str) -> None:
        """Take in a page; None is one of which nothing is searched."""
        id_, self._page = self._page, self._page + 1
        file = _file(path)
        if leaf is None:
            self._rows["pages"].append((id_, path, *stamp, "", file, "-", "", "", "", "", "", 0, *(0 for _ in COLUMNS)))
            return
        if language not in self._lexicons:
            self._lexicons[language] = Lexicon(language)
        lexicon = self._lexicons[language]
        said = [lexicon.terms(text) for text in leaf.texts]
        told = (leaf.title, file, leaf.type, leaf.status, _listed(leaf.tags), _listed(leaf.sources))
        hashed = _hash(f"{leaf.title}. {leaf.lead}") if leaf.lead else 0
        self._rows["pages"].append((id_, path, *stamp, *told, language, leaf.lead, hashed, *map(len, said)))
        self._rows["page_terms"].append((id_, *map(" ".join, said)))
        self._rows["called"] += [(key, id_) for key in sorted(set(map(name, leaf.names)) - {""})]
        self._rows["marks"] += [(id_, mark.claim, mark.status, " ".join(mark.by)) for mark in leaf.marks]
        for statement in leaf.statements:
            self._statement(id_, leaf, statement, lexicon)

    def _statement(self, page: int, leaf: Leaf, statement: Statement, lexicon: Lexicon) -> None:
        id_, self._claim = self._claim, self._claim + 1
        text = lexicon.terms(statement.text)
        about = lexicon.terms("\n".join((*statement.pages, leaf.title)))
        went = "\n".join(statement.pages)
        row = (id_, page, statement.id, statement.line, statement.text, statement.since, went, _hash(statement.text))
        self._rows["claims"].append((*row, len(text), len(about)))
        self._rows["went"] += [(id_, _file(file)) for file in sorted(set(statement.pages))]
        self._rows["claim_terms"].append((id_, " ".join(text), " ".join(about)))

    def write(self, connection: sqlite3.Connection) -> None:
        for table, rows in self._rows.items():
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                columns = ""
                if table == "page_terms":
                    columns = f"(rowid, {', '.join(COLUMNS)})"
                elif table == "claim_terms":
                    columns = "(rowid, text, about)"
                connection.executemany(f"INSERT OR REPLACE INTO {table} {columns} VALUES ({marks})", rows)  # noqa: S608
                rows.clear()

    def write_words(self, connection: sqlite3.Connection) -> None:
        """What each word that was met is indexed as."""
        pairs = sorted({pair for lexicon in self._lexicons.values() for pair in lexicon.surfaces.items()})
        words = [(word, term, word[::-1]) for word, term in pairs]
        connection.executemany("INSERT OR IGNORE INTO words VALUES (?, ?, ?)", words)


def _file(path: str) -> str:
    """The file name of a page, folded, by which links name it."""
    return folded(os.path.basename(path).removesuffix(".md"))


def _hash(text: str) -> int:
    """A text as a number of 63 bits, by which its vector is known."""
    import hashlib

    return int.from_bytes(hashlib.blake2b(text.encode(errors="replace"), digest_size=8).digest(), "big") >> 1 or 1


def _listed(values: Iterable[str]) -> str:
    """Values that one can be found among: each on a line of its own, folded."""
    return "".join(f"\n{folded(value)}" for value in values) + "\n"


# The file of the tables


def _path(vault: Vault) -> str:
    return os.path.join(vault.cache, "search.sqlite")


def _connect(vault: Vault) -> sqlite3.Connection:
    return caches.connect(_path(vault), _WAIT, _lay_out, _otherwise)


def _otherwise(path: str, why: Exception) -> sqlite3.Connection:
    """Tables in memory, where none can be written.

    Raises Failure where they could, but another process does not let go of them, and where SQLite has no FTS5.
    """
    if "fts5" in str(why):
        raise Failure("the SQLite of this Python has no FTS5: search needs a Python that has") from None
    if _is_locked(why):
        raise _locked(path) from None
    warn(f"{path}: cannot be written ({getattr(why, 'strerror', None) or why}): every search reads the wiki anew")
    connection = sqlite3.connect(":memory:", isolation_level=None)
    _lay_out(connection)
    return connection


def _lay_out(connection: sqlite3.Connection) -> None:
    """Tables of this version, empty ones if there were none or others."""
    if _version(connection) == version():
        return
    connection.execute("BEGIN IMMEDIATE")
    if _version(connection) != version():
        # What depends on others goes before them, and virtual tables take theirs along.
        order = "ORDER BY sql LIKE '%fts5vocab%' DESC, sql LIKE '%VIRTUAL%' DESC"
        query = f"SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' {order}"  # noqa: S608
        tables = [name for (name,) in connection.execute(query).fetchall()]
        # Vectors are known by their text, and took long to make.
        keep = "SELECT name, value FROM facts WHERE name IN ('embedder', 'dimension')"
        kept = connection.execute(keep).fetchall() if {"facts", "vectors"} <= set(tables) else []
        for name in tables:
            if name != "vectors":
                connection.execute(f'DROP TABLE IF EXISTS "{name}"')
        for statement in _TABLES.strip().split(";\n"):
            connection.execute(statement)
        connection.executemany("INSERT INTO facts VALUES (?, ?)", [("version", version()), *kept])
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> str | None:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'facts'").fetchone():
        return None
    row = connection.execute("SELECT value FROM facts WHERE name = 'version'").fetchone()
    return row[0] if row else None


def version() -> str:
    """What the tables depend on besides the pages: the code that fills them."""
    return fingerprint(
        "search/tables", "search/leaves", "search/terms", "languages",
        "pages/document", "pages/frontmatter", "pages/evidence", "pages/bullets", "pages/markup", "pages/links",
        "pages/sections",
    )  # fmt: skip


def _is_locked(error: Exception) -> bool:
    return "locked" in str(error) or "busy" in str(error)


def _locked(path: str) -> Failure:
    return Failure("another process has locked it: try again when it has ended", path)
