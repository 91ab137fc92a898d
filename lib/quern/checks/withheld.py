"""Checks on pages that people deleted: what went to them is kept on the source pages, and shown nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

from quern import names
from quern.checks.view import Page, Problem, View
from quern.pages import links


def withheld_page(view: View, page: Page) -> Iterator[Problem]:
    """Pages that are not there, though claims went to them; each is told of on the first source page that names it."""
    if not page.is_source:
        return
    sent: dict[str, list[int]] = {}
    for item in page.sheet.items:
        for target in filter(_is_topic, item.pages):
            sent.setdefault(links.target_file(target), []).append(item.line + 1)
    for file, lines in sent.items():
        if not view.find(file, page) and _is_first(view, page, file):
            yield Problem(lines[0], f"{file!r} was deleted, and what went to it is shown nowhere", "bin/restore PAGE")


def _is_topic(target: str) -> bool:
    # An answer that a person has deleted can be asked for again.
    return not target.startswith("answers/")


def _is_first(view: View, page: Page, file: str) -> bool:
    naming = (view.catalogue.page(path) for path in view.backlinks(names.fold(file)))
    return next((row.path for row in naming if row is not None and row.type == page.row.type), page.path) == page.path
