"""Answers by rules: the quotes that speak most of a question, if they speak of enough of it to be an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from quern import quantities, relations
from quern.answers import frames
from quern.answers.coverage import Coverage, Covered, Term
from quern.answers.inquiries import Inquiry
from quern.answers.knowledge import Known
from quern.records import Gap, SummarySentence

ENOUGH = 0.6
"""The share of a question, by the weight of its words, that one quote must speak of to be an answer to it."""
OWN = 2 / 3
"""The share of its words, each counted alike, that must stand in the quote or name a page that it stands on."""
ASKED = 0.5
"""The share of what is asked of what is named that must stand in the quote: to be about the same is no answer."""
NEAR = 0.75
"""The share of what the best quote speaks of from which another is quoted beside it."""
FITS = 0.15
"""What a quote gains that is of the kind that is asked for: a date for "when", a figure for "how much", a cause."""
LENGTH, LONGEST = 0.05, 400
"""What a quote loses that has so many characters."""
MOST = 400
"""Claims that are read whole."""
GAPS = 3

_STEPS = re.compile(r"\d+")


def answer(inquiry: Inquiry) -> tuple[list[SummarySentence], list[Gap]]:
    """The best quotes, the one that says most first, and what is missing; no quote where none says enough.

    Of several things side by side, of which no quote tells together, each is answered by itself.
    """
    coverage = Coverage(inquiry.question, inquiry.language, inquiry.claims)
    things = coverage.compared()
    found = {"": _chosen(coverage, (), inquiry)}
    if not found[""] and things:
        found = {title: _chosen(coverage, _of_others(things, title), inquiry, title) for title in things}
    said = _apart([known for turn in zip_longest(*found.values()) for known in turn if known is not None], inquiry)
    gaps = list(_unknown(coverage, inquiry)) if not said else list(_not_told(found, inquiry))
    return [SummarySentence(text=known.claim.text, claims=[known.id]) for known in said], gaps


def _of_others(things: Mapping[str, Sequence[Term]], title: str) -> list[Term]:
    """The words that name the other things, and not this one."""
    return [term for other, terms in things.items() if other != title for term in terms if term not in things[title]]


def _not_told(found: Mapping[str, Sequence[Known]], inquiry: Inquiry) -> Iterator[Gap]:
    """The things side by side of which nothing is told."""
    frame, sources = frames.of(inquiry.language), frames.sources_for(inquiry.question, inquiry.language)
    for title, quotes in found.items():
        if not quotes:
            yield Gap(question=frame.what_is.format(title), sources=sources)


def _chosen(coverage: Coverage, ignored: Sequence[Term], inquiry: Inquiry, title: str = "") -> list[Known]:
    """The claims that answer the question, or what it asks of one thing (`title`), the best first."""
    if not [term for term in coverage.terms if term not in ignored]:
        return []
    told = [
        covered for covered in coverage.best(ignored) if covered.known.claim.role != "question" and _answers(covered)
    ]
    if title:
        told = [covered for covered in told if title in coverage.subjects.told(covered.known)]
    asks = frames.asks_for(inquiry.question)
    if asks in ("when", "how much"):
        # When is a date, and how much a figure: what has none is no answer.
        told = [covered for covered in told if _fits(covered.known, asks)]
    if not told:
        return []
    if not asks and len(coverage.terms) <= max(map(len, coverage.things().values()), default=0):
        asks = "what"  # nothing is asked of the thing but what it is
    worth = {covered.known.id: _worth(covered, asks) for covered in told}
    ranked = sorted(told, key=lambda covered: -worth[covered.known.id])
    least = NEAR * worth[ranked[0].known.id]
    chosen = [covered.known for covered in ranked if worth[covered.known.id] >= least]
    return [*chosen, *_next(chosen[:1], inquiry)]


def _answers(covered: Covered) -> bool:
    enough = covered.share >= ENOUGH and covered.own >= OWN - 1e-9 and covered.asked >= ASKED
    return enough and covered.names


def _worth(covered: Covered, asks: str) -> float:
    """How good an answer a quote is: what it speaks of, whether it is of the kind asked for, and whether it stands."""
    known = covered.known
    worth = covered.share + FITS * _fits(known, asks)
    # Of two that say as much the shorter one says it more plainly.
    return worth - FITS * bool(known.overtaken) - LENGTH * min(1.0, len(known.claim.text) / LONGEST)


def _fits(known: Known, asks: str) -> bool:
    claim = known.claim
    if asks == "when":
        return bool(quantities.dates(claim.text, known.language))
    if asks == "how much":
        return bool(quantities.measures(claim.text, known.language))
    return claim.role == {"why": "cause", "how": "procedure", "what": "definition"}.get(asks, "")


def _next(best: Sequence[Known], inquiry: Inquiry) -> Iterator[Known]:
    """What the source says right behind its best quote of the same thing, where a reason or a way is asked for."""
    if frames.asks_for(inquiry.question) not in ("why", "how"):
        return
    for known in best:
        place = next(place for place, other in enumerate(inquiry.claims) if other.id == known.id)
        behind = inquiry.claims[place + 1 : place + 3] if inquiry.whole else ()
        for other in behind:
            if other.ledger == known.ledger and set(other.paths) & set(known.paths) and _is_near(known, other):
                yield other


def _is_near(known: Known, other: Known) -> bool:
    """Whether two places are of one paragraph: lines that are no more than one apart."""
    here, there = (_STEPS.findall(one.place) for one in (known, other))
    return bool(here and there) and 0 <= int(there[0]) - int(here[-1]) <= 1


def _apart(chosen: Sequence[Known], inquiry: Inquiry) -> list[Known]:
    """Each thing once, and no more than is wanted."""
    said: list[Known] = []
    for known in chosen:
        if len(said) == inquiry.limit:
            break
        if not any(relations.same(known.claim.text, other.claim.text, known.language) for other in said):
            said.append(known)
    return said


def _unknown(coverage: Coverage, inquiry: Inquiry) -> Iterator[Gap]:
    """The question itself, and what in it no source speaks of at all."""
    yield _gap(inquiry.question, inquiry)
    frame = frames.of(inquiry.language)
    for term in [term for term in coverage.unknown() if term.is_name][: GAPS - 1]:
        yield Gap(question=frame.what_is.format(_shown(term)), sources=frames.sources_for("", inquiry.language))


def _gap(question: str, inquiry: Inquiry) -> Gap:
    return Gap(question=question, sources=frames.sources_for(question, inquiry.language))


def _shown(term: Term) -> str:
    return re.sub(r"['’]s$", "", term.word)
