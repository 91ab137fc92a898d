"""How the new claims of a page stand to those that stand there, as records for merge."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from quern.linking.plans import Plan, Topic
from quern.records import Claim, Relation
from quern.relations import Standing, Told, Verdict
from quern.schema import Schema


def relate(plan: Plan, topic: Topic, new: Iterable[Claim], standing: Iterable[Claim], schema: Schema) -> list[Relation]:
    """How each new claim of a page stands to the others, new ones included; one that says the same says nothing else.

    What has been overtaken is compared no more, but for the same words; the plan knows of what is overtaken now.
    """
    rulings = plan.rulings(topic)
    fresh = {claim.id: claim for claim in new}
    told = (_told(claim, plan, schema) for claim in standing if claim.id not in fresh)
    page = Standing(told, topic.called(), volatile=schema.relations.volatile, series=schema.relations.series)
    found: list[Relation] = []
    for claim in fresh.values():
        own = _told(claim, plan, schema)
        made = list(_relations(page.relate(own), rulings.settled, rulings.overtaken))
        rulings.overtaken |= {relation.other for relation in made if relation.relation == "supersedes"}
        found += made
        page.add(own)
    return found


def _told(claim: Claim, plan: Plan, schema: Schema) -> Told:
    language, published = plan.origin(claim.source)
    return Told(
        id=claim.id,
        text=claim.text,
        language=schema.language if language in ("", "und") else language,
        role=claim.role,
        stance=claim.stance,
        by=claim.by,
        # Where a claim has no day of its own it has that of its source, which dates no value of a series.
        as_of=None if claim.as_of == published else claim.as_of,
        published=published,
    )


def _relations(
    verdicts: Sequence[Verdict], settled: Collection[frozenset[str]], overtaken: Collection[str]
) -> Iterable[Relation]:
    same = next((verdict for verdict in verdicts if verdict.relation == "same"), None)
    if same is not None:
        yield Relation(claim=same.claim, other=same.other, relation="same")
        return
    for verdict in verdicts:
        is_ruled = frozenset({verdict.claim, verdict.other}) in settled
        if verdict.certain and not is_ruled and (verdict.relation == "series" or verdict.other not in overtaken):
            yield _relation(verdict)


def _relation(verdict: Verdict) -> Relation:
    """The record of a verdict; of one that overtakes, the newer claim comes first."""
    claim, value, date = verdict.claim, verdict.value, verdict.date
    other, other_value, other_date = verdict.other, verdict.other_value, verdict.other_date
    if verdict.relation == "supersedes" and verdict.newer == other:
        claim, value, date, other, other_value, other_date = other, other_value, other_date, claim, value, date
    assert verdict.relation != "possible"  # noqa: S101 - these are never certain
    # A figure is told by what it measures; what is or is not so, only by the sentence itself.
    is_figure = bool(value and (other_value or verdict.relation == "supersedes"))
    return Relation(
        claim=claim,
        other=other,
        relation=verdict.relation,
        attribute=verdict.attribute if is_figure else "",
        value=value if is_figure else "",
        date=date,
        other_value=other_value if is_figure else "",
        other_date=other_date,
        decided_by=f"rules: {verdict.decided_by}",
    )
