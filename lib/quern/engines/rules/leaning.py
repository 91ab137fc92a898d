"""Does a sentence lean on another place of the text behind its subject: with a pronoun, with "this", with "we"?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from quern.engines.rules.clauses import Mention, Named, known_verb
from quern.engines.rules.grammar import Grammar
from quern.names import persons

_POINTING = re.compile(r"(?:this|these|that|those) ([^\W\d_]{3,})", re.IGNORECASE)
# "It's …", "it still hopes …": behind the verb, and a subject all the same.
_SUBJECT = re.compile(
    r"['’](?:s|re|ll|d|ve)\b|\W+(?:(?:still|also|now|already|never|only|no longer) )?[a-z]{2,}(?:[^s]s|ed|ould)\b"
)


def leans(text: str, rest: str, mentions: Sequence[Mention], grammar: Grammar, *, resolved: bool) -> bool:
    """Does a sentence lean on another place of the text somewhere behind its subject?"""
    own = re.sub(r"^\[(\w)\](?=\w)", r"\1", text)
    own = re.sub(r"^\[[^\]]*\]", lambda match: " " * len(match[0]), own)
    if _is_personal(own, grammar):
        own = grammar["general"].sub(lambda match: "-" * len(match[0]), own)
    if own.rstrip().endswith((":", "：")):
        return True
    for match in grammar["elsewhere"].finditer(own):
        if not grammar["elsewhere_not"].match(own, match.start()) and not _points_inside(own, match):
            return True
    if _is_personal(own, grammar):
        return True
    verb = known_verb(own, mentions, grammar) if grammar["many_inner"].search(own) else None
    for match in grammar["many_inner"].finditer(own):
        before = own[: match.start()] if verb is None else re.sub(r"\w+", "", own[verb : match.start()], count=1)
        before = before if verb is None else own[: min(verb, match.start())] + before
        if not resolved and not grammar["plural"].search(before):
            return True
    if _object_pronoun(own, mentions, grammar):
        return True
    first = grammar["inner"].search(own)
    return first is not None and not resolved and not _has_antecedent(rest, first.start(), mentions, grammar)


def _is_personal(text: str, grammar: Grammar) -> bool:
    return grammar["first_person"].search(text) is not None or grammar["first_plural"].search(text) is not None


def _points_inside(text: str, match: re.Match[str]) -> bool:
    """Is it of this sentence, what "this" or "that" points to: `a value … that value`?"""
    pointing = _POINTING.match(text, match.start())
    if pointing is None:
        return False
    noun = pointing[1].casefold()
    stem = noun[:-1] if noun.endswith("s") and not noun.endswith("ss") else noun
    return re.search(rf"(?<!\w){re.escape(stem)}(?:e?s)?(?!\w)", text[: match.start()], re.IGNORECASE) is not None


def _object_pronoun(text: str, mentions: Sequence[Mention], grammar: Grammar) -> bool:
    """Is there an object "it" that only the subject comes before? It cannot be the subject: it is something else."""
    verb = known_verb(text, mentions, grammar)
    if verb is None:
        return False
    for match in grammar["objects"].finditer(text, verb):
        between = text[verb : match.start()]
        if re.search(r"[,;:]", between) or grammar["joins"].search(between) or len(between.split()) > 3:
            break
        behind = text[match.end() :]
        if not grammar["verbs"].match(behind.lstrip()) and not _opens_clause(between, behind, grammar):
            return True
    return False


def _opens_clause(before: str, behind: str, grammar: Grammar) -> bool:
    """Does a pronoun open a clause without "that": `says | it | still hopes`, `looks like | it | 's over`?"""
    return _is_said(before, grammar) and _SUBJECT.match(behind) is not None


def _is_said(before: str, grammar: Grammar) -> bool:
    """Does this end with a verb that a clause may follow without "that"?"""
    said = [match.end() for match in grammar["clause_verbs"].finditer(before)]
    return bool(said) and said[-1] == len(before.rstrip())


def _has_antecedent(text: str, at: int, mentions: Sequence[Mention], grammar: Grammar) -> bool:
    # "Ada Sims said it was late" speaks of something else than Ada Sims.
    said = grammar["thing"].match(text, at) is not None and _is_said(text[:at], grammar)
    if any(end <= at and not (said and _may_be_person(term)) for _, end, term in mentions):
        return True
    if said and grammar["impersonal"].match(text, at) is None:
        return False
    words = re.findall(r"[^\W\d_]{3,}", text[:at])
    content = [
        word for word in words if not grammar["prepositions"].fullmatch(word) and not grammar["verbs"].fullmatch(word)
    ]
    return len(content) >= 3 or bool(
        re.match(r"(?:it|es|il)\b.{0,40}\b(?:that|to|dass|que)\b", text[at:], re.IGNORECASE)
    )


def is_person(name: str) -> bool:
    """Does a title or a given name show a person?"""
    known, _ = persons.given()
    parts = persons.parts(name)
    return bool(persons.titles(name) - persons.EPITHETS) or (len(parts) > 1 and parts[0] in known)


def _may_be_person(term: Named) -> bool:
    """Is this a person, or written as one is: two or three words with capitals?"""
    words = term.name.split()
    plain = len(words) in (2, 3) and all(word.isalpha() and word.istitle() for word in words)
    return term.type == "entity" and (plain or is_person(term.name))
