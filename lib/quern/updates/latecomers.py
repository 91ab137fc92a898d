"""What another run has put on a page since `link` saw it: new claims are compared with it when they are merged."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from quern import pages
from quern.records import Claim, Page, Relation, Source
from quern.schema import Schema
from quern.wiki import Catalogue


def unseen(  # noqa: PLR0913, PLR0917 - it has to look where merge looks
    catalogue: Catalogue,
    schema: Schema,
    source: Source | None,
    page: Page,
    path: str,
    standing: Collection[str],
    adds: Sequence[Claim],
) -> Iterator[Relation]:
    """How new claims stand to those that another run has put on the page since. `standing`: the ids of all on it."""
    seen = page.covers in ("", pages.covers_hash({*standing, *(claim.id for claim in adds)}))
    if seen or not adds:
        return
    from quern.linking import operations, plans, relating

    plan = plans.Plan(catalogue)
    about = plan.at(path) or plans.Topic(path, page.title, page.type, page.aliases_add, is_new=True)
    if source is not None:
        plan.read(source)
    as_it_is = plan.rulings(about).in_words
    there = [as_it_is(claim) for claim in plan.standing(about, operations.COMPARED) if claim.id in standing]
    told = {frozenset((relation.claim, relation.other)) for relation in page.relations}
    for relation in relating.relate(plan, about, adds, there, schema):
        if frozenset((relation.claim, relation.other)) not in told:
            yield relation
