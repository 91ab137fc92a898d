"""Claims and leads as vectors, kept beside the words: what is near in meaning is found without a common word.

A vector is known by a hash of its text, so only what has changed is embedded again, and what stands on several pages
once. Vectors of another model go. There is no index: numpy compares all.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from quern.models.embedding import Embedder
from quern.program import Failure
from quern.search.tables import Tables

if TYPE_CHECKING:
    import numpy as np

_AT_ONCE = 64
"""Texts that are embedded between two times that vectors are written down: what is killed loses no more."""
_UNUSED = """
    DELETE FROM vectors WHERE text_hash NOT IN (SELECT text_hash FROM claims UNION SELECT lead_hash FROM pages)
"""
_MISSING = """
    SELECT text_hash, text FROM claims WHERE text_hash NOT IN (SELECT text_hash FROM vectors)
    UNION SELECT lead_hash, title || '. ' || lead FROM pages
    WHERE lead_hash <> 0 AND lead_hash NOT IN (SELECT text_hash FROM vectors)
"""


class Vectors:
    """The vectors of one vault. Raises Failure if numpy is not there, or the model cannot be asked."""

    def __init__(self, tables: Tables, embedder: Embedder) -> None:
        try:
            import numpy
        except ImportError:
            raise Failure("numpy is not installed: .venv/bin/python -m pip install -e '.[embed]'") from None
        self._numpy = numpy
        self._tables, self._embedder = tables, embedder
        self._loaded: dict[str, tuple[list[int], np.ndarray]] = {}
        self._dimension = 0
        self._agree()

    def forget(self) -> None:
        """The tables have changed: what was loaded of them is loaded anew."""
        self._loaded.clear()

    def missing(self) -> int:
        """How many texts have no vector yet."""
        return int(self._tables.rows(f"SELECT count(*) FROM ({_MISSING})")[0][0])  # noqa: S608

    def fill(self, seconds: float | None = None) -> int:
        """Embed what has no vector yet, for so long at most; returns how many texts are still without."""
        self._tables.note(_UNUSED, [()])
        begun = time.monotonic()
        missing = self._tables.rows(f"{_MISSING} ORDER BY 1")
        for at in range(0, len(missing), _AT_ONCE):
            if seconds is not None and time.monotonic() - begun > seconds:
                return len(missing) - at
            some = missing[at : at + _AT_ONCE]
            # Texts of one length are evaluated together without waste.
            some.sort(key=lambda row: (len(row[1]), row[0]))
            vectors = list(self._embedder.vectors([text for _, text in some]))
            self._measure(vectors)
            rows = [(hash_, self._packed(vector)) for (hash_, _), vector in zip(some, vectors, strict=True)]
            self._tables.note("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
            self.forget()
        return 0

    def pages(self, query: str, limit: int, among: set[int] | None = None) -> list[int]:
        """The pages (rows) whose lead or one of whose claims is nearest to a query, the nearest first."""
        sql = (
            "SELECT id, vector FROM pages JOIN vectors ON text_hash = lead_hash "
            "UNION ALL SELECT t.id, v.vector FROM claims c JOIN vectors v ON v.text_hash = c.text_hash "
            "JOIN went w ON w.claim = c.id JOIN pages t ON t.file = w.file AND t.id <> c.page"
        )
        return self._nearest("pages", sql, query, limit, among)

    def claims(self, query: str, limit: int, among: set[int] | None = None) -> list[int]:
        """The claims (rows) that are nearest to a query."""
        sql = "SELECT c.id, v.vector FROM claims c JOIN vectors v ON v.text_hash = c.text_hash"
        return self._nearest("claims", sql, query, limit, among)

    def _nearest(self, name: str, sql: str, query: str, limit: int, among: set[int] | None) -> list[int]:
        if name not in self._loaded:
            self._loaded[name] = self._matrix(sql)
        rows, matrix = self._loaded[name]
        if not rows:
            return []
        numpy = self._numpy
        (asked,) = self._embedder.vectors([query])
        if len(asked) != matrix.shape[1]:
            # The model under this name has become another one.
            self._measure([asked])
            return []
        near = matrix @ self._unit(asked)
        found: dict[int, None] = {}
        for at in numpy.argsort(-near, kind="stable"):
            row = rows[int(at)]
            if among is None or row in among:
                found.setdefault(row)
            if len(found) >= limit:
                break
        return list(found)

    def _matrix(self, sql: str) -> tuple[list[int], np.ndarray]:
        numpy = self._numpy
        found = self._tables.rows(sql)
        data = b"".join(vector for _, vector in found)
        matrix = numpy.frombuffer(data, dtype=numpy.float16).astype(numpy.float32)
        return [row for row, _ in found], matrix.reshape(len(found), -1) if found else matrix

    def _agree(self) -> None:
        """Vectors of another model than the one that is asked now go."""
        told = self._tables.facts()
        if told.get("embedder") != self._embedder.identity:
            self._start_again(self._embedder.identity, 0)
        else:
            self._dimension = int(told.get("dimension", 0))

    def _measure(self, vectors: Iterable[Sequence[float]]) -> None:
        """Vectors of another dimension than those that were made are of another model, whatever it is called."""
        dimension = len(next(iter(vectors)))
        if dimension != self._dimension:
            self._start_again(self._embedder.identity, dimension)

    def _start_again(self, identity: str, dimension: int) -> None:
        self._tables.note("DELETE FROM vectors", [()])
        facts = [("embedder", identity), ("dimension", str(dimension))]
        self._tables.note("INSERT OR REPLACE INTO facts VALUES (?, ?)", facts)
        self._dimension = dimension
        self.forget()

    def _packed(self, vector: Sequence[float]) -> bytes:
        return bytes(self._unit(vector).astype(self._numpy.float16).tobytes())

    def _unit(self, vector: Sequence[float]) -> Any:
        made = self._numpy.asarray(vector, dtype=self._numpy.float32)
        length = float(self._numpy.linalg.norm(made))
        return made / length if length else made
