"""Whether a sentence says what a thing is: "X is a …", "X, called Y", "**X**: …", in several languages."""

from __future__ import annotations

import functools
import re

from quern.engines.rules.lexicon import lexicon

# What may stand between a name and what it is: a bracket, an aside.
_ASIDE = r"\s*(?:[(（][^()（）]{1,80}[)）]\s*)?(?:,[^,]{1,60},\s*)?"

# What makes a definition of what stands behind a name; the group is the first word of what the thing is.
_AFTER: dict[str, tuple[str, ...]] = {
    "en": (
        r"(?:is|are|was|were)\s+(?:(?:also|basically|essentially|simply|just)\s+)?(?:an?|the|one of|any)\s+(\w+)",
        r"(?:refers? to|stands? for|denotes?|describes? (?:an?|the)|means)\s+(\w+)",
        r"(?:is|are)\s+(?P<bare>\w+)\s+(?:made|that|which|who|from|of|used|where|in which|produced|by which)\b",
        r"(?:is|are) (?:the )?(?:name|term)s? (?:for|of)\s+(\w+)",
    ),
    "de": (
        r"(?:ist|sind|war|waren)\s+(?:ein|eine|einer|der|die|das)\s+(\w+)",
        r"(?:bezeichnet|bedeutet|heißt|steht für|nennt man)\s+(\w+)",
    ),
    "fr": (
        r"(?:est|sont|était|étaient)\s+(?:une?|l['’]|la|le|les|des)\s*(\w+)",
        r"(?:désigne|signifie)(?:nt)?\s+(\w+)",
    ),
    "es": (
        r"(?:es|son|era|eran|fue)\s+(?:una?|unos|unas|el|la|los|las)\s+(\w+)",
        r"(?:significa|designa|se refiere a)n?\s+(\w+)",
    ),
    "pt": (
        r"(?:é|são|era|eram|foi)\s+(?:uma?|o|a|os|as)\s+(\w+)",
        r"(?:significa|designa|refere-se a)\s+(\w+)",
    ),
    "it": (
        r"(?:è|sono|era|erano)\s+(?:una?|un['’]|il|la|lo|l['’]|i|gli|le)\s*(\w+)",
        r"(?:significa|indica|designa)\s+(\w+)",
    ),
    "nl": (r"(?:is|zijn|was|waren)\s+(?:een|de|het)\s+(\w+)", r"(?:betekent|verwijst naar)\s+(\w+)"),
    "ru": (r"[—–-]\s*(?:это\s+)?(\w+)", r"является\s+(\w+)", r"называ\w+\s+(\w+)"),
    "uk": (r"[—–-]\s*(?:це\s+)?(\w+)", r"є\s+(\w+)"),
    "zh": (r"(?:是指|指的是|是一[种个款类项]|是)(\w)", r"[，,]?又称(\w)"),
    "ja": (r"とは(.)", r"は[^。]{0,40}(?:である|です|こと)()"),
    "ko": (r"(?:은|는|이란|란)\s+(\w+)",),
    "ar": (r"\s*(?:هو|هي)\s+(\w+)",),
    "th": (r"\s*(?:คือ|เป็น|หมายถึง)\s*(\w)",),
}
# What makes a definition of what stands before a name.
_BEFORE = {
    "en": r"\b(?:called|known as|named|termed|dubbed|so-called)\s+(?:an?\s+|the\s+)?[\"“'‘]?$",
    "de": r"\b(?:genannt|namens|sogenannte[nrs]?|versteht man unter)\s+[\"„]?$",
    "fr": r"\b(?:appelée?s?|nommée?s?|dite?s?|connue?s? sous le nom de)\s+(?:«\s?)?$",
    "es": r"\b(?:llamad[oa]s?|denominad[oa]s?|conocid[oa]s? como)\s+[\"«]?$",
    "pt": r"\b(?:chamad[oa]s?|denominad[oa]s?|conhecid[oa]s? como)\s+[\"«]?$",
    "it": r"\b(?:chiamat[oaie]|dett[oaie]|not[oaie] come)\s+[\"«]?$",
}
# Articles that may stand before a subject at the start of its sentence.
_OPENING = re.compile(
    r"(?:^|[.!?:;]\s)[\"“«„‘*_\s]*"
    r"(?:(?:an?|the|der|die|das|ein|eine|le|la|les|une?|el|los|las|una|il|lo|gli|de|het|een|o|os|as|uma?)\s+|l['’])?$",
    re.IGNORECASE,
)
# "X is a great way" does not say what X is.
_VAGUE = frozenset(
    [
        "bit",
        "lot",
        "little",
        "few",
        "good",
        "great",
        "bad",
        "big",
        "huge",
        "nice",
        "real",
        "right",
        "wrong",
        "same",
        "best",
        "worst",
        "way",
        "reason",
        "thing",
        "things",
        "only",
        "key",
        "most",
        "least",
        "very",
        "first",
        "last",
        "next",
        "problem",
        "question",
        "answer",
        "case",
        "point",
        "one",
        "kind",
        "sort",
    ]
)
_NEVER = r"(?!)"


@functools.lru_cache
def _pattern(language: str) -> tuple[re.Pattern[str], re.Pattern[str] | None]:
    after = re.compile(f"{_ASIDE}(?:{'|'.join(_AFTER.get(language, (_NEVER,)))})", re.IGNORECASE)
    before = _BEFORE.get(language)
    return after, re.compile(before, re.IGNORECASE) if before else None


def defines(text: str, start: int, end: int, language: str) -> bool:
    """Whether this sentence says what the thing named at [start, end) is."""
    after, before = _pattern(language)
    match = after.match(text, end)
    if match is not None and _OPENING.search(text[max(0, start - 40) : start]):
        word = next((group for group in match.groups() if group), "").casefold()
        words = lexicon(language)
        is_noun = word in words.nouns or not words.common(word)
        return word not in _VAGUE | words.stop and (is_noun or not match.groupdict().get("bare"))
    return before is not None and before.search(text[max(0, start - 40) : start]) is not None
