"""Which of its names a claim is about: on whose pages it belongs.

A claim is about its subject, about what its heading names, and about what it says something of by the way:
its object ("the survey missed the *tuft cell*"), the subject of what somebody found or said ("they saw that
*tuft cells* …"), or, where none of these has a name, the weightiest name that it has at all.
By the way counts only what is surely a name. A lone common noun ("the lungs") is in many sentences about other things.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from quern.engines.rules import clauses, worth
from quern.engines.rules.grammar import Grammar
from quern.engines.rules.lookup import Term
from quern.names import persons

Mentions = Sequence[tuple[int, int, Term]]
Kind = Literal["definition", "introduction", "row", "other"]

NEAR = 4
"""Words that may stand between a verb and its object: articles, adjectives, a preposition."""
MAIN = 0.5
"""Weight from which on a source is about a name throughout,"""
MAIN_NOUN = 0.6
"""and about what a lone common noun names."""


def about(text: str, found: Mentions, heading: str, grammar: Grammar, kind: Kind) -> list[str]:
    """The names, of those found in a claim that stands alone, that it is about, what it defines first.

    `heading` is what it stands under. The others come in the order of the text.
    """
    if not found:
        return []
    if kind == "row":
        return [found[0][2].name]
    if kind == "definition":
        return [_defined(text, found, grammar)]
    told = _told_of(text, found, heading, grammar)
    names = [term.name for _, _, term in found if term.name in told]
    place = worth.introduced(text, found, grammar) if kind == "introduction" else None
    return list(dict.fromkeys(names if place is None else [found[place][2].name, *names]))


def _told_of(text: str, found: Mentions, heading: str, grammar: Grammar) -> set[str]:
    headed = {term.name for _, _, term in found if heading and _in_heading(term, heading.casefold())}
    if grammar["procedures"].match(text):
        return {found[0][2].name} | headed
    subjects = _subjects(text, found, grammar)
    told = subjects | headed | _objects(text, found, grammar, has_subject=bool(subjects))
    told |= {term.name for _, end, term in found if _is_spelt_out(text, end, term)}
    # A particular thing that acts is what the sentence tells of, and a concept that it does something with is not.
    acted = any(term.name in subjects and term.type == "entity" for _, _, term in found)
    told |= {
        term.name
        for start, end, term in found
        if _is_main(term)
        and not (acted and term.type != "entity")
        and not _OWNS.match(text, end)
        and not _only_says(text, start, end, grammar)
        and _ENDED.search(text, 0, start) is None
    }
    return told or _weightiest(found)


def _subjects(text: str, found: Mentions, grammar: Grammar) -> set[str]:
    """The names in the subject of the main clause, or else any before its verb."""
    verb = clauses.verb_at(text, found, grammar)
    intro = clauses.intro_end(text, grammar)
    subjects = _joined(text, [mention for mention in found if intro <= mention[0] and mention[1] <= verb], grammar)
    if not subjects and not _SAYS_WHO.match(text):
        subjects = {term.name for _, end, term in found if end <= verb}
    return subjects


def _defined(text: str, found: Mentions, grammar: Grammar) -> str:
    """The name that a definition is of: the last one before the class, or the one that is given."""
    definition = worth.definition(text, found, grammar)
    if definition is not None:
        return found[definition[0]][2].name
    given = worth.called(text, found, grammar)
    return found[given or 0][2].name


def _joined(text: str, found: Mentions, grammar: Grammar) -> set[str]:
    """The first name, and what "and", "of" and commas join to it; nothing that is only nearby."""
    names: set[str] = set()
    last = 0
    for start, end, term in found:
        between = text[last:start]
        if names and ("(" not in between) and not grammar["keeps_subject"].fullmatch(between.strip(" ])")):
            break
        names.add(term.name)
        last = end
    return names


def _objects(text: str, found: Mentions, grammar: Grammar, *, has_subject: bool) -> set[str]:
    """The names that stand right behind the verb, or open what somebody found or said.

    "EDF is a client of *NASA*" says nothing of NASA; "the only cells that glowed were *tuft cells*" has no other name.
    """
    verb = clauses.known_verb(text, found, grammar)
    if verb is None:
        return set()
    behind = [mention for mention in found if mention[0] > verb and not _OWNS.match(text, mention[1])]
    near = bool(behind) and _is_near(text[verb : behind[0][0]]) and not grammar["addressing"].match(text, verb)
    copula = has_subject and grammar["copulas"].match(text, verb) is not None
    objects = _joined(text, behind, grammar) if near and not copula else set()
    opening = {term.name for start, _, term in behind if _opens_clause(text[verb:start], grammar)}
    surely = {term.name for _, _, term in behind if clauses.is_specific(term)}
    return (objects | opening) & surely


def _is_near(between: str) -> bool:
    return re.search(r"[,;:()“”\"—–]", between) is None and 0 < len(between.split()) <= NEAR


def _opens_clause(before: str, grammar: Grammar) -> bool:
    """Does a name stand at the beginning of a clause: `found that the | …`?"""
    words = before.split()
    while words and grammar["articles"].fullmatch(words[-1]):
        words.pop()
    return bool(words) and grammar["complements"].fullmatch(words[-1]) is not None


def _is_spelt_out(text: str, end: int, term: Term) -> bool:
    """Is an acronym given for the name that ends here, as where a text first speaks of it?"""
    return any(text[end:].lstrip().startswith(f"({alias})") for alias in term.aliases)


def _is_main(term: Term) -> bool:
    """Is the whole source about this, so that all that it says of others says something of it?"""
    least = MAIN if clauses.is_specific(term) else MAIN_NOUN
    return term.weight >= least and not persons.evident(term.name)


def _only_says(text: str, start: int, end: int, grammar: Grammar) -> bool:
    """Is this only who says what is told, or to whom: `…, Reuters has reported`, `told Reuters that …`?"""
    before = text[:start].rstrip(" ([“\"'").removesuffix(" the")
    if any(match.end() == len(before) for match in grammar["addressing"].finditer(before)):
        return True
    return before.endswith(",") and _TAG.fullmatch(text, end) is not None and bool(grammar["verbs"].search(text, end))


def _weightiest(found: Mentions) -> set[str]:
    specific = [term for _, _, term in found if clauses.is_specific(term)]
    return {max(specific, key=lambda term: (term.weight, term.name)).name} if specific else set()


def _in_heading(term: Term, heading: str) -> bool:
    forms = {form.casefold() for form in (term.name, *term.aliases, *term.surface) if form}
    return any(form in heading and re.search(rf"(?<!\w){re.escape(form)}(?!\w)", heading) for form in forms)


# An item of a list may have several sentences: it is about what the first of them names.
_ENDED = re.compile(r"[a-zà-ÿ\d)\]]{2}[.!?]\s+(?=[A-ZÀ-Þ])")
# What may stand behind a name at the end of a sentence that it only says: ", Reuters has previously established."
_TAG = re.compile(r"(?:\s[^\W\d_]+){1,3}\W*")
_OWNS = re.compile(r"['’]s?(?!\w)")
# "As Emily Feng reports, …" and "according to Reuters, …" are about what is reported.
_SAYS_WHO = re.compile(r"\W*(?:as|per|according to|laut|selon|d['’]après|según)\b", re.IGNORECASE)
