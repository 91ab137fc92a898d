"""Checks on evidence: every claim has some, and it is where the page says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from quern import claims, sources
from quern.checks.census import Census
from quern.checks.view import Page, Problem, View
from quern.wiki.cards import SOURCE

_AGAIN = "ingest the source again"
# Front matter that only pages of a wiki like this one have.
_OURS = re.compile(
    rb"""---\r?\n(?:(?!---)[^\n]*\n)*?
    (?: lead_of:\ sha-[0-9a-f]{12} | type:\ (?:answer|source)\r?\n(?:(?!---)[^\n]*\n)*?claims: )""",
    re.VERBOSE,
)


class Astray(NamedTuple):
    """A quote that is not where a page says: the line there, the claim, the raw file and the place that it names."""

    line: int
    claim: str
    path: str
    place: str
    is_elsewhere: bool


def claim_without_evidence(_view: View, page: Page) -> Iterator[Problem]:
    """Sentences without a footnote, footnotes that are not there or quote nothing, claims without a quote."""
    if page.is_source:
        for item in page.sheet.items:
            if not item.quote or not item.place:
                yield Problem(item.line, f"claim {item.id} has no quote or no place", _AGAIN)
    if not page.is_topic:
        return
    for line in page.sheet.uncited:
        yield Problem(line, "no footnote says where this comes from", "cite a claim, or put it in your own section")
    noted = {note.id for note in page.sheet.notes if all(place.quote for place in note.places) and note.places}
    for line, id_ in page.sheet.references:
        if id_ not in noted:
            yield Problem(line, f"the footnote of claim {id_} is not there, or quotes nothing", _AGAIN)


def missing_source(view: View, page: Page) -> Iterator[Problem]:
    """Citations of a claim that is on no source page, and source pages whose raw file is gone."""
    if page.is_source:
        source = view.catalogue.source_by_page(page.path)
        if source is not None and source.path and view.raw_sha(source.path) is None:
            yield Problem(1, f"{source.path} is not there", "put the file back")
    for note in page.sheet.notes:
        for place in note.places:
            cited = view.source(place.slug)
            if cited is None:
                yield Problem(note.line, f"no source page {place.slug!r}", _AGAIN)
            elif view.quoted(cited, note.id) is None:
                yield Problem(note.line, f"claim {note.id} is not on the source page {place.slug!r}", _AGAIN)


def quote_not_found(view: View, page: Page) -> Iterator[Problem]:
    """Quotes that stand nowhere in the revision of the raw file that the page was made from."""
    for line, id_, path, place, is_elsewhere in _astray(view, page):
        if not is_elsewhere:
            yield Problem(line, f"the quote of claim {id_} does not stand in {path}, {place}", _AGAIN, id_)


def wrong_lines(view: View, page: Page) -> Iterator[Problem]:
    """Quotes that stand in the raw file, but not in the lines that the page names."""
    for line, id_, path, place, is_elsewhere in _astray(view, page):
        if is_elsewhere:
            yield Problem(line, f"the quote of claim {id_} stands in {path}, but not in {place}", _AGAIN, id_)


def synthesis_of_synthesis(view: View, page: Page) -> Iterator[Problem]:
    """Evidence that is the wiki's own words: a page cited as a source, a source that is one of our pages."""
    for note in page.sheet.notes:
        for place in note.places:
            cited = None if view.source(place.slug) else view.catalogue.page_by_file(place.slug)
            if cited is not None and cited.type != SOURCE:
                yield Problem(note.line, f"{cited.path} is cited, which is no source", "cite what it rests on", note.id)
    source = view.catalogue.source_by_page(page.path) if page.is_source else None
    if source is not None and _OURS.match(view.raw_head(source.path)):
        yield Problem(1, f"{source.path} is a page of a wiki: what it says has its sources elsewhere", "bin/retract")


def raw_changed(view: View, page: Page) -> Iterator[Problem]:
    """Raw files that are not what the claims were taken from."""
    source = view.catalogue.source_by_page(page.path) if page.is_source else None
    if source is None or not source.sha256:
        return
    now = view.raw_sha(source.path)
    if now is not None and now != source.sha256:
        yield Problem(view.line_of(page, "sha256"), f"{source.path} has changed since it was ingested", _AGAIN)


def unread_source(view: View, wiki: Census) -> Iterator[tuple[str, Problem]]:
    """Raw files of a kind that we read, and that no source page is of: neither of their path nor of their bytes."""
    known = view.catalogue.sources()
    paths, shas = {source.path for source in known}, {source.sha256 for source in known}
    for path in wiki.files("raw/"):
        if path not in paths and sources.readable(path) and view.raw_sha(path) not in shas:
            yield path, Problem(1, "no source page is of this file", f"make ingest SRC={shlex.quote(path)}")


def _astray(view: View, page: Page) -> Iterable[Astray]:
    """The quotes of a page that do not stand where it says; two checks ask for them."""
    return view.once(_look, page)


def _look(view: View, page: Page) -> Iterator[Astray]:
    if page.is_source:
        yield from _on_source_page(view, page)
        return
    for note in page.sheet.notes:
        for place in note.places:
            source = view.source(place.slug)
            told = view.quoted(source, note.id) if source else None
            # A quote as on the source page is looked for from there, once.
            if source is None or told in (None, (place.place, place.quote)):
                continue
            if view.raw_sha(source.path) == source.sha256:
                yield from _missing(view, source.path, [(note.line, note.id, place.place, place.quote)])


def _on_source_page(view: View, page: Page) -> Iterator[Astray]:
    """The quotes of a ledger; if all are where they should be, that is kept, and not asked again of the same bytes."""
    source = view.catalogue.source_by_page(page.path)
    if source is None or source.checked == source.sha256 or view.raw_sha(source.path) != source.sha256:
        return
    items = [(item.line, item.id, item.place, item.quote) for item in page.sheet.items if item.quote]
    found = list(_missing(view, source.path, items))
    yield from found
    if not found:
        view.checked.append(source)


def _missing(view: View, path: str, quotes: Iterable[tuple[int, str, str, str]]) -> Iterator[Astray]:
    raw = view.raw_text(path)
    for line, id_, place, quote in quotes:
        if raw is None or not claims.in_raw(quote, place, raw):
            yield Astray(line, id_, path, place, raw is not None and claims.in_raw(quote, "", raw))
