"""Checks on the form of a page."""

from __future__ import annotations

import re
from collections.abc import Iterator

from quern.checks.view import Page, Problem, View

_DATES = ("created", "updated", "as_of")
_NUMBERS = ("sources", "claims", "words")
_STATUS = ("current", "contested", "stale", "outdated", "incomplete")
_CONFLICT = "a merge conflict"
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


def conflict_marks(_view: View, page: Page) -> Iterator[Problem]:
    """Lines that git left of a merge."""
    for line, message in page.sheet.problems:
        if message.startswith(_CONFLICT):
            yield Problem(line, message)


def invalid_front_matter(view: View, page: Page) -> Iterator[Problem]:
    """YAML that is none, and values that a key of ours cannot have."""
    for line, message in page.sheet.problems:
        if _is_in_front(page, line, message):
            yield Problem(line, message, "mend the YAML between the --- lines")
    # On a page that people made, the keys are theirs too.
    if page.sheet.problems or not page.sheet.front or page.sheet.is_index or not page.is_ours:
        return
    front = page.sheet.front
    for key in (*_DATES, *_NUMBERS, "status", "type", "title"):
        value = front.get(key)
        if value is not None and (isinstance(value, list) or not _is_valid(key, value)):
            yield Problem(view.line_of(page, key), f"{key}: {value!r} is not {_wanted(key)}")
    known = (*view.schema.pages.types, "source", "answer")
    if front.get("type") and page.row.type not in known:
        yield Problem(view.line_of(page, "type"), f"type: {page.row.type!r} is none of {', '.join(known)}")


def double_footnote(_view: View, page: Page) -> Iterator[Problem]:
    """Footnotes that stand on the page twice."""
    for line, message in page.sheet.problems:
        if not message.startswith(_CONFLICT) and not _is_in_front(page, line, message):
            yield Problem(line, message, "make one footnote of the two")


def missing_front_matter(_view: View, page: Page) -> Iterator[Problem]:
    """Pages without front matter, or without the keys that they need."""
    if page.sheet.is_index or page.sheet.problems or page.sheet.is_empty:
        return
    if not page.sheet.front:
        yield Problem(1, "no front matter", "begin the page with title and type between two --- lines")
        return
    wanted = ("title", "type", "source", "id", "sha256") if page.is_source else ("title", "type")
    missing = [key for key in wanted if not page.sheet.front.get(key)]
    if missing:
        yield Problem(1, f"the front matter has no {', '.join(missing)}", "add what is missing")


def wrong_count(view: View, page: Page) -> Iterator[Problem]:
    """Numbers of sources and claims in the front matter that are not those of the page."""
    if not (page.is_source or page.is_topic) or page.sheet.problems:
        return
    wanted = {"claims": len(page.sheet.items)} if page.is_source else {}
    wanted = wanted or {"sources": page.row.sources, "claims": page.row.claims}
    for key, number in wanted.items():
        said = page.sheet.front.get(key)
        if isinstance(said, str) and said.isascii() and said.isdigit() and int(said) != number:
            yield Problem(view.line_of(page, key), f"{key}: {said}, but there are {number}", "", f"{key}: {number}")


def empty_page(_view: View, page: Page) -> Iterator[Problem]:
    """Pages on which nothing stands but headings."""
    if page.sheet.is_empty and not page.sheet.is_index:
        yield Problem(1, "nothing stands on this page", "write something, or delete the page")


def twin_file(view: View, page: Page) -> Iterator[Problem]:
    """Other files that a Mac takes for this page."""
    for path in view.twins(page.path):
        yield Problem(1, f"the same name as {path}, but for case or Unicode form", "make one page of the two")


def _is_in_front(page: Page, line: int, message: str) -> bool:
    return line <= max(page.sheet.front_end, 1) and not message.startswith(_CONFLICT)


def _is_valid(key: str, value: str) -> bool:
    if key in _DATES:
        return not value or _DATE.fullmatch(value) is not None
    if key in _NUMBERS:
        return value.isascii() and value.isdigit()
    return key != "status" or value in _STATUS


def _wanted(key: str) -> str:
    if key in _DATES:
        return "a date like 2026-04-02"
    if key in _NUMBERS:
        return "a number"
    return f"one of {', '.join(_STATUS)}" if key == "status" else "one line of text"
