"""Pages that are two things, whatever they are called: a person, or `split`, wrote so into them (`distinct_from:`)."""

from __future__ import annotations

from typing import Any, Protocol


class Pages(Protocol):
    """The look-ups that are made; `wiki.Catalogue` answers them."""

    def page_by_file(self, file: str) -> Any: ...
    def sheet(self, path: str) -> Any: ...


def files(front: Any) -> list[str]:
    """The pages that front matter says are another thing, as links name them: `[[Mercury (planet)]]` or without."""
    value = front.get("distinct_from") or []
    listed = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return [file for one in listed if (file := str(one).strip('[]" ').partition("|")[0].strip())]


def distinct(catalogue: Pages, path: str) -> frozenset[str]:
    """The paths of the pages that a page says are another thing."""
    sheet = catalogue.sheet(path)
    rows = [catalogue.page_by_file(file) for file in files(sheet.front)] if sheet is not None else []
    return frozenset(row.path for row in rows if row is not None)


def called(catalogue: Pages, path: str) -> list[str]:
    """The names of the pages that a page says are another thing; of one that is not there, its file's."""
    sheet = catalogue.sheet(path)
    found: list[str] = []
    for file in files(sheet.front) if sheet is not None else ():
        row = catalogue.page_by_file(file)
        found += [file.rpartition("/")[2]] if row is None else [row.title, *row.aliases, row.file]
    return found


def are_distinct(catalogue: Pages, one: str, other: str) -> bool:
    """Whether either of two pages says that the other is another thing."""
    return other in distinct(catalogue, one) or one in distinct(catalogue, other)
