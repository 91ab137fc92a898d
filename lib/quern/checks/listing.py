"""Checks on the index and the log: what they should say of the pages, and what they do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from quern import journal, names
from quern.checks.census import Census
from quern.checks.view import Page, Problem, View
from quern.program import Failure
from quern.updates import contents

INDEX_FIX = "run: bin/index"
"""What puts right all that code can put right in an index."""

_ENTRY = re.compile(r"- \[\[(?P<target>[^\[\]|\n]+?)\\?(?:\|[^\n]*?)?\]\]")
_NAMED = re.compile(r"\[\[([^\[\]|#\n]+)")


def not_in_index(view: View, page: Page) -> Iterator[Problem]:
    """Pages that the index does not name; that there is none at all is told once."""
    if page.sheet.is_index or view.is_index_owed or not view.indexes:
        return
    if not view.is_indexed(page):
        yield Problem(1, "not in the index", INDEX_FIX)


def index_without_page(view: View, page: Page) -> Iterator[Problem]:
    """Lines of the index that name no page."""
    if not page.sheet.is_index:
        return
    ours = {line for line, _, _ in _entries(view, page.path)}
    for link, found in view.leads(page):
        if not found:
            file = link.target.partition("#")[0].strip()
            fix = INDEX_FIX if link.line in ours else "mend the link"
            yield Problem(link.line, f"no page {file!r}", fix, link.target)


def index_twice(view: View, page: Page) -> Iterator[Problem]:
    """Pages that the index lists twice."""
    if not page.sheet.is_index:
        return
    seen: dict[str, int] = {}
    for line, _, target in _entries(view, page.path):
        for path in view.find(target, page)[:1]:
            if path in seen:
                yield Problem(line, f"{path} is listed in line {seen[path]} already", INDEX_FIX, path)
            seen.setdefault(path, line)


def missing_index(view: View, wiki: Census) -> Iterator[tuple[str, Problem]]:
    """A wiki of ours without an index."""
    if not view.indexes and not view.is_index_owed and any(brief.is_ours for brief in wiki.pages.values()):
        yield contents.INDEX, Problem(1, "there is no index", INDEX_FIX)


def index_drift(view: View, _wiki: Census) -> Iterator[tuple[str, Problem]]:
    """Lines of the index that say of a page what it says no more, and an index out of its order."""
    if view.is_index_owed or not view.indexes:
        return
    try:
        made = contents.updates(view.vault, view.catalogue, view.schema)
    except Failure:
        return  # `bin/index` says why it cannot
    for path, (standing, wanted) in sorted(made.items()):
        index = view.page(path) if standing is not None else None
        if index is None or wanted is None:
            continue
        right, told = set(wanted.split("\n")), 0
        for line, text, target in _entries(view, path):
            if text not in right and view.find(target, index):
                told += 1
                yield path, Problem(line, f"{target!r} says something else by now", INDEX_FIX, target)
        if not told and sorted(wanted.split("\n")) == sorted((standing or "").split("\n")):
            yield path, Problem(1, "its lines are not in their order", INDEX_FIX)


def missing_log(view: View, wiki: Census) -> Iterator[tuple[str, Problem]]:
    """A wiki of ours without a log."""
    if view.is_unfinished or view.vault.log.exists():
        return
    if any(brief.is_ours for brief in wiki.pages.values()):
        yield "log.md", Problem(1, "there is no log", "put it back; git, or a copy, has it")


def unlogged_change(view: View, wiki: Census) -> Iterator[tuple[str, Problem]]:
    """Pages that say they were updated on a day, and that no entry of that day or later names."""
    if view.is_unfinished or not view.vault.log.exists():
        return
    text = view.vault.log.read_bytes().decode(errors="replace")
    last: dict[str, str] = {}
    for entry in journal.parse(text):
        for name in _NAMED.findall("\n".join(entry.bullets)):
            key = names.fold(name.strip())
            last[key] = max(last.get(key, ""), entry.date)
    for brief in wiki.pages.values():
        logged = max((last.get(names.fold(name), "") for name in brief.names), default="")
        if brief.is_ours and re.fullmatch(r"\d{4}-\d\d-\d\d", brief.updated) and logged < brief.updated:
            page = view.page(brief.path)
            line = view.line_of(page, "updated") if page is not None else 1
            yield brief.path, Problem(line, f"updated on {brief.updated}, and no entry of log.md says so since")


def _entries(view: View, path: str) -> Iterator[tuple[int, str, str]]:
    """The entries in our sections of an index file: their line, their text and what they name."""
    ours = {contents.heading(type_) for type_ in contents.types(view.schema)}
    is_ours = False
    text = (view.vault.root / path).read_bytes().decode(errors="replace")
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("## "):
            is_ours = line[3:].strip() in ours
        elif is_ours and (match := _ENTRY.match(line)):
            yield number, line, match["target"].strip()
