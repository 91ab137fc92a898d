"""Pages are mended as mend records say: a link leads elsewhere, words become a link, a number is another.

Nothing is decided here. What is not, or no more, as a record says it is, stays, and that is said; a page on which
another word would change stays as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from quern import mending, names, pages, wiki
from quern.pages import Link, links
from quern.program import Failure, warn
from quern.records import Change, Mend
from quern.schema import Schema
from quern.updates.upkeep import Course, Upkeep, lost, upkeep
from quern.vault import Vault

_CALLED = {"target": "link", "mention": "mention", "key": "count"}


def mend(vault: Vault, schema: Schema, date: str, mends: Sequence[Mend], *, write: bool = True) -> list[Change]:
    """Mend pages, all in one transaction whose log entry is still to be appended; returns what changed.

    If not `write`, only what would change is told.
    """
    if not write:
        with wiki.open(vault) as catalogue:
            return _mend(Upkeep(vault, schema, catalogue, date), mends, write=False)
    with upkeep(vault, schema, date) as work:
        return _mend(work, mends, write=True)


def _mend(work: Upkeep, mends: Sequence[Mend], *, write: bool) -> list[Change]:
    done: Counter[str] = Counter()
    by_place = sorted(mends, key=lambda one: (one.path, one.line))
    for path, some in groupby(by_place, key=lambda one: one.path):
        done += _on_page(work, path, list(some))
    title = ", ".join(f"{done[sort]} {word}{'s' * (done[sort] > 1)}" for sort, word in _CALLED.items() if done[sort])
    return work.decide("mend", title, Course(work.catalogue, {}), {}, write=write)


def _on_page(work: Upkeep, path: str, mends: list[Mend]) -> Counter[str]:
    """Mend one page; returns how much of what was done to it."""
    if work.catalogue.page(path) is None:
        return _left(mends, "is no page")
    try:
        document = work.read(path)
    except Failure as failure:
        return _left(mends, failure.message)
    done: list[Mend] = []
    made = _woven(_led(document, mends, done), mends, done)
    # What is shown, and a link of Markdown, has no other words than those that are its own.
    shown = {link.line for link in document.links if link.embed or link.markdown}
    wrong = next(lost(document, made, set(range(len(document.lines))) - shown), None)
    if wrong is not None:
        return _left(mends, "would change in more than where its links lead", wrong)
    made = _counted(made, mends, done)
    for one in mends:
        if one not in done:
            _left([one], f"{one.old!r} stands there no more", one.line)
    if done:
        work.write(path, made)
    return Counter(one.sort for one in done)


def _led(document: pages.Document, mends: list[Mend], done: list[Mend]) -> pages.Document:
    """The page with links that lead elsewhere; each shows the words that it showed."""
    wanted = {(one.line - 1, one.old): one for one in mends if one.sort == "target"}
    if not wanted:
        return document

    def course(link: Link) -> str | None:
        one = wanted.get((link.line, link.target))
        if one is None:
            return None
        if one not in done:
            done.append(one)
        return one.new

    text = links.repair(pages.render(document), document.links, course, range(len(document.lines)))
    return pages.parse(text)


def _woven(document: pages.Document, mends: list[Mend], done: list[Mend]) -> pages.Document:
    """The page with links at words of our own sentences."""
    lines, ours = list(document.lines), mending.ours(document)
    for one in mends:
        number = one.line - 1
        if one.sort != "mention" or number not in ours:
            continue
        key, text = names.normal(one.old), lines[number]
        found = list(links.mentions(text, lambda word, key=key, one=one: (one.new, "") if word == key else None))  # type: ignore[misc]
        lines[number] = links.woven_into(text, found[:1], ())
        if lines[number] != text:
            done.append(one)
    return document if lines == document.lines else pages.parse(pages.join(document, lines))


def _counted(document: pages.Document, mends: list[Mend], done: list[Mend]) -> pages.Document:
    """The page with other numbers in its front matter."""
    changed: dict[str, pages.Value] = {}
    for one in mends:
        key, _, number = one.new.partition(": ")
        if one.sort == "key" and number.isdigit() and one.old == f"{key}: {document.front_values.get(key)}":
            changed[key] = int(number)
            done.append(one)
    return pages.set_front(document, changed) if changed else document


def _left(mends: Sequence[Mend], why: str, line: int | None = None) -> Counter[str]:
    place = mends[0].path if line is None else f"{mends[0].path}:{line}"
    warn(f"{place}: {why}: left as it is")
    return Counter()
