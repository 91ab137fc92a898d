"""Claims of two pages that become one page: how those of the one stand to those of the other, as a page shows it.

They are asked about once, when they meet. Two of one page are not: they were when the later of them came, and a person
may have decided otherwise since.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from quern import pages
from quern.linking import relating
from quern.linking.operations import COMPARED
from quern.linking.plans import Plan
from quern.records import Relation
from quern.schema import Schema
from quern.updates import grounds, standings, topic
from quern.wiki import Catalogue


@dataclass(frozen=True, slots=True)
class Meeting:
    """What is to be said of claims that meet. `same`: claims of the page that goes that say what another says that
    stands on the page that stays; `relations`: what else; `texts`: the words of claims, as merge wants them.
    """

    same: Mapping[str, str]
    relations: list[Relation]
    texts: Mapping[str, str]

    def shown(
        self, document: pages.Document, orders: Mapping[str, grounds.Order]
    ) -> tuple[pages.Document, topic.Outcome]:
        """The page of both, which says it, and what that did to its claims."""
        projection = topic.Projection(document, lambda text, _: text, orders.get)
        projection.relate(self.relations, self.texts, projection.claims())
        lines = projection.lines([])
        front: dict[str, pages.Value] = {"status": "contested"} if projection.outcome.disputed else {}
        if projection.lead_written:
            front["lead"] = projection.lead_hash()
        made = pages.parse(pages.join(document, pages.with_front(document, front, lines)))
        return made, projection.outcome


def meet(catalogue: Catalogue, schema: Schema, kept: pages.Document, left: pages.Document, *paths: str) -> Meeting:
    """How the claims of a page that goes (`left`) stand to those of the one that stays (`kept`), at these two paths."""
    plan = Plan(catalogue)
    about, other = (plan.at(path) for path in paths)
    if about is None or other is None:
        return Meeting({}, [], {})
    rulings, theirs = plan.rulings(about), plan.rulings(other)
    standing = [rulings.in_words(claim) for claim in plan.standing(about, COMPARED)]
    known = {claim.id for claim in standing}
    new = [theirs.in_words(claim) for claim in plan.standing(other, COMPARED) if claim.id not in known]
    rulings.overtaken |= theirs.overtaken
    rulings.settled |= theirs.settled
    rulings.edited = theirs.edited | rulings.edited
    about.aliases += other.called()
    overtaken = frozenset(rulings.overtaken)
    told = relating.relate(plan, about, new, standing, schema)
    across = [relation for relation in told if (relation.claim in known) != (relation.other in known)]
    same = {relation.claim: relation.other for relation in across if relation.relation == "same"}
    relations = [
        relation
        for relation in across
        if relation.relation not in ("same", "series") and overtaken.isdisjoint((relation.claim, relation.other))
    ]
    relations += _series(told, kept, left)
    texts = {claim.id: claim.text for claim in (*standing, *new)}
    return Meeting(same, relations, texts)


def _series(told: Iterable[Relation], *documents: pages.Document) -> Iterator[Relation]:
    """Values over time, of one page too, since it may take both to make a series; none whose row a person took off."""
    tables = [(set(document.claims), standings.Series(document)) for document in documents]
    for relation in told:
        if relation.relation == "series" and not any(
            side in has and series.shows(relation.attribute) and side not in series.claims()
            for has, series in tables
            for side in (relation.claim, relation.other)
        ):
            yield relation
