"""Whether a page is up to date: whether its lead was made from the claims that stand on it, and whether it says so
where its evidence has grown old.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from quern import freshness, pages
from quern.records import Page
from quern.schema import Schema
from quern.vault import Vault
from quern.wiki import Catalogue, PageRow
from quern.wiki.cards import Sheet


def outdated(vault: Vault, catalogue: Catalogue, schema: Schema, date: str = "") -> Iterator[Page]:
    """The pages whose lead is ours and was made from other claims, by path: what summarize and merge make new; and
    those that are stale on that day (ISO), or are no more, and do not say so yet.

    A page of which no claim is on any source page is left out: there is nothing to make a lead from.
    """
    # lint asks of leads too, and needs nothing of this.
    from quern.linking.operations import COMPARED, shown
    from quern.linking.plans import Plan

    plan = Plan(catalogue)
    for row, sheet in catalogue.sheets():
        if row.type not in schema.pages.types:
            continue
        told = Page(path=row.path, title=row.title, type=row.type, source="", covers=pages.covers_hash(sheet.claims))
        is_behind = lead_is_behind(row, sheet) and lead_is_ours(vault, row)
        topic = plan.at(row.path) if is_behind else None
        standing = plan.standing(topic, COMPARED) if topic is not None else []
        if topic is not None and standing:
            yield replace(told, shown=shown(plan, topic, [], standing, schema))
        elif sheet.claims and date and age_is_behind(vault, row, schema, date):
            yield told


def lead_is_behind(row: PageRow, sheet: Sheet) -> bool:
    """Whether the lead was made from other claims than now stand on the page, or is missing and never was made."""
    made_from = sheet.front.get("lead_of")
    if not sheet.claims:
        return False
    if not made_from:
        return not row.lead_first and not sheet.front.get("lead")
    return bool(made_from != pages.covers_hash(sheet.claims))


def age_is_behind(vault: Vault, row: PageRow, schema: Schema, date: str) -> bool:
    """Whether a page is stale on that day, or is no more, and does not say so."""
    limits = schema.pages.fresh_for
    if row.status != freshness.STALE and not freshness.is_stale(row.as_of, limits.get(row.type), date):
        return False
    document = pages.parse(vault.path(row.path).read_bytes().decode(errors="replace"))
    return freshness.dated(document, limits, date) is not document


def lead_is_ours(vault: Vault, row: PageRow) -> bool:
    """Whether the lead of a page is as it was generated, or there is none and never was."""
    document = pages.parse(vault.path(row.path).read_bytes().decode(errors="replace"))
    words = document.lead.text if document.lead else ""
    stamp = document.front_values.get("lead")
    return not words if not stamp else stamp == pages.lead_hash(words)
