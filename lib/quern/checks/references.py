"""Checks on how pages hang together: links, and the index. Links resolve as in Obsidian."""

from __future__ import annotations

import re
from collections.abc import Iterator

from quern import names
from quern.checks.view import Page, Problem, View
from quern.wiki.cards import Sheet

# What Obsidian leaves out of account when it looks for a heading.
_IGNORED = re.compile(r"[!\"#$%&()*+,.:;<=>?@^`{|}~/\[\]\\\r\n]")


def broken_link(view: View, page: Page) -> Iterator[Problem]:
    """Links to a file, heading or block that is not there."""
    if page.sheet.is_index:
        return
    # Where claims went is what `withheld-page` looks at: to a page that a person deleted, they do not go.
    sent = {item.line + 1 for item in page.sheet.items}
    for link in page.sheet.links:
        if link.is_citation or link.line in sent:
            continue
        file, _, part = link.target.partition("#")
        found = view.find(file, page) if file.strip() else [page.path]
        if not found:
            yield Problem(link.line, f"no page or file {file.strip()!r}", "mend the link, or write the page")
        elif part.strip() and not any(_has(view, path, page, part) for path in found):
            what = "block" if part.startswith("^") else "heading"
            yield Problem(link.line, f"no {what} {part.strip()!r} in {found[0]}", "mend the link")


def orphan_page(view: View, page: Page) -> Iterator[Problem]:
    """Pages that only they themselves, or no page, link to."""
    if page.is_source or page.sheet.is_index or page.sheet.is_empty:
        return
    stem = names.fold(page.row.file)
    if all(path == page.path for path in view.backlinks(stem)):
        yield Problem(1, "no other page links to this one", "link to it, or delete it")


def not_in_index(view: View, page: Page) -> Iterator[Problem]:
    """Pages that the index does not name."""
    if not page.sheet.is_index and not view.is_index_owed and not view.is_indexed(page):
        yield Problem(1, "not in the index", "run: bin/index")


def index_without_page(view: View, page: Page) -> Iterator[Problem]:
    """Lines of the index that name no page."""
    if not page.sheet.is_index:
        return
    for link in page.sheet.links:
        file = link.target.partition("#")[0]
        if file.strip() and not view.find(file, page):
            yield Problem(link.line, f"no page {file.strip()!r}", "run: bin/index")


def _has(view: View, path: str, page: Page, part: str) -> bool:
    sheet = page.sheet if path == page.path else view.catalogue.sheet(path)
    if sheet is None:
        return True  # no page of the wiki: what is in it is not known
    if part.startswith("^"):
        return part[1:].strip().casefold() in {block.casefold() for block in sheet.blocks}
    return _has_heading(sheet, part)


def _has_heading(sheet: Sheet, part: str) -> bool:
    """Whether the headings of a path such as `Heading#Sub` stand in the page, one below the other."""
    wanted = [heading_key(step) for step in part.split("#") if step.strip()]
    at = 0
    for heading in sheet.headings:
        if at < len(wanted) and heading_key(heading) == wanted[at]:
            at += 1
    return at == len(wanted)


def heading_key(text: str) -> str:
    """A heading as links name it: in words, or in the words that GitHub makes an anchor of."""
    return " ".join(_IGNORED.sub(" ", text).replace("-", " ").split()).casefold()
