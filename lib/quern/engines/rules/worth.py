"""Is a sentence worth keeping, and what kind of claim is it?

Kept are definitions, figures, dated events, causes, limits, decisions, instructions and plain facts about something
that has a name. Dropped are questions, greetings, navigation, calls to action, captions, chit-chat, and sentences that
name nothing and count nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from quern import quantities
from quern.engines.rules import clauses
from quern.engines.rules.clauses import Mention, Named
from quern.engines.rules.grammar import Grammar
from quern.names import persons
from quern.records import Role, Sort, Stance

LONGEST = 700
"""Characters past which a sentence is no single statement any more."""

SHORTEST_NAME = 4
"""Letters below which a capitalised word is hardly a name, but an article ("The", "Ein")."""

LONGEST_LINE = 14
"""Words below which what ends without a mark is a headline or a caption, and no sentence."""

LONGEST_CLASS = 80
"""Characters in which "a … called" stands before what is called so."""

SHORTEST_THOUGHT = 7
"""Words below which a sentence without a name is no statement."""

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
    counted = mentions or any(character.isdigit() for character in text)
    if not counted and not (sort == "prose" and is_thought(text, grammar)):
        return True
    if sort != "row" and (grammar["chatter"].match(text) or grammar["chatter_anywhere"].search(text)):
        return True
    if text.rstrip().endswith((":", "：")) or grammar["says_nothing"].search(text):
        return True
    if sort == "prose" and grammar.language == "en" and not _has_verb(text, grammar):
        return clauses.known_verb(text, mentions, grammar) is None
    return sort == "prose" and _unfinished(text, grammar)


def thin(text: str, role: Role) -> bool:
    """Is this too little to be told? ("Bulb turbines are the reason.")"""
    spaceless = len(_SPACELESS.findall(text))
    return role in {"fact", "opinion"} and len(_WORD.findall(text)) + spaceless // 2 < 5


def judge(  # noqa: PLR0913 - what surrounds a sentence has a say in what it is
    text: str,
    mentions: Sequence[Mention],
    grammar: Grammar,
    *,
    defines: bool,
    published: str | None,
    headed: str = "",
    spoken: bool = False,
    listed: bool = False,
) -> Verdict:
    """The role and the stance of a claim, who said it and of when it is.

    `headed` is the heading that it stands under; `listed` says that it is an item of a list there, as tasks are.
    """
    headed = headed if listed else ""
    dates = [date.iso for date in quantities.dates(text, grammar.language)]
    stance, by = _stance(text, mentions, grammar)
    known = published if published and _ISO.fullmatch(published) else None
    as_of = max(dates, default=known)
    if grammar["decided"].match(text):
        return Verdict("decision", "asserted", None, as_of)
    # What a text of 2024 expects for 2029 is what was expected in 2024.
    as_of = known if known and as_of and as_of[:4] > known[:4] else as_of
    defines = defines and stance == "asserted"
    if spoken and grammar["meeting_decisions"].search(text):
        return Verdict("decision", stance, by, as_of)
    bare = _without(text, mentions).translate(_BRACKETS)
    return Verdict(_role(bare, grammar, dated=bool(dates), defines=defines, headed=headed), stance, by, as_of)


def _without(text: str, mentions: Sequence[Mention]) -> str:
    """The text with its names blotted out: the number in a name is no figure, the verb in one is no event."""
    for start, end, _ in mentions:
        if any(character.isdigit() for character in text[start:end]):
            text = text[:start] + "X" * (end - start) + text[end:]
    return text


def definition_end(text: str, mentions: Sequence[Mention], grammar: Grammar) -> int | None:
    """Where the class begins in a sentence that says what its first name is: `La Rance is a | power station`."""
    found = definition(text, mentions, grammar)
    return None if found is None else found[1]


def definition(text: str, mentions: Sequence[Mention], grammar: Grammar) -> tuple[int, int] | None:
    """Which of its names a sentence defines, and where the class begins: `Cargo is | Rust's build system`."""
    if not mentions or _is_quoted(text):
        return None
    for place, (start, end, _) in enumerate(mentions):
        behind = _ASIDE.match(text, end)
        at = behind.end() if behind is not None else end
        found = _copula_end(text, at, grammar)
        if found is not None:
            narrow = _is_narrower(text, start, mentions[place][2])
            return (place, found) if not narrow and _is_head(text, start, mentions, grammar) else None
    for place, (_, end, _) in enumerate(mentions):
        match = grammar["which_is"].match(text[end:])
        if match is not None:
            return place, end + match.end()
    start, end, _ = mentions[0]
    match = grammar["apposition"].match(text[end:])
    opens = _is_head(text, start, mentions, grammar)
    return (0, end + 2) if match is not None and end + match.end() < len(text) - 8 and opens else None


def _is_quoted(text: str) -> bool:
    """Does this begin with what somebody says, and not with a name in quotation marks?"""
    match = _QUOTED.match(text)
    return match is not None and (len(match[1].split()) > 4 or match[1].rstrip()[-1:] in ".,!?。，！？")


def _copula_end(text: str, at: int, grammar: Grammar) -> int | None:
    for name in ("definitions", "definition_nouns", "glyph_definitions"):
        match = grammar[name].match(text[at:])
        if match is None or grammar["negated"].search(text[at : at + match.end() + 12]):
            continue
        rest = text[at + match.end() :]
        if name == "definitions" and re.match(r"\W*(?:\S+\W*)?$", rest):
            return None
        return at + match.end() if name != "definition_nouns" else at + text[at:].index(" ")
    return None


def _is_head(text: str, start: int, mentions: Sequence[Mention], grammar: Grammar) -> bool:
    """Is the name at `start` what the sentence is about: with an article and two adjectives before it at most?"""
    opening = text[:start].translate(_BRACKETS).strip(" “\"'*")
    words = re.findall(r"[lL]['’]|[\w-]+", opening)
    if not words:
        return True
    article = grammar["articles"].fullmatch(words[0]) is not None
    small = all(word.islower() and not grammar["prepositions"].fullmatch(word) for word in words[1:])
    return (
        article and len(words) <= 3 and small and "," not in opening and not any(end <= start for _, end, _ in mentions)
    )


def _is_narrower(text: str, start: int, term: Named) -> bool:
    """Is it a kind of this common noun that is told of: "the road safety | slogan was a pun"?"""
    noun = term.type == "concept" and " " not in term.name and term.name[1:].islower()
    return noun and re.fullmatch(r"(?:\W*[Tt]he)?(?: [a-z][\w-]*){2,} ", " " + text[:start].lstrip("[")) is not None


def called(text: str, mentions: Sequence[Mention], grammar: Grammar) -> int | None:
    """Which name a sentence gives to what it describes: `packages of code are called | crates`."""
    for place, (start, _, _) in enumerate(mentions):
        before = re.search(r"\S.*$", text[:start])
        for match in grammar["called"].finditer(text[:start] if before else ""):
            if not text[match.end() : start].strip(" “\"'*"):
                return place
    return None


def introduced(text: str, mentions: Sequence[Mention], grammar: Grammar) -> int | None:
    """Which name a sentence brings in with what it is: `a tool called | rustup`, `| rustup, a tool for …`."""
    intro = clauses.intro_end(text, grammar)
    for place, (start, end, term) in enumerate(mentions):
        if not clauses.is_specific(term) or end <= intro:
            continue
        if grammar["naming"].search(text[max(0, start - LONGEST_CLASS) : start]):
            return place
        if not persons.evident(term.name) and grammar["explained"].match(text[end:]):
            return place
    return None


def explains(text: str, mentions: Sequence[Mention]) -> bool:
    """Is this an entry of a glossary: `Sluice – a gate that lets water through`?"""
    if not mentions or mentions[0][0] > 1:
        return False
    match = re.match(r"[\])”\"']*(?:\s[–—-]\s|:\s|\s=\s)(?=(\S+)(?:\s+\S+){3})", text[mentions[0][1] :])
    # "Cloud sync: iCloud, OneDrive and Google Drive" lists what there is, and so does "Version control: Git and Hg".
    if match is None or any(start == mentions[0][1] + match.end() for start, _, _ in mentions[1:]):
        return False
    return match[1] == match[1].lower() or len(match[1]) < SHORTEST_NAME


def is_fragment(text: str, grammar: Grammar) -> bool:
    """Is this item of a list no sentence of its own?"""
    if not _END.search(text) and re.match(r"\w+ing\b", text) and grammar.language == "en":
        return True
    if grammar.language == "other":
        return not re.search(r"[.!…。！।։]\s*$", text)
    return not _has_verb(text, grammar) or len(_WORD.findall(text)) < 4


def is_thought(text: str, grammar: Grammar) -> bool:
    """Is this a general statement, to be kept though it names nothing? "Durable things may cost more upfront."

    It speaks to nobody, tells no story and asks for nothing, and it is in a language of which that much is known.
    """
    if grammar.language == "other" or len(_WORD.findall(text)) < SHORTEST_THOUGHT:
        return False
    words = text.replace("[", "").replace("]", "")
    personal = any(grammar[name].search(words) for name in ("first_person", "first_plural", "second_person"))
    return not personal and not grammar["past"].search(words) and not grammar["procedures"].match(words)


def is_bare_step(text: str, grammar: Grammar) -> bool:
    """Is this instruction a step of a list ("Go into the folder and list the files"), without a reason to it?"""
    return grammar["procedures"].match(text) is not None and not grammar["reasons"].search(text)


_VERB_ENDS = {"en": r"[a-z]ed\b", "de": r"[a-zäöüß]ten?\b", "fr": r"[a-zéè](?:ait|ent)\b", "es": r"[a-zíé](?:aba|ó)\b"}
_PASSIVE = re.compile(r"(?:is|are|was|were)\b", re.IGNORECASE)
_LEADS_IN = re.compile(r"^(?:but|and|though|although|while|whereas|as|because|since)\s+", re.IGNORECASE)
_QUESTION = re.compile(r"^¿|[?？؟⁇][\"'”’»)\]]*\s*$")
_ISO = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")
_ASIDE = re.compile(r"[\])”\"'»]*(?:\s*\([^()]{1,60}\))?(?:,[^,]{3,60},)?\s*")
_WORD = re.compile(r"\w+")
_SPACELESS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003fffd]")
_LINKS = re.compile(r"(?:https?://|www\.)\S+")
_FURNITURE = re.compile(
    r"^\W*$|^\s*[$>] \S|"
    r"^[\w.+-]+@[\w-]+\.\w+$|\{\{|\{%|<%|^\s*(?:\||[-=_*#]{3,})|^\[?\^?\d+\]?[:.]?\s*(?:https?:|$)|^\d+\s*\w{0,3}$"
)
# An entry of a list of references, as encyclopedias have it at their end.
_CITED = re.compile(
    r"^\^ |^\[\d+\] [A-Z].*\. .*\b(?:1[89]|20)\d\d\b|\bISBN[ :]?[\dX-]{9}|"
    r"\b(?:Retrieved|Archived)(?: on| from)? (?:\d{4}-|\d{1,2} [A-Z]\w+ \d{4}|[A-Z]\w+ \d{1,2}, \d{4})"
)
_BRACKETS = str.maketrans("", "", "[]")
_QUOTED = re.compile(r"[\"“„«»‚‘「『]\s?([^\"”“«»’」』]+)[\"”“«»’」』]")
_STOP = re.compile(r"[.!…。！．।؟][\"”'’»›)\]」』]*\s*$")
_END = re.compile(r"[.!…。！．।؟:：;)\]”\"'»%]\s*$")


def _too_short(text: str, mentions: Sequence[Mention], sort: Sort) -> bool:
    spaceless = len(_SPACELESS.findall(text))
    words = len(_WORD.findall(text)) + spaceless // 2
    least = 2 if sort == "row" else 4 if mentions else 5
    return words < least or (text.rstrip().endswith(("!", "！")) and words < 7)


def _furniture(text: str) -> bool:
    if _FURNITURE.search(text) or _CITED.search(text):
        return True
    letters = sum(character.isalpha() for character in _LINKS.sub("", text))
    return letters < 0.5 * len(text.replace(" ", "")) and letters < 40


def _unfinished(text: str, grammar: Grammar) -> bool:
    """Is this a line and not a sentence: a caption, a byline, a heading that was not marked as one?"""
    bare = text.strip().rstrip("\"”»’'")
    if text[:1] in "\"“„«»‘'" and _END.search(bare) is None and len(_WORD.findall(text)) < SHORTEST_THOUGHT:
        return True  # “U.S.-controlled bandit formations”
    if (_STOP if len(_WORD.findall(text)) < LONGEST_LINE else _END).search(text) and not re.search(r"[:：]\s*$", text):
        return False
    return grammar.language == "other" or len(_WORD.findall(text)) < LONGEST_LINE


def _has_verb(text: str, grammar: Grammar) -> bool:
    listed = grammar["verbs"].search(text) or grammar["procedures"].match(text)
    return listed is not None or re.search(_VERB_ENDS.get(grammar.language, r"(?!)"), text) is not None


def _stance(text: str, mentions: Sequence[Mention], grammar: Grammar) -> tuple[Stance, str | None]:
    reported = _reporting(text, grammar)
    if reported is None and _is_quoted(text):
        return "reported", None
    if reported is not None:
        return "reported", _speaker(text, reported, mentions, grammar)
    main = _main_clause(text, grammar)
    doubt = grammar["hypothetical"].search(main)
    if doubt is not None and not grammar["not_hypothetical"].match(main, doubt.start()):
        return "hypothetical", None
    negated = grammar["negated"].search(main)
    return ("negated" if negated is not None else "asserted"), None


def _reporting(text: str, grammar: Grammar) -> re.Match[str] | None:
    """The verb of saying, if there is one: "a case was reported in March" reports nothing that anybody said."""
    passive = re.compile(r"(?<!\w)(?:is|are|was|were|been|be|being)(?:\s\w+ly)?\s$", re.IGNORECASE)
    return next(
        (match for match in grammar["reported"].finditer(text) if not passive.search(text[: match.start()])), None
    )


def _main_clause(text: str, grammar: Grammar) -> str:
    text = text[clauses.main_clause_at(text, grammar) :]
    inner = re.compile(r",| (?:that|which|who|because|if|when|where|while|dass|weil|wenn|que|qui|porque|si)\b")
    verb = grammar["verbs"].search(text)
    cut = inner.search(text, verb.end() if verb is not None else 0)
    return text[: cut.start()] if cut is not None else text


def _speaker(text: str, reported: re.Match[str], mentions: Sequence[Mention], grammar: Grammar) -> str | None:
    """Who says it: the name beside the verb, or a few words that are no pronoun ("critics")."""
    if grammar["sayers"].fullmatch(reported[0]):
        return reported[0]
    if grammar["by_before"].match(text, reported.start()):
        words = re.split(r"[,.;:()]", text[reported.end() :])[0].strip()
        named = [term.name for start, _, term in mentions if reported.end() <= start <= reported.end() + len(words)]
    elif _PASSIVE.match(reported[0]):
        return None
    else:
        before = text[: reported.start()].rstrip()
        clauses = re.split(r"[,;:”\"]\s*|\s[—–]\s", before.strip(" ,“\"'"))
        follows = before.endswith((",", "”", '"')) and re.match(r"\s+(?:the |an? )?[A-Z]", text[reported.end() :])
        # "Ada Sims, chief executive of Ceres, said": the name stands before its apposition.
        inserted = before.endswith(",") and len(clauses) > 1
        words = "" if follows else _LEADS_IN.sub("", clauses[-2 if inserted else -1].translate(_BRACKETS).strip())
        at = text.rfind(words, 0, reported.start()) if words else len(text)
        named = [term.name for start, end, term in mentions if at <= start and end <= at + len(words)]
        if not words:
            words = re.split(r"[,.;:()]", text[reported.end() :])[0].strip()
            named = [term.name for start, _, term in mentions if reported.end() <= start <= reported.end() + 4]
    if named:
        return named[0]
    folded = re.sub(r"^(?:(?:the|der|die|das|den|la|le|les|el|los)\s+|l['’])", "", words, flags=re.IGNORECASE)
    vague = grammar["inner"].search(folded) or grammar["first_person"].search(folded)
    vague = vague or grammar["first_plural"].search(folded) or grammar["verbs"].search(folded)
    return folded if 0 < len(folded.split()) <= 4 and not vague else None


def _role(text: str, grammar: Grammar, *, dated: bool, defines: bool, headed: str) -> Role:
    if defines:
        return "definition"
    if grammar["task_headings"].match(headed):
        return "task"
    for role, name, opens in _TOLD_FIRST:
        if (grammar[name].match(text) if opens else grammar[name].search(text)) is not None:
            return role
    if dated:
        return "event"
    if _has_figure(text, grammar.language):
        return "figure"
    return next((role for role, name in _TOLD_LAST if grammar[name].search(text) is not None), "fact")


# Roles by the words that give them away, before dates and figures are looked for (True: at the start only) and after.
_TOLD_FIRST: tuple[tuple[Role, str, bool], ...] = (
    ("task", "tasks", False),
    ("procedure", "procedures", True),
    ("decision", "decisions", False),
    ("procedure", "instructions", False),
)
_TOLD_LAST: tuple[tuple[Role, str], ...] = (("cause", "causes"), ("limit", "limits"), ("opinion", "opinions"))


def _has_figure(text: str, language: str) -> bool:
    return any(
        number.unit is not None or number.value >= 10 or number.value % 1
        for number in quantities.numbers(text, language)
    )
