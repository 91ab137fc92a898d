"""Checks on how pages hang together. Links resolve as in Obsidian."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from quern import names
from quern.checks.census import Census
from quern.checks.view import Page, Problem, View
from quern.wiki.cards import Link, Sheet

_MUCH = 5  # claims, from which on a page should lead somewhere
_SHOWN = 5  # pages of an island that are named
_PLACEHOLDERS = frozenset(
    (
        *("link", "links", "link here", "wikilink", "wikilinks", "wiki link", "wiki links", "page", "page name"),
        *("page title", "pagename", "note", "note name", "note title", "file name", "filename", "name", "title"),
        *("target", "placeholder", "todo", "tbd", "tba", "fixme", "xxx", "insert link", "insert link here"),
    )
)

# What GitHub leaves out of an anchor.
_PUNCTUATION = re.compile(r"[^\w\s-]")
# What Obsidian leaves out of account when it looks for a heading.
_IGNORED = re.compile(r"[!\"#$%&()*+,.:;<=>?@^`{|}~/\[\]\\\r\n]")


def broken_link(view: View, page: Page) -> Iterator[Problem]:
    """Links to a file, heading or block that is not there."""
    for link, found in _live(view, page):
        file, _, part = link.target.partition("#")
        if not found:
            if not (link.is_embed or _is_placeholder(file)):
                said = f"no page or file {file.strip()!r}"
                yield Problem(link.line, said, "mend the link, or write the page", link.target)
        elif part.strip() and not any(_has(view, path, page, part) for path in found):
            what = "block" if part.startswith("^") else "heading"
            yield Problem(link.line, f"no {what} {part.strip()!r} in {found[0]}", "mend the link", link.target)


def missing_embed(view: View, page: Page) -> Iterator[Problem]:
    """Images and other files that are to be shown and are not there."""
    for link, found in _live(view, page):
        file = link.target.partition("#")[0]
        if link.is_embed and not found and not _is_placeholder(file):
            said = f"no page or file {file.strip()!r}, which is to be shown here"
            yield Problem(link.line, said, "put the file back, or take the line away", link.target)


def placeholder_link(view: View, page: Page) -> Iterator[Problem]:
    """Links to words that stand for a page somebody was to put there: `[[link]]`, `[[page name]]`, `[[TODO]]`."""
    for link, found in _live(view, page):
        file = link.target.partition("#")[0]
        if not found and _is_placeholder(file):
            yield Problem(link.line, f"{file.strip()!r} stands for a page, and is none", "name the page", link.target)


def malformed_link(_view: View, page: Page) -> Iterator[Problem]:
    """What begins like a link and is none: without an end, without a name, with a blank in its path."""
    for oddity in page.sheet.oddities:
        if oddity.sort == "malformed":
            fix = "end it with ]], or put a backslash before it" if oddity.what.startswith("[[") else "write %20 for it"
            yield Problem(oddity.line, f"{oddity.what!r} is no link", fix, oddity.what)


def one_way_link(view: View, page: Page) -> Iterator[Problem]:
    """Pages that a page lists under Related, and that do not link back to it."""
    if not page.is_topic:
        return
    back = frozenset(view.backlinks(names.fold(page.row.file)))
    told = {page.path}
    for target in page.sheet.related:
        for path in view.find(target.partition("#")[0], page):
            other = view.catalogue.page(path) if path not in told and path not in back else None
            told.add(path)
            if other is not None and other.type in view.schema.pages.types:
                line = next((link.line for link in page.sheet.links if link.target == target), 1)
                yield Problem(line, f"{path} is related to this page, and does not link to it", "link back", path)


def few_links(view: View, page: Page) -> Iterator[Problem]:
    """Pages that say much and lead nowhere."""
    if not page.is_topic or len(page.sheet.claims) < _MUCH:
        return
    if not any(path.startswith("wiki/") and path not in view.indexes for path in view.links_to(page)):
        yield Problem(1, f"{len(page.sheet.claims)} claims, and no link to another page", "link what it names")


def orphan_page(view: View, page: Page) -> Iterator[Problem]:
    """Pages that only they themselves, or no page, link to."""
    if page.is_source or page.sheet.is_index or page.sheet.is_empty:
        return
    stem = names.fold(page.row.file)
    if all(path == page.path for path in view.backlinks(stem)):
        yield Problem(1, "no other page links to this one", "link to it, or delete it")


def island(_view: View, wiki: Census) -> Iterator[tuple[str, Problem]]:
    """Pages of ours that link to each other and to no other, where most hang together; told once, of the first."""
    found = sorted(_islands(wiki), key=lambda paths: (-len(paths), paths[0]))
    for paths in found[1:]:
        if len(paths) > 1:
            shown = ", ".join(posixpath.basename(path).removesuffix(".md") for path in paths[:_SHOWN])
            more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
            yield (
                paths[0],
                Problem(1, f"these pages link only to each other: {shown}{more}", "link one to another page"),
            )


def _islands(wiki: Census) -> Iterator[list[str]]:
    """The pages of ours, those together between which links lead, either way and over however many others."""
    near: dict[str, set[str]] = {brief.path: set() for brief in wiki.topics()}
    for brief in wiki.pages.values():
        # Over what people wrote, too: but the index and the sources link to all.
        if not brief.path.startswith("wiki/index"):
            for path in brief.leads & wiki.pages.keys():
                near.setdefault(brief.path, set()).add(path)
                near.setdefault(path, set()).add(brief.path)
    seen: set[str] = set()
    for start in sorted(near):
        if start in seen:
            continue
        group, todo = [], [start]
        seen.add(start)
        while todo:
            path = todo.pop()
            group.append(path)
            new = near[path] - seen
            seen |= new
            todo += sorted(new)
        own = sorted(path for path in group if wiki.pages[path].is_topic)
        if own:
            yield own


def _live(view: View, page: Page) -> list[tuple[Link, list[str]]]:
    """The links of a page that must lead somewhere, and where they do."""
    return view.once(_look, page)


def _look(view: View, page: Page) -> Iterator[tuple[Link, list[str]]]:
    if page.sheet.is_index:
        return
    # Where claims went is what `withheld-page` looks at: to a page that a person deleted, they do not go.
    sent = {item.line + 1 for item in page.sheet.items}
    for link, found in view.leads(page):
        if not link.is_citation and link.line not in sent:
            yield link, found


def _is_placeholder(file: str) -> bool:
    words = names.fold(file).strip().strip("<>{}_*").replace("_", " ").replace("-", " ")
    return words in _PLACEHOLDERS or not words.strip(". …?")


def _has(view: View, path: str, page: Page, part: str) -> bool:
    sheet = page.sheet if path == page.path else view.catalogue.sheet(path)
    if sheet is None:
        return True  # no page of the wiki: what is in it is not known
    if part.startswith("^"):
        return part[1:].strip().casefold() in {block.casefold() for block in sheet.blocks}
    return _has_heading(sheet, part)


def _has_heading(sheet: Sheet, part: str) -> bool:
    """Whether the headings of a path such as `Heading#Sub` stand in the page, one below the other.

    Each may be given by its words, or by the anchor that GitHub makes of them.
    """
    wanted = [step for step in part.split("#") if step.strip()]
    at = 0
    for heading, anchor in zip(sheet.headings, _anchors(sheet.headings), strict=True):
        if at < len(wanted) and (heading_key(heading) == heading_key(wanted[at]) or anchor == wanted[at].casefold()):
            at += 1
    return at == len(wanted)


def _anchors(headings: Iterable[str]) -> Iterator[str]:
    """The anchors of headings: in small letters, without punctuation, a number behind one that was there before."""
    seen: Counter[str] = Counter()
    for heading in headings:
        anchor = _PUNCTUATION.sub("", heading.casefold()).replace(" ", "-")
        yield f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor
        seen[anchor] += 1


def heading_key(text: str) -> str:
    """A heading as links name it: in words, or in the words that GitHub makes an anchor of."""
    return " ".join(_IGNORED.sub(" ", text).replace("-", " ").split()).casefold()
