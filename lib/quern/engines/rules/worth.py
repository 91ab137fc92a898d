"""Is a sentence worth keeping, and what kind of claim is it?

Kept are definitions, figures, dated events, causes, limits, decisions, instructions and plain facts about something that
has a name. Dropped are questions, greetings, navigation, calls to action, captions, chit-chat, and sentences that name
nothing and count nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from quern import quantities
from quern.engines.rules.grammar import Grammar
from quern.engines.rules.standing import Mention
from quern.records import Role, Sort, Stance

LONGEST = 700
"""Characters past which a sentence is no single statement any more."""

WEIGHTS: dict[Role, float] = {
    "definition": 1.0,
    "decision": 0.9,
    "figure": 0.8,
    "event": 0.8,
    "task": 0.75,
    "cause": 0.7,
    "limit": 0.7,
    "procedure": 0.55,
    "fact": 0.5,
    "opinion": 0.3,
    "question": 0.0,
}
"""How much a claim of each role is worth."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What kind of claim a sentence makes."""

    role: Role
    stance: Stance
    by: str | None
    as_of: str | None


def worthless(text: str, sort: Sort, mentions: Sequence[Mention], grammar: Grammar) -> bool:
    """Is this nothing that a wiki wants?"""
    if _QUESTION.search(text) or _too_short(text, mentions, sort) or _furniture(text):
        return True
    if not mentions and not any(character.isdigit() for character in text):
        return True
    if sort != "row" and grammar.opens("chatter").match(text):
        return True
    return sort == "prose" and _unfinished(text, grammar)


def thin(text: str, role: Role) -> bool:
    """Is this too little to be told? ("Bulb turbines are the reason.")"""
    spaceless = len(_SPACELESS.findall(text))
    return role in {"fact", "opinion"} and len(_WORD.findall(text)) + spaceless // 2 < 6


def judge(
    text: str, mentions: Sequence[Mention], grammar: Grammar, *, defines: bool, published: str | None
) -> Verdict:
    """The role and the stance of a claim, who said it and of when it is."""
    dates = [date.iso for date in quantities.dates(text, grammar.language)]
    stance, by = _stance(text, mentions, grammar)
    as_of = max(dates, default=None) or (published if published and _ISO.fullmatch(published) else None)
    return Verdict(_role(text, grammar, dated=bool(dates), defines=defines and stance == "asserted"), stance, by, as_of)


def definition_end(text: str, mentions: Sequence[Mention], grammar: Grammar) -> int | None:
    """Where the class begins in a sentence that says what its first name is: `La Rance is a | power station`."""
    if not mentions or _QUOTED.match(text):
        return None
    start, end, _ = mentions[0]
    opening = text[:start].strip(" [“\"'*").split()
    if len(opening) > 1 or (opening and not grammar.whole("articles").fullmatch(opening[0])):
        return None
    behind = _ASIDE.match(text, end)
    at = behind.end() if behind is not None else end
    for name in ("definitions", "definition_nouns", "glyph_definitions"):
        match = grammar.opens(name).match(text[at:])
        if match is not None and grammar.anywhere("negated").search(text[at : at + match.end() + 12]) is None:
            if re.match(r"\W*$|\s*\S+\W*$", text[at + match.end() :]) and name == "definitions":
                return None
            return at + match.end() if name != "definition_nouns" else at + text[at:].index(" ")
    match = grammar.whole("apposition").match(text, end)
    return end + 2 if match is not None and match.end() < len(text) - 8 else None


def explains(text: str, mentions: Sequence[Mention]) -> bool:
    """Is this an entry of a glossary: `Sluice – a gate that lets water through`?"""
    if not mentions or mentions[0][0] > 1:
        return False
    match = re.match(r"[\])”\"']*(?:\s[–—-]\s|:\s|\s=\s)(?=\S+(?:\s+\S+){3})", text[mentions[0][1] :])
    return match is not None


def is_fragment(text: str, grammar: Grammar) -> bool:
    """Is this item of a list no sentence of its own?"""
    if grammar.language == "other":
        return not re.search(r"[.!…。！।։]\s*$", text)
    return not _has_verb(text, grammar) or len(_WORD.findall(text)) < 4


_QUESTION = re.compile(r"[?？؟⁇][\"'”’»)\]]*\s*$")
_ISO = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")
_ASIDE = re.compile(r"[\])”\"'»]*(?:\s*\([^()]{1,60}\))?(?:,[^,]{3,60},)?\s*")
_WORD = re.compile(r"\w+")
_SPACELESS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003fffd]")
_LINKS = re.compile(r"(?:https?://|www\.)\S+")
_FURNITURE = re.compile(r"^\W*$|^[\w.+-]+@[\w-]+\.\w+$|\{\{|\{%|<%|^\s*(?:\||[-=_*#]{3,})|^\[?\^?\d+\]?[:.]?\s*(?:https?:|$)|^\d+\s*\w{0,3}$")
_BRACKETS = str.maketrans("", "", "[]")
_QUOTED = re.compile(r"[\"“„«»‚‘「『]")
_END = re.compile(r"[.!…。！．।؟:：;)\]”\"'»%]\s*$")


def _too_short(text: str, mentions: Sequence[Mention], sort: Sort) -> bool:
    spaceless = len(_SPACELESS.findall(text))
    words = len(_WORD.findall(text)) + spaceless // 2
    least = 2 if sort == "row" else 4 if mentions else 5
    return words < least or (text.rstrip().endswith(("!", "！")) and words < 7)


def _furniture(text: str) -> bool:
    if _FURNITURE.search(text):
        return True
    letters = sum(character.isalpha() for character in _LINKS.sub("", text))
    return letters < 0.5 * len(text.replace(" ", "")) and letters < 40


def _unfinished(text: str, grammar: Grammar) -> bool:
    """Is this a line and not a sentence: a caption, a byline, a heading that was not marked as one?"""
    if _END.search(text) and not re.search(r"[:：]\s*$", text):
        return grammar.language != "other" and len(_WORD.findall(text)) < 8 and not _has_verb(text, grammar)
    return grammar.language == "other" or len(_WORD.findall(text)) < 8 or not _has_verb(text, grammar)


def _has_verb(text: str, grammar: Grammar) -> bool:
    listed = grammar.anywhere("verbs").search(text) or grammar.opens("procedures").match(text)
    return listed is not None or re.search(r"[a-zäöüß](?:ed|te|ten|ait|ent|aba|ó)\b", text) is not None


def _stance(text: str, mentions: Sequence[Mention], grammar: Grammar) -> tuple[Stance, str | None]:
    reported = grammar.anywhere("reported").search(text)
    if reported is None and _QUOTED.match(text) and re.search(r"[\"”»“]\W*[–—-]", text):
        return "reported", None
    if reported is not None:
        return "reported", _speaker(text, reported, mentions, grammar)
    main = _main_clause(text, grammar)
    doubt = grammar.anywhere("hypothetical").search(main)
    if doubt is not None and not grammar.anywhere("not_hypothetical").match(text, doubt.start()):
        return "hypothetical", None
    negated = grammar.anywhere("negated").search(main)
    return ("negated" if negated is not None else "asserted"), None


def _main_clause(text: str, grammar: Grammar) -> str:
    inner = re.compile(r",| (?:that|which|who|because|if|when|where|while|dass|weil|wenn|que|qui|porque|si)\b")
    verb = grammar.anywhere("verbs").search(text)
    cut = inner.search(text, verb.end() if verb is not None else 0)
    return text[: cut.start()] if cut is not None else text


def _speaker(text: str, reported: re.Match[str], mentions: Sequence[Mention], grammar: Grammar) -> str | None:
    """Who says it: the name beside the verb, or a few words that are no pronoun ("critics")."""
    if grammar.anywhere("by_before").match(text, reported.start()):
        words = re.split(r"[,.;:()]", text[reported.end() :])[0].strip()
        named = [term.name for start, _, term in mentions if reported.end() <= start <= reported.end() + len(words)]
    else:
        words = re.split(r"[,;:”\"]\s*", text[: reported.start()].strip(" ,“\"'"))[-1].translate(_BRACKETS).strip()
        named = [term.name for _, end, term in mentions if reported.start() - len(words) - 3 <= end <= reported.start()]
        if not words:
            words = re.split(r"[,.;:()]", text[reported.end() :])[0].strip()
            named = [term.name for start, _, term in mentions if reported.end() <= start <= reported.end() + 4]
    if named:
        return named[0]
    folded = re.sub(r"^(?:the|der|die|das|den|la|le|les|el|los|l['’])\s*", "", words, flags=re.IGNORECASE)
    vague = grammar.anywhere("inner").search(folded) or grammar.anywhere("first_person").search(folded)
    vague = vague or grammar.anywhere("first_plural").search(folded) or grammar.anywhere("verbs").search(folded)
    return folded if 0 < len(folded.split()) <= 4 and not vague else None


def _role(text: str, grammar: Grammar, *, dated: bool, defines: bool) -> Role:
    if defines:
        return "definition"
    for role, name, where in _ROLES:
        if (grammar.opens(name).match(text) if where == "opens" else grammar.anywhere(name).search(text)) is not None:
            return role
    if dated:
        return "event"
    if _has_figure(text, grammar.language):
        return "figure"
    for role, name in (("cause", "causes"), ("limit", "limits"), ("opinion", "opinions")):
        if grammar.anywhere(name).search(text) is not None:
            return role  # type: ignore[return-value]
    return "fact"


_ROLES: tuple[tuple[Role, str, str], ...] = (
    ("task", "tasks", "anywhere"),
    ("decision", "decisions", "anywhere"),
    ("procedure", "procedures", "opens"),
    ("procedure", "instructions", "anywhere"),
)


def _has_figure(text: str, language: str) -> bool:
    return any(
        number.unit is not None or number.value >= 10 or number.value % 1 for number in quantities.numbers(text, language)
    )
