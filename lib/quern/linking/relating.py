"""How the new claims of a page stand to those that stand there, as records for merge."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from quern.linking.disputes import Doubt, doubts
from quern.linking.plans import Plan, Rulings, Topic
from quern.records import Claim, Relation
from quern.relations import Standing, Told, Verdict
from quern.relations import relate as compare
from quern.schema import Schema


def relate(  # noqa: PLR0913 - a relation depends on all of this
    plan: Plan,
    topic: Topic,
    new: Iterable[Claim],
    standing: Iterable[Claim],
    schema: Schema,
    *,
    restated: Mapping[str, Sequence[Claim]] = {},
    open_to: list[Doubt] | None = None,
) -> list[Relation]:
    """How each new claim of a page stands to the others, new ones included; one that says the same says nothing else.

    What stands there already is not asked about again: a person may have decided otherwise since. Nor is what an
    earlier claim had to do with that a new one only restates (`restated`: these by the id of that).
    What has been overtaken is compared no more, but for the same words; the plan knows of what is overtaken now.
    `open_to`: is given what is in doubt.
    """
    rulings = plan.rulings(topic)
    told = [_told(claim, plan, schema) for claim in standing]
    texts = {claim.id: claim.text for claim in told}
    page = Standing(told, topic.called(), volatile=schema.relations.volatile, series=schema.relations.series)
    found: list[Relation] = []
    new = list(new)
    gained = {claim.id for claim in new} - restated.keys() - texts.keys()
    old = {id_: [_told(claim, plan, schema) for claim in claims] for id_, claims in restated.items()}
    decided = _Decided(old, {claim.id: claim for claim in told}, gained, topic.called(), schema)
    for claim in new:
        if claim.id in texts:
            continue
        own = _told(claim, plan, schema)
        verdicts = [v for v in page.relate(own) if v.relation == "same" or not decided.by(v)]
        told_of = _relations(verdicts, own.text, texts, rulings)
        found += _ruled(told_of, rulings)
        if open_to is not None:
            settled = {id_ for pair in rulings.settled if own.id in pair for id_ in pair}
            but = settled | rulings.overtaken | (texts.keys() - gained if own.id in restated else set())
            open_to += doubts(own, page, verdicts, topic.called(), but)
        page.add(own)
        texts[own.id] = own.text
    return found


def judged(found: Iterable[Doubt], verdicts: Mapping[frozenset[str], Verdict], rulings: Rulings) -> Iterator[Relation]:
    """The records of what a judge says of the claims of a page that are in doubt (`verdicts`: by the ids of two)."""
    for doubt in found:
        verdict, pair = verdicts.get(doubt.pair.key), doubt.pair
        if verdict is not None and rulings.overtaken.isdisjoint(pair.key):
            texts = {told.id: told.text for told in (pair.new, pair.old)}
            yield from _ruled([_relation(verdict, tuple(texts.values()), verdict.decided_by)], rulings)


def _ruled(relations: Iterable[Relation], rulings: Rulings) -> list[Relation]:
    """The relations as a person's words let them be; the plan knows of what is overtaken now."""
    made = [_disputed_if(relation, rulings.edited) for relation in relations]
    rulings.overtaken |= {relation.other for relation in made if relation.relation == "supersedes"}
    return made


@dataclass(frozen=True, slots=True)
class _Decided:
    """What had been asked before some claims were restated (`old`: what each of these says again, by its id).

    `standing`: the claims that stand, by id; `gained`: the ids of those that say something new.
    """

    old: Mapping[str, Sequence[Told]]
    standing: Mapping[str, Told]
    gained: Collection[str]
    called: Collection[str]
    schema: Schema

    def by(self, verdict: Verdict) -> bool:
        """Whether it has been told, or taken away by a person, how the two stood to each other."""
        if verdict.claim not in self.old or verdict.other in self.gained:
            return False
        if verdict.relation == "series":
            return True
        others = self.old.get(verdict.other) or [self.standing[verdict.other]]
        volatile = self.schema.relations.volatile
        return any(
            compare(one, other, self.called, volatile=volatile) is not None
            for one in self.old[verdict.claim]
            for other in others
        )


def _disputed_if(relation: Relation, edited: Collection[str]) -> Relation:
    """What a person has put in their own words is never overtaken: a source that says otherwise disputes it."""
    if relation.relation != "supersedes" or {relation.claim, relation.other}.isdisjoint(edited):
        return relation
    values = (relation.value, relation.other_value) if relation.attribute and relation.other_value else ("", "")
    return replace(relation, relation="contradicts", value=values[0], other_value=values[1])


def _told(claim: Claim, plan: Plan, schema: Schema) -> Told:
    language, published = plan.origin(claim.source)
    return Told.of(claim, schema.language_of(language), published, claim.source)


def _relations(
    verdicts: Sequence[Verdict], text: str, standing: Mapping[str, str], rulings: Rulings
) -> Iterable[Relation]:
    """The records of what is told of a claim with this text and others that stand (id -> text)."""
    same = next((verdict for verdict in verdicts if verdict.relation == "same"), None)
    if same is not None:
        yield Relation(claim=same.claim, other=same.other, relation="same")
        return
    for verdict in verdicts:
        is_ruled = frozenset({verdict.claim, verdict.other}) in rulings.settled
        if (
            verdict.certain
            and not is_ruled
            and (verdict.relation == "series" or verdict.other not in rulings.overtaken)
        ):
            yield _relation(verdict, (text, standing[verdict.other]), f"rules: {verdict.decided_by}")


def _relation(verdict: Verdict, texts: Sequence[str], decided_by: str) -> Relation:
    """The record of a verdict; of one that overtakes, the newer claim comes first."""
    claim, value, date = verdict.claim, verdict.value, verdict.date
    other, other_value, other_date = verdict.other, verdict.other_value, verdict.other_date
    if verdict.relation == "supersedes" and verdict.newer == other:
        claim, value, date, other, other_value, other_date = other, other_value, other_date, claim, value, date
    assert verdict.relation != "possible"  # noqa: S101 - these are never certain
    label = verdict.attribute if verdict.relation == "series" or _is_phrase(verdict.attribute, texts) else ""
    # A figure is told by what it measures; what is or is not so, only by the sentence itself.
    is_figure = bool(value and (other_value or verdict.relation == "supersedes"))
    is_shown = is_figure and (bool(label) or verdict.relation == "supersedes")
    return Relation(
        claim=claim,
        other=other,
        relation=verdict.relation,
        attribute=label if is_figure else "",
        value=value if is_shown else "",
        date=date,
        other_value=other_value if is_shown else "",
        other_date=other_date,
        decided_by=decided_by,
    )


def _is_phrase(label: str, texts: Iterable[str]) -> bool:
    """Whether words stand together in a sentence: "design capacity", and not "delivered grid"."""
    return any(f" {label.casefold()}" in f" {text.casefold()}" for text in texts)
