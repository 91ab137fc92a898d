"""Checks on whether a page is up to date with its own claims."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from quern import currency, freshness, pages
from quern.checks.view import Page, Problem, View


def lead_outdated(view: View, page: Page) -> Iterator[Problem]:
    """Leads of ours that were made from other claims than those on the page."""
    if _is_behind(page) and currency.lead_is_ours(view.vault, page.row):
        yield Problem(_line(view, page), "the lead does not know the claims of this page as they are", "make outdated")


def lead_behind(view: View, page: Page) -> Iterator[Problem]:
    """Leads that a person wrote or changed, and under which the claims are others now."""
    if _is_behind(page) and not currency.lead_is_ours(view.vault, page.row):
        yield Problem(
            _line(view, page),
            "the lead is a person's, and the claims under it have changed since",
            "look at it; without its line `lead:` and its words it is written anew",
        )


def stale_page(view: View, page: Page) -> Iterator[Problem]:
    """Pages whose newest evidence is older than the schema allows for their type."""
    lasting = view.schema.pages.fresh_for.get(page.row.type)
    if page.is_topic and view.date and freshness.is_stale(page.row.as_of, lasting, view.date):
        message = f"the newest evidence is of {page.row.as_of}, and is fresh for {freshness.lasting(lasting)}"
        yield Problem(view.line_of(page, "as_of"), message, "ingest a newer source")


def outdated_answer(view: View, page: Page) -> Iterator[Problem]:
    """Answers of which a claim is gone, overtaken, disputed or said otherwise since they were given."""
    if not page.is_answer:
        return
    why = _changed(view, page)
    if why:
        question = str(page.sheet.front.get("question") or page.row.title)
        yield Problem(
            view.line_of(page, "status"), f"the answer is outdated: {why}", f"make ask Q={shlex.quote(question)} SAVE=1"
        )


def _changed(view: View, page: Page) -> str:
    from quern.answers.knowledge import Knowledge

    if page.row.status == freshness.OUTDATED:
        return "its claims have changed"
    if page.sheet.front.get("lead_of") not in (None, pages.covers_hash(page.sheet.claims)):
        return "a claim of it is gone"
    known_by = str(page.sheet.front.get("known_by") or "")
    known = {one.id: one for one in Knowledge(view.vault, view.catalogue, view.schema, known_by).of(page.sheet.claims)}
    lines = {line for line, _ in page.sheet.disputed}
    disputed = {id_ for line, id_ in page.sheet.references if line in lines}
    shown = {*page.sheet.overtaken, *disputed}
    for id_ in page.sheet.claims:
        one = known.get(id_)
        if one is None:
            return f"nothing says {id_} any more"
        if one.standing != "current" and id_ not in shown:
            return f"{one.claim.text!r} is {'overtaken' if one.overtaken else 'disputed'}"
        if id_ in disputed and not one.disputed:
            return f"{one.claim.text!r} is disputed no more"
    return ""


def incomplete_source(view: View, page: Page) -> Iterator[Problem]:
    """Sources of which a model has not read all: no reply about some part could be used."""
    if page.is_source and page.row.status == "incomplete":
        raw = str(page.sheet.front.get("source", ""))
        yield Problem(
            view.line_of(page, "status"), "a part of it could not be read: see Left unread", f"make ingest SRC={raw}"
        )


def _is_behind(page: Page) -> bool:
    # A page that never had a lead is not wrong, only without one.
    return page.is_topic and "lead_of" in page.sheet.front and currency.lead_is_behind(page.row, page.sheet)


def _line(view: View, page: Page) -> int:
    return view.line_of(page, "lead_of")
