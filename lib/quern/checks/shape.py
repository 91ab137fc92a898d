"""Checks on the shape of a page: how long it is, whether it is called what its file is, what on it runs."""

from __future__ import annotations

from collections.abc import Iterator

from quern import names
from quern.checks.view import Page, Problem, View

_LEDGERS = "wiki/sources/"
_THIN = 25  # words


def thin_page(_view: View, page: Page) -> Iterator[Problem]:
    """Pages of which one claim, and little else, is all there is."""
    if page.is_topic and not page.sheet.is_empty and len(page.sheet.claims) < 2 and page.sheet.words < _THIN:
        yield Problem(
            1, f"{page.sheet.words} words are all that is said", "ingest more of it, or let it go into another"
        )


def long_page(view: View, page: Page) -> Iterator[Problem]:
    """Pages that nobody reads to the end."""
    most = view.schema.lint.long_page
    if not page.is_source and not page.sheet.is_index and page.sheet.words > most:
        yield Problem(1, f"{page.sheet.words} words, and {most} are many", "bin/split makes two pages of one")


def title_and_file(view: View, page: Page) -> Iterator[Problem]:
    """Pages whose file is not called what their title says."""
    title = page.sheet.front.get("title")
    if not page.is_topic or not isinstance(title, str) or not title.strip():
        return
    file, wanted = names.fold(page.row.file), names.fold(names.file_name(title))
    # What stands in brackets behind a name tells it from another page of that name.
    if file != wanted and not file.startswith(f"{wanted} ("):
        said = f"the title is {title!r}, the file {page.row.file!r}"
        yield Problem(view.line_of(page, "title"), said, "bin/rename PAGE TITLE", page.row.file)


def misplaced_page(_view: View, page: Page) -> Iterator[Problem]:
    """Source pages outside of their folder, and other pages in it."""
    if page.is_source and not page.path.startswith(_LEDGERS):
        yield Problem(1, "a source page, which is not in wiki/sources/", "move it there")
    elif not page.is_source and page.path.startswith(_LEDGERS):
        yield Problem(1, "in wiki/sources/, and no source page", "move it elsewhere in wiki/")


def active_content(_view: View, page: Page) -> Iterator[Problem]:
    """Scripts, frames, forms, and what Dataview's JavaScript or Templater run when the page is opened."""
    for oddity in page.sheet.oddities:
        if oddity.sort == "active":
            yield Problem(oddity.line, f"{oddity.what!r} runs, or loads something, where the page is opened", "", "")


def raw_html(_view: View, page: Page) -> Iterator[Problem]:
    """Tags of HTML, told once a page."""
    lines = [oddity for oddity in page.sheet.oddities if oddity.sort == "html"]
    if lines:
        more = f", and {len(lines) - 1} more" if len(lines) > 1 else ""
        yield Problem(lines[0].line, f"HTML: {lines[0].what}{more}", "write it in Markdown")
