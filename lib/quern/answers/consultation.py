"""A question put to the wiki: what an engine is shown for it, and its answer with all that it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from quern import search, wiki
from quern.answers import comparison, inquiries
from quern.answers.coverage import Coverage
from quern.answers.inquiries import Answered, Inquiry
from quern.answers.knowledge import Knowledge, Known
from quern.program import Failure
from quern.records import Answer, Cited, Near
from quern.schema import Schema
from quern.vault import Vault
from quern.wiki import Catalogue

if TYPE_CHECKING:
    from quern.engines import Engine

FOUND = 60
"""Claims that are looked for, where not all can be read."""
NEAREST = 5


def consult(  # noqa: PLR0913 - what is asked, of whom, and of when
    vault: Vault,
    schema: Schema,
    engine: Engine,
    question: str,
    *,
    date: str,
    known_by: str = "",
    limit: int = 6,
    compare: bool = False,
) -> Answer:
    """The answer to a question, from what the wiki knows now, or knew on a day (`known_by`, ISO).

    While an engine can read all claims at once, it is shown all, in an order that new sources only add to; else those
    that search finds.
    Raises Failure if nothing is asked, if a page goes while it is read, or if a model cannot be asked or has no room.
    """
    question = inquiries.asked(question)
    language = inquiries.language_of(question, schema.language)
    with wiki.open(vault) as catalogue:
        knowledge = Knowledge(vault, catalogue, schema, known_by)
        inquiry, count = _inquiry(vault, schema, engine, knowledge, Inquiry(question, language, limit, (), whole=True))
        answered = engine.answer(inquiry) if inquiry.claims else _nothing(inquiry, engine)
        return _told(catalogue, knowledge, inquiry, answered, count=count, date=date, compare=compare)


def _inquiry(vault: Vault, schema: Schema, engine: Engine, knowledge: Knowledge, asked: Inquiry) -> tuple[Inquiry, int]:
    """The question with the claims that it may be answered from, and how many there are."""
    count = knowledge.count
    if count <= engine.room:
        whole = asked._replace(claims=knowledge.all())
        if engine.holds(whole):
            return whole, len(whole.claims)
    with search.open(vault, schema) as found:
        found.refresh()
        hits = found.claims(asked.question, FOUND, as_of=knowledge.known_by or None)
    claims = _with_others(knowledge, knowledge.of(hit.claim for hit in hits if hit.claim))
    part = asked._replace(claims=claims, whole=False)
    while part.claims and not engine.holds(part):
        part = part._replace(claims=part.claims[: len(part.claims) // 2])
    if claims and not part.claims:
        raise Failure(
            "the model has no room for one claim beside the question: raise n_ctx, or lower roles: ask: max_tokens"
        )
    return part, count


def _with_others(knowledge: Knowledge, found: Sequence[Known]) -> list[Known]:
    """Each claim, and right behind it those that dispute it or have overtaken it: who reads one, reads the others."""
    others = {one.id: one for one in knowledge.of(id_ for known in found for id_ in known.others)}
    told = (one for known in found for one in (known, *(others[id_] for id_ in known.others if id_ in others)))
    return list({one.id: one for one in told}.values())


def _nothing(inquiry: Inquiry, engine: Engine) -> Answered:
    from quern.answers import frames
    from quern.records import Gap

    gap = Gap(question=inquiry.question, sources=frames.sources_for(inquiry.question, inquiry.language))
    return Answered([], [gap], engine.name)


def _told(  # noqa: PLR0913 - an answer tells all of this
    catalogue: Catalogue,
    knowledge: Knowledge,
    inquiry: Inquiry,
    answered: Answered,
    *,
    count: int,
    date: str,
    compare: bool,
) -> Answer:
    known = {one.id: one for one in inquiry.claims}
    cited = [known[id_] for id_ in dict.fromkeys(id_ for said in answered.sentences for id_ in said.claims)]
    others = [one for one in knowledge.of(id_ for one in cited for id_ in one.others) if one not in cited]
    cells = comparison.cells(inquiry, inquiry.claims) if compare or comparison.compares(inquiry) else []
    rest = knowledge.of(id_ for cell in cells for id_ in cell.claims)
    there = {one.id: one for one in (*cited, *others, *rest)}
    gaps = comparison.gaps(answered.gaps, cells, inquiry, wanted=compare)
    return Answer(
        question=inquiry.question,
        language=inquiry.language,
        date=date,
        sentences=answered.sentences,
        claims=[_cited(one) for one in there.values()],
        nearest=[] if cited or cells else _nearest(catalogue, inquiry),
        gaps=list({gap.question: gap for gap in gaps}.values()),
        cells=cells,
        known_by=knowledge.known_by or None,
        read="whole" if inquiry.whole else "found",
        shown=len(inquiry.claims),
        of=count,
        engine=answered.engine,
        model=answered.model,
        prompt=answered.prompt,
    )


def _cited(known: Known) -> Cited:
    claim = known.claim
    return Cited(
        claim=known.id,
        text=claim.text,
        source=claim.source,
        title=known.title,
        ledger=known.ledger,
        place=known.place,
        quote=claim.quote,
        under=list(known.under),
        pages=list(known.paths),
        by=claim.by,
        as_of=claim.as_of,
        standing=known.standing,
        others=list(known.others),
    )


def _nearest(catalogue: Catalogue, inquiry: Inquiry) -> list[Near]:
    """The pages of the claims that speak of any of it: topic pages before source pages."""
    coverage = Coverage(inquiry.question, inquiry.language, inquiry.claims)
    told = [covered.known for covered in coverage.best()[:FOUND]]
    paths = [path for known in told for path in known.paths]
    ledgers = [known.ledger for known in told if not known.paths]
    return list(_near(catalogue, dict.fromkeys([*paths, *ledgers])))[:NEAREST]


def _near(catalogue: Catalogue, paths: Iterable[str]) -> Iterable[Near]:
    for path in paths:
        row = catalogue.page(path)
        if row is not None:
            yield Near(path=path, title=row.title)
