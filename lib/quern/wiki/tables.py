"""The catalogue on disk: tables in `.cache/catalogue.sqlite`, kept true to the files of the vault.

The Markdown is the truth, the tables can be deleted at any time: what is missing, damaged or of another version
is made again without a word, and where nothing can be written the tables live in memory, which is said once.
A file is read again only if its time, size or inode differ.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from quern import caches, names
from quern.pages.document import Document
from quern.program import warn
from quern.stamps import Stamp, fingerprint, listing
from quern.vault import Vault
from quern.wiki.cards import Card, make, make_many

_TABLES = """
CREATE TABLE files (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, fold TEXT NOT NULL, stem TEXT NOT NULL,
    time INTEGER NOT NULL, size INTEGER NOT NULL, inode INTEGER NOT NULL, sha256 TEXT, twin TEXT);
CREATE TABLE pages (
    id INTEGER PRIMARY KEY, title TEXT NOT NULL, type TEXT NOT NULL, aliases BLOB NOT NULL, lead TEXT NOT NULL,
    sources INTEGER NOT NULL, claims INTEGER NOT NULL, as_of TEXT, updated TEXT, status TEXT, sheet BLOB NOT NULL);
CREATE TABLE sources (
    page INTEGER PRIMARY KEY, id TEXT NOT NULL, slug TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL,
    title TEXT NOT NULL, engine TEXT NOT NULL, model TEXT, language TEXT NOT NULL, checked TEXT);
CREATE TABLE keys (id INTEGER PRIMARY KEY, key TEXT NOT NULL, page INTEGER NOT NULL, own INTEGER NOT NULL);
CREATE TABLE grams (gram TEXT NOT NULL, key INTEGER NOT NULL, PRIMARY KEY (gram, key)) WITHOUT ROWID;
CREATE TABLE claims (id TEXT NOT NULL, page INTEGER NOT NULL, item BLOB NOT NULL);
CREATE TABLE candidates (key TEXT NOT NULL, page INTEGER NOT NULL, nth INTEGER NOT NULL);
CREATE TABLE links (stem TEXT NOT NULL, page INTEGER NOT NULL);
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_INDEXES = """
CREATE INDEX files_fold ON files (fold);
CREATE INDEX files_stem ON files (stem);
CREATE INDEX files_twin ON files (twin) WHERE twin IS NOT NULL;
CREATE INDEX sources_id ON sources (id);
CREATE INDEX sources_path ON sources (path);
CREATE INDEX sources_sha ON sources (sha256);
CREATE INDEX keys_key ON keys (key, page, own);
CREATE INDEX keys_page ON keys (page);
CREATE INDEX claims_id ON claims (id, page);
CREATE INDEX claims_page ON claims (page);
CREATE INDEX candidates_key ON candidates (key);
CREATE INDEX candidates_page ON candidates (page);
CREATE INDEX links_stem ON links (stem, page);
CREATE INDEX links_page ON links (page);
"""
_PARTS = ("pages", "sources", "keys", "claims", "candidates", "links")
# A file changed twice within a tick of its file system's clock can keep its stamp: one so young is not trusted.
_TICK, _COARSE_TICK = 50_000_000, 2_000_000_000


class Tables:
    """The tables of one vault and the look-ups that SQL does. Answers are as of the last `refresh`."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault
        self._connection = _connect(vault)
        # What the tables knew of the files when `_version_seen` was the version of their data.
        self._stamps: dict[str, Stamp] = {}
        self._version_seen: int | None = None
        # Pages that are being written: their cards need not be made of their text again.
        self._expected: dict[str, tuple[str, Document]] = {}

    def close(self) -> None:
        self._connection.close()

    def rows(self, query: str, *values: object) -> list[Any]:
        """All rows of a query; tables found damaged are made again first."""
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            self._start_again(error)
            self.refresh()
            return self._connection.execute(query, values).fetchall()

    @contextlib.contextmanager
    def still(self) -> Iterator[None]:
        """Meanwhile all look-ups see the tables as they are now, whatever another process writes into them."""
        self._connection.execute("BEGIN")
        self._connection.execute("SELECT value FROM facts LIMIT 1").fetchall()
        try:
            yield
        finally:
            if self._connection.in_transaction:
                self._connection.execute("COMMIT")

    def note(self, query: str, values: Iterable[Sequence[object]]) -> None:
        """Write down something that was found out; if it cannot be written it will be found out again."""
        with contextlib.suppress(sqlite3.OperationalError), self._writing() as connection:
            connection.executemany(query, values)

    def findings(self, name: str, key: str) -> str | None:
        """What lint found under that name, if nothing has changed since and it was asked the same way."""
        is_found = self.is_found(f"{name} for", f"{self.generation()} {key}")
        return self.rows("SELECT value FROM facts WHERE name = ?", name)[0][0] if is_found else None

    def keep_findings(self, name: str, key: str, generation: int, findings: str) -> None:
        """Write down what lint found when the tables were of that generation."""
        rows = [(name, findings), (f"{name} for", f"{generation} {key}")]
        self.note("INSERT OR REPLACE INTO facts VALUES (?, ?)", rows)

    def is_found(self, name: str, value: str) -> bool:
        """Whether this was the last that was found out under that name."""
        return bool(self.rows("SELECT 1 FROM facts WHERE name = ? AND value = ?", name, value))

    def keep_found(self, name: str, value: str) -> None:
        """Write down what was found out; it is true of what its value names, whatever the files are meanwhile."""
        self.note("INSERT OR REPLACE INTO facts VALUES (?, ?)", [(name, value)])

    def expect(self, documents: Mapping[str, tuple[str, Document]]) -> None:
        """Pages that are about to be written, as they will be: path -> (sha256 of the text, the page)."""
        self._expected = dict(documents)

    def generation(self) -> int:
        """How often the tables have changed with the files."""
        return int(self.rows("SELECT value FROM facts WHERE name = 'generation'")[0][0])

    def refresh(self) -> bool:
        """Make the tables true to the files; returns whether anything had changed."""
        found = listing(self.vault)
        try:
            return self._refresh(found)
        except sqlite3.DatabaseError as error:
            self._start_again(error)
            return self._refresh(found)

    def _refresh(self, found: Mapping[str, Stamp]) -> bool:
        generation, known = self._generation(), self._known()
        if known == found:
            return False
        with self._writing() as connection:
            if self._generation() != generation:
                known = self._known()
            if known == found:
                return True
            # What is known follows what is written from here on.
            is_first = not known
            if is_first:
                for statement in _statements(_INDEXES):
                    connection.execute(f"DROP INDEX IF EXISTS {statement.split()[2]}")
            gone = known.keys() - found.keys()
            self._forget(gone)
            changed = self._read({path: stamp for path, stamp in found.items() if known.get(path) != stamp}, found)
            self._expected = {}
            if is_first:
                for statement in _statements(_INDEXES):
                    connection.execute(statement)
            if gone or changed:
                connection.execute("UPDATE facts SET value = value + 1 WHERE name = 'generation'")
        return bool(gone or changed)

    def _generation(self) -> int:
        return int(self._connection.execute("SELECT value FROM facts WHERE name = 'generation'").fetchone()[0])

    def _known(self) -> dict[str, Stamp]:
        """What the tables know of the files; nothing is read if only this process has written into them since."""
        version = int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        if version != self._version_seen:
            query = "SELECT path, time, size, inode FROM files"
            rows = self._connection.execute(query)
            self._stamps = {path: (time_, size, inode) for path, time_, size, inode in rows}
            self._version_seen = version
        return self._stamps

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            with caches.writing(self._connection) as connection:
                yield connection
        except BaseException:
            self._version_seen = None
            raise

    def _start_again(self, error: sqlite3.DatabaseError) -> None:
        """Damaged tables are thrown away; a place where they cannot be written is given up for memory."""
        self._connection.close()
        self._version_seen = None
        if not isinstance(error, sqlite3.OperationalError):
            caches.remove(_path(self.vault))
            self._connection = _connect(self.vault)
        else:
            self._connection = _in_memory(_path(self.vault), error)

    # Files into tables

    def _forget(self, paths: Iterable[str]) -> None:
        for path in paths:
            row = self._connection.execute("SELECT id FROM files WHERE path = ?", (path,)).fetchone()
            if row is not None:
                self._clear(row[0])
                self._connection.execute("DELETE FROM files WHERE id = ?", row)
            self._stamps.pop(path, None)

    def _clear(self, page: int) -> None:
        own = self._connection.execute("SELECT id, key FROM keys WHERE page = ? AND own", (page,)).fetchall()
        pairs = [(gram, id_) for id_, key in own for gram in grams(key)]
        self._connection.executemany("DELETE FROM grams WHERE gram = ? AND key = ?", pairs)
        for table in _PARTS:
            column = "id" if table == "pages" else "page"
            self._connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (page,))  # noqa: S608

    def _read(self, stamps: Mapping[str, Stamp], found: Mapping[str, Stamp]) -> bool:
        """Take in some files; returns whether any had changed, and not only its stamp."""
        now = time.time_ns()
        batch = _Batch(self._next("files"), self._next("keys"))
        was_full, changed = batch.next_id > 1, False
        twins = _twins(self._folded_as(stamps) if was_full else found)
        cards = {}
        if not was_full:
            cards = make_many(str(self.vault.root), [path for path in found if _is_page(path) and path not in twins])
        for path in sorted({*stamps, *self._twins_changed(twins)} & found.keys()):
            row = self._standing(path) if was_full else None
            is_young = now - found[path][0] < (_TICK if found[path][0] % 10**9 else _COARSE_TICK)
            digest, card = cards.pop(path, None) or (None, None)
            data = None
            if card is None and (_is_page(path) or is_young or (row and row[1])):
                data = _bytes(self.vault, path)
                digest = None if data is None else sha256(data).hexdigest()
            id_ = row[0] if row else batch.next_file()
            # The time of a file too young to be trusted is left out, so that it is looked at again.
            self._stamps[path] = (0, *found[path][1:]) if is_young else found[path]
            batch.file(id_, path, self._stamps[path], digest, twins.get(path))
            if row is not None and digest is not None and row[1:] == (digest, twins.get(path)):
                continue
            changed = True
            if row is not None:
                self._clear(id_)
            if card is None and data is not None and _is_page(path) and path not in twins:
                sha, document = self._expected.get(path, (None, None))
                card = make(path, data, document if sha == digest else None)
            if card is not None:
                batch.page(id_, card)
        batch.write(self._connection)
        return changed

    def _standing(self, path: str) -> tuple[int, str | None, str | None] | None:
        query = "SELECT id, sha256, twin FROM files WHERE path = ?"
        row: tuple[int, str | None, str | None] | None = self._connection.execute(query, (path,)).fetchone()
        return row

    def _next(self, table: str) -> int:
        return int(self._connection.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {table}").fetchone()[0])  # noqa: S608

    def _folded_as(self, paths: Iterable[str]) -> set[str]:
        """The pages, these among them, that may be twins of one of these, or are known to be another's."""
        known = self._connection.execute("SELECT path FROM files WHERE twin IS NOT NULL").fetchall()
        found = {path for path in (*paths, *(path for (path,) in known)) if _is_page(path)}
        query = "SELECT path FROM files WHERE fold = ?"
        rows = [self._connection.execute(query, (fold,)).fetchall() for fold in sorted(set(map(names.fold, found)))]
        return found.union(path for row in rows for (path,) in row)

    def _twins_changed(self, twins: Mapping[str, str]) -> set[str]:
        rows = self._connection.execute("SELECT path, twin FROM files WHERE twin IS NOT NULL").fetchall()
        return {path for path, _ in {*rows} ^ twins.items()}


class _Batch:
    """Rows gathered from many files, to be written table by table: many times faster than file by file."""

    def __init__(self, file: int, key: int) -> None:
        self.next_id, self._key = file, key
        self._rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in ("files", *_PARTS)}

    def next_file(self) -> int:
        self.next_id += 1
        return self.next_id - 1

    def file(self, id_: int, path: str, stamp: Stamp, digest: str | None, twin: str | None) -> None:
        stem = names.fold(os.path.basename(path).removesuffix(".md"))
        self._rows["files"].append((id_, path, names.fold(path), stem, *stamp, digest, twin))

    def page(self, id_: int, page: Card) -> None:
        self._rows["pages"].append((id_, *page.row))
        if page.source is not None:
            self._rows["sources"].append((id_, *page.source, None))
        for key, own in page.keys:
            self._rows["keys"].append((self._key, key, id_, own))
            self._key += 1
        self._rows["claims"] += [(claim, id_, item) for claim, item in page.claims]
        self._rows["candidates"] += [(key, id_, nth) for key, nth in page.candidates]
        self._rows["links"] += [(stem, id_) for stem in page.links]

    def write(self, connection: sqlite3.Connection) -> None:
        for table, rows in self._rows.items():
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                connection.executemany(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", rows)  # noqa: S608
        pairs = sorted((gram, id_) for id_, key, _, own in self._rows["keys"] if own for gram in grams(key))
        connection.executemany("INSERT OR IGNORE INTO grams VALUES (?, ?)", pairs)


def grams(key: str) -> set[str]:
    """The runs of three characters of a key, its ends marked."""
    text = f" {key} "
    return {text[at : at + 3] for at in range(len(text) - 2)}


def _is_page(path: str) -> bool:
    return path.startswith("wiki/") and path.endswith(".md")


def _bytes(vault: Vault, path: str) -> bytes | None:
    try:
        with open(vault.root / path, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return None


def _twins(found: Iterable[str]) -> dict[str, str]:
    """Pages that a file system without case or normal forms takes for another one: path -> the one that counts."""
    first: dict[str, str] = {}
    twins = {}
    for path in sorted(path for path in found if _is_page(path)):
        other = first.setdefault(names.fold(path), path)
        if other != path:
            twins[path] = other
    return twins


# The file of the tables


def _path(vault: Vault) -> str:
    return os.path.join(vault.cache, "catalogue.sqlite")


def _connect(vault: Vault) -> sqlite3.Connection:
    return caches.connect(_path(vault), 60, _lay_out, _in_memory)


def _in_memory(path: str, why: Exception) -> sqlite3.Connection:
    """Tables in memory, filled from the file as far as there is one that can be read."""
    if path not in _told:
        _told.add(path)
        said = getattr(why, "strerror", None) or why
        warn(f"{path}: cannot be written ({said}): each run reads anew what has changed since it could")
    connection = sqlite3.connect(":memory:", isolation_level=None)
    with contextlib.suppress(sqlite3.DatabaseError):
        standing = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
        with contextlib.closing(standing):
            standing.backup(connection)
    try:
        _lay_out(connection)
    except sqlite3.DatabaseError:
        connection.close()
        connection = sqlite3.connect(":memory:", isolation_level=None)
        _lay_out(connection)
    return connection


_told: set[str] = set()
"""Catalogues of which this process has said that they cannot be written."""


def _lay_out(connection: sqlite3.Connection) -> None:
    """Tables of this version, empty ones if there were none or others."""
    if _version(connection) == version():
        return
    connection.execute("BEGIN IMMEDIATE")
    if _version(connection) != version():
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        for (name,) in tables.fetchall():
            connection.execute(f'DROP TABLE "{name}"')
        for statement in _statements(_TABLES + _INDEXES):
            connection.execute(statement)
        connection.execute("INSERT INTO facts VALUES ('version', ?), ('generation', '0')", (version(),))
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> str | None:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'facts'").fetchone():
        return None
    row = connection.execute("SELECT value FROM facts WHERE name = 'version'").fetchone()
    return row[0] if row else None


def version() -> str:
    """What the tables depend on besides the files: the code that fills them."""
    return fingerprint(
        "wiki/tables", "wiki/cards",
        "pages/document", "pages/frontmatter", "pages/evidence", "pages/bullets", "pages/markup", "pages/links",
        "pages/sections", "pages/oddities",
        "names/forms", "names/files",
    )  # fmt: skip


def _statements(script: str) -> list[str]:
    return [statement for statement in script.strip().split(";\n") if statement]
