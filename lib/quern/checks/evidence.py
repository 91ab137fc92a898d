"""Checks on evidence: every claim has some, and it is where the page says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from quern import claims
from quern.checks.view import Page, Problem, View

_AGAIN = "ingest the source again"


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
        if source is not None and source.path and view.raw_sha(source) is None:
            yield Problem(1, f"{source.path} is not there", "put the file back")
    for note in page.sheet.notes:
        for place in note.places:
            cited = view.source(place.slug)
            if cited is None:
                yield Problem(note.line, f"no source page {place.slug!r}", _AGAIN)
            elif view.quoted(cited, note.id) is None:
                yield Problem(note.line, f"claim {note.id} is not on the source page {place.slug!r}", _AGAIN)


def quote_not_found(view: View, page: Page) -> Iterator[Problem]:
    """Quotes that do not stand where the page says, in the revision that it was made from."""
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
            if view.raw_sha(source) == source.sha256:
                yield from _missing(view, source.path, [(note.line, note.id, place.place, place.quote)])


def raw_changed(view: View, page: Page) -> Iterator[Problem]:
    """Raw files that are not what the claims were taken from."""
    source = view.catalogue.source_by_page(page.path) if page.is_source else None
    if source is None or not source.sha256:
        return
    now = view.raw_sha(source)
    if now is not None and now != source.sha256:
        yield Problem(view.line_of(page, "sha256"), f"{source.path} has changed since it was ingested", _AGAIN)


def _on_source_page(view: View, page: Page) -> Iterator[Problem]:
    """The quotes of a ledger; if all are where they should be, that is kept, and not asked again of the same bytes."""
    source = view.catalogue.source_by_page(page.path)
    if source is None or source.checked == source.sha256 or view.raw_sha(source) != source.sha256:
        return
    items = [(item.line, item.id, item.place, item.quote) for item in page.sheet.items if item.quote]
    problems = list(_missing(view, source.path, items))
    yield from problems
    if not problems:
        view.checked.append(source)


def _missing(view: View, path: str, quotes: Iterable[tuple[int, str, str, str]]) -> Iterator[Problem]:
    raw = view.raw_text(path)
    for line, id_, place, quote in quotes:
        if raw is None or not claims.in_raw(quote, place, raw):
            yield Problem(line, f"the quote of claim {id_} does not stand in {path}, {place}", _AGAIN)
