"""Whether a page is up to date: whether its lead was made from the claims that stand on it."""

from __future__ import annotations

from collections.abc import Iterator

from quern import pages
from quern.records import Page
from quern.schema import Schema
from quern.vault import Vault
from quern.wiki import Catalogue, PageRow
from quern.wiki.cards import Sheet


def outdated(vault: Vault, catalogue: Catalogue, schema: Schema) -> Iterator[Page]:
    """The pages whose lead is ours and was made from other claims, by path: what summarize and merge make new.

    A page of which no claim is on any source page is left out: there is nothing to make a lead from.
    """
    # lint asks of leads too, and needs nothing of this.
    from quern.linking.operations import COMPARED, shown
    from quern.linking.plans import Plan

    plan = Plan(catalogue)
    for row, sheet in catalogue.sheets():
        if row.type not in schema.pages.types or not lead_is_behind(row, sheet) or not lead_is_ours(vault, row):
            continue
        topic = plan.at(row.path)
        standing = plan.standing(topic, COMPARED) if topic is not None else []
        if topic is not None and standing:
            yield Page(
                path=row.path,
                title=row.title,
                type=row.type,
                source="",
                shown=shown(plan, topic, [], standing, schema),
                covers=pages.covers_hash(sheet.claims),
            )


def lead_is_behind(row: PageRow, sheet: Sheet) -> bool:
    """Whether the lead was made from other claims than now stand on the page, or is missing and never was made."""
    made_from = sheet.front.get("lead_of")
    if not sheet.claims:
        return False
    if not made_from:
        return not row.lead_first and not sheet.front.get("lead")
    return bool(made_from != pages.covers_hash(sheet.claims))


def lead_is_ours(vault: Vault, row: PageRow) -> bool:
    """Whether the lead of a page is as it was generated, or there is none and never was."""
    document = pages.parse(vault.path(row.path).read_bytes().decode(errors="replace"))
    words = document.lead.text if document.lead else ""
    stamp = document.front_values.get("lead")
    return not words if not stamp else stamp == pages.lead_hash(words)
