"""Checks on names: which page is meant, and which pages are missing."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from quern import names
from quern.checks.census import Brief, Census
from quern.checks.view import Page, Problem, View
from quern.linking import TWO_THINGS
from quern.pages import markup
from quern.wiki import distinct

_WORD = re.compile(r"\S+")
_LINKED = re.compile(
    r"""\[\[[^]\n]*\]\] | \[[^]\n]*\]\([^)\n]*\) | ^\[\^.*$ | \[\^[^]\n]*\] | "[^"\n]*" | ^\#.*$""",
    re.MULTILINE | re.VERBOSE,
)
_EDGES = ".,;:!?()"
_WORDLIKE = re.compile(r"\w")
_WORDS = 6
_SHOWN = 10  # pages of one name of which it is looked up whether a person told them apart
_OPENERS = frozenset(("index", "readme"))
_MISSPELT = 5  # letters of a word that may be misspelt
_BRACKETS = re.compile(r"\s+\([^()]+\)\s*$")


def duplicate_name(view: View, page: Page) -> Iterator[Problem]:
    """Names that another page has too."""
    if page.is_source or page.sheet.is_index:
        return
    others, told = _distinct(view, page), {page.path}
    for name in (page.row.title, page.row.file, *page.row.aliases):
        # What opens a folder has a name in each of them.
        if names.normal(name) in _OPENERS:
            continue
        paths = [path for path in view.named(names.normal(name)) if path not in told and path not in others]
        told.update(paths)
        near = [path for path in paths[:_SHOWN] if page.path not in _distinct(view, view.page(path))]
        if near:
            others_too = len(near) - 1 + max(0, len(paths) - _SHOWN)
            more = f" and {others_too} more" if others_too else ""
            fix = "merge the pages, or give one another name; if they are two things, say distinct_from in front matter"
            yield Problem(view.line_of(page, "title"), f"{name!r} is a name of {near[0]}{more} too", fix, near[0])


def homonym(view: View, wiki: Census) -> Iterator[tuple[str, Problem]]:
    """Pages of one name but for what stands behind it in brackets, neither of which leads to the other."""
    called: dict[str, list[Brief]] = {}
    for brief in wiki.topics():
        called.setdefault(names.normal(_BRACKETS.sub("", brief.title)), []).append(brief)
    for briefs in called.values():
        for one, other in itertools.combinations(briefs, 2):
            if other.path in one.leads or one.path in other.leads or _are_distinct(view, one.path, other.path):
                continue
            if names.normal(one.title) != names.normal(other.title):
                fix = "say in the first line of each which is meant, with a link to the other; or distinct_from"
                yield other.path, Problem(1, f"{one.path} goes by the same name: {one.title!r}", fix, one.path)


def similar_name(view: View, wiki: Census) -> Iterator[tuple[str, Problem]]:
    """Pages whose titles are spelt so alike that they may be one: told of the later by path."""
    alike: dict[tuple[str, ...], list[Brief]] = {}
    for brief in wiki.topics():
        for key in _nearby(names.normal(brief.title)):
            alike.setdefault(key, []).append(brief)
    pairs = {(one.path, other.path) for some in alike.values() for one, other in itertools.combinations(some, 2)}
    for first, second in sorted(pairs):
        one, other = wiki.pages[first], wiki.pages[second]
        if names.normal(one.title) == names.normal(other.title) or _BRACKETS.search(one.title + other.title):
            continue
        if names.same(one.title, other.title, view.schema.names.fuzzy) and not _are_distinct(view, first, second):
            fix = "bin/unite makes one page of two; if they are two things, say distinct_from in front matter"
            yield second, Problem(1, f"{other.title!r} is much like {one.title!r}, {first}", fix, first)


def _nearby(key: str) -> Iterator[tuple[str, ...]]:
    """What two names have in common that differ by a letter or two of one word: that word without one letter."""
    words = key.split()
    for at, word in enumerate(words):
        if len(word) >= _MISSPELT:
            for letter in range(1, len(word) - 1):
                yield (*words[:at], word[:letter] + word[letter + 1 :], *words[at + 1 :])
            yield tuple(words)
    yield (key.replace(" ", ""),)


def _are_distinct(view: View, one: str, other: str) -> bool:
    return other in _distinct(view, view.page(one)) or one in _distinct(view, view.page(other))


def ambiguous_name(view: View, page: Page) -> Iterator[Problem]:
    """Names that wait because they are those of two things, unless the pages of these say so."""
    for waiting in page.sheet.waiting:
        if waiting.reason.startswith(TWO_THINGS) and not _are_told_apart(view, waiting.name):
            fix = "write a page for one of them, with a title and aliases that tell them apart"
            yield Problem(waiting.line, f"{waiting.name}: {waiting.reason}", fix)


def waiting_name(view: View, page: Page) -> Iterator[Problem]:
    """Names that wait on the pages of enough sources to have a page."""
    for waiting in page.sheet.waiting:
        count = view.catalogue.waiting_on(names.normal(waiting.name))
        if count >= view.schema.pages.min_sources and not waiting.reason.startswith(TWO_THINGS):
            yield Problem(waiting.line, f"{waiting.name} waits on {count} source pages", "write a page for it")


def unlinked_mention(view: View, page: Page) -> Iterator[Problem]:
    """Names of other pages in the prose of a page that links to them nowhere."""
    if page.is_source or page.sheet.is_index:
        return
    told = {path for _, found in view.leads(page) for path in found} | {page.path}
    for line, words in _prose(view, page):
        at = 0
        while at < len(words):
            found, size = _longest(view, words, at)
            if found and found not in told:
                told.add(found)
                name = " ".join(words[at : at + size]).strip(_EDGES)
                yield Problem(line, f"{name!r} is not linked to {found}", "link it", found)
            at += size


def _longest(view: View, words: list[str], at: int) -> tuple[str | None, int]:
    """The page that the most words from here on are a name of, and how many words that are."""
    first = names.normal(words[at])
    if not view.may_begin(first):
        return None, 1
    for size in range(min(_WORDS, len(words) - at), 0, -1):
        if "¦" in words[at : at + size] or not _WORDLIKE.search(words[at + size - 1]):
            continue
        key = names.normal(" ".join(words[at : at + size]))
        found = view.named(key) if key.startswith(first) else []
        if len(found) == 1:
            return found[0], size
    return None, 1


def _prose(view: View, page: Page) -> Iterator[tuple[int, list[str]]]:
    """The words of each line, without what is linked, quoted, code or a heading."""
    text = (view.vault.root / page.path).read_bytes().decode(errors="replace")
    blanked = _LINKED.sub(" ¦ ", markup.blanked(text))
    for number, line in enumerate(blanked.split("\n"), 1):
        if number > page.sheet.front_end:
            yield number, _WORD.findall(line)


def _are_told_apart(view: View, name: str) -> bool:
    """Whether several pages have this name, and of each two one says that it is not the other."""
    paths = view.named(names.normal(name))
    apart = {path: _distinct(view, view.page(path)) for path in paths}
    pairs = list(itertools.combinations(paths, 2))
    return bool(pairs) and all(one in apart[other] or other in apart[one] for one, other in pairs)


def _distinct(view: View, page: Page | None) -> set[str]:
    """The pages that a person has said to be another thing than this one."""
    return {path for file in distinct.files(page.sheet.front) for path in view.find(file, page)} if page else set()
