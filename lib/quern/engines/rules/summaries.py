"""Summaries: the best few claims, quoted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from quern.engines.rules import centrality, grammar
from quern.languages import count_words, detect
from quern.linking.openings import opens
from quern.names import normal
from quern.records import Claim, SummarySentence

if TYPE_CHECKING:
    from quern.emphasis import Emphasis

SHORTEST = 9
"""Words below which a sentence says too little for the summary of a source."""
QUOTES = ('"', "“", "„", "«")
EMPHASIS = 2.0
"""What a sentence gains that says all of the focus: as much as the best of the others has."""
LONGEST = 320
"""Characters past which a sentence is too long for a summary, if a shorter one can be had."""


def summary(
    claims: Sequence[Claim], limit: int, of_title: str | None, language: str, emphasis: Emphasis | None = None
) -> list[SummarySentence]:
    """The best few claims: of the page `of_title`, its definition first; of a source (None), in reading order."""
    able = claims if of_title is not None else _preferred(_preferred(claims, _is_about_a_name), _is_substantial)
    able = _preferred(_preferred(_preferred(able, _is_short), _is_a_sentence), _tells)
    if of_title is not None:
        able = _preferred(_in_one_language(able, language), lambda claim: _opens_with(claim, of_title))
    first = _definition(able, of_title) if of_title is not None else None
    rest = [claim for claim in able if claim is not first]
    title = of_title or ""
    texts = [claim.text for claim in rest]
    weights = centrality.weigh(texts, language, title, grammar.load(language))
    asked = [EMPHASIS * emphasis.on(text) if emphasis is not None else 0.0 for text in texts]
    scored = [sum(parts) for parts in zip(weights, asked, (claim.score for claim in rest), strict=True)]
    if first is not None:
        places = _apart(first, texts, scored, limit - 1, language)
        chosen = [first, *(rest[place] for place in places)]
    else:
        chosen = [rest[place] for place in centrality.choose(texts, scored, limit, language)]
    if of_title is None:
        chosen.sort(key=claims.index)
    return [SummarySentence(text=claim.text, claims=[claim.id]) for claim in chosen]


def _preferred(claims: Sequence[Claim], good: Callable[[Claim], bool]) -> Sequence[Claim]:
    return [claim for claim in claims if good(claim)] or claims


def _is_about_a_name(claim: Claim) -> bool:
    return any(name.about for name in claim.names)


def _is_short(claim: Claim) -> bool:
    return len(claim.text) <= LONGEST


def _is_a_sentence(claim: Claim) -> bool:
    """Is it no row of a table ("Name: La Rance · Capacity: 240 MW") and no item of a list ("[A mill has:] a roof")?"""
    return " · " not in claim.text and ":] " not in claim.text


def _tells(claim: Claim) -> bool:
    """Does it say how things are, and not what to do, what might be, or what somebody is quoted with?"""
    return (
        not claim.text.startswith(QUOTES)
        and claim.role not in {"procedure", "task", "question"}
        and claim.stance != "hypothetical"
    )


def _is_substantial(claim: Claim) -> bool:
    """Does it say enough for what a whole source is about? ("Simplicity has a lot of applications.")"""
    return count_words(claim.text) >= SHORTEST


# The claims of a page are asked again with every source that goes to it.
_spoken = lru_cache(maxsize=4096)(detect)


def _in_one_language(claims: Sequence[Claim], language: str) -> Sequence[Claim]:
    """Those in the language that most of them are in, for a paragraph in two languages is none."""
    spoken = [_spoken(claim.text, language) for claim in claims]
    most = max(sorted(set(spoken)), key=spoken.count, default=language)
    return [claim for claim, its in zip(claims, spoken, strict=True) if its == most]


def _opens_with(claim: Claim, title: str) -> bool:
    """Is the page's own name what the sentence begins with, perhaps after an article?"""
    return opens(claim.text, _forms(claim, title))


def _forms(claim: Claim, title: str) -> set[str]:
    """The names in a claim by which it may call the page of this title, in normal form."""
    wanted = normal(title)
    called = [{normal(form) for form in (name.name, *name.aliases)} for name in claim.names]
    return {wanted}.union(*(forms for forms in called if wanted in forms))


def _definition(claims: Sequence[Claim], title: str) -> Claim | None:
    """The claim that says what the page is about; of several, the best."""
    found = [
        claim
        for claim in claims
        if claim.role == "definition" and claim.stance == "asserted" and _opens_with(claim, title)
    ]
    return max(found, key=lambda claim: claim.score, default=None)


def _apart(first: Claim, texts: Sequence[str], weights: Sequence[float], limit: int, language: str) -> list[int]:
    """The best few places whose sentences do not only say again what `first` says."""
    everything = [first.text, *texts]
    chosen = centrality.choose(everything, [float("inf"), *weights], limit + 1, language)
    return [place - 1 for place in chosen if place]
