"""The tokens of a claim: its words with what they are good for, its figures, dates and the names of its page."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from quern import quantities
from quern.names import listed
from quern.quantities import Date, Measure
from quern.relations import lexis
from quern.relations.wording import stem

Sort = Literal["word", "light", "verb", "scope", "of", "kind", "name", "measure", "date", "time", "comma", "break"]


@dataclass(frozen=True, slots=True)
class Token:
    """One token. `key`: folded. `stem`: what it is compared by. `side`: 1 or -1 for a word that has an opposite."""

    sort: Sort
    text: str
    key: str
    stem: str
    start: int
    end: int
    side: int = 0
    measure: Measure | None = None
    date: Date | None = None

    @property
    def proper(self) -> bool:
        return self.text[:1].isupper()


_TOKEN = re.compile(
    r"[^\W_](?:[^\W_]|[\u0300-\u036f])*(?:[.'’&/_-][^\W_]+)*[+#]*|[,;:.!?()—–]|(?<= )·(?= )|n['’](?=\w)"
)
_DIGITS = re.compile(r"\d(?:[\d.,'’\u00a0\u2009\u202f]*\d)?")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")  # says nothing
_BREAKS = listed("but while whereas although though aber während obwohl mais tandis pero mientras aunque sondern")
_AFTER_COMMA = listed("and which who where und wobei et qui y que whose")
_CONTRACTED = {"can't": "can", "won't": "will", "shan't": "shall"}
_THE = listed("the der die das le la el l'")
_TIME = re.compile(
    r"(?<![\w.:])[0-2]?\d(?::[0-5]\d(?::[0-5]\d)?(?:\s?[ap]m)?|\s?[ap]m|\s?Uhr|h[0-5]\d)(?![\w:])", re.IGNORECASE
)
_LONGEST_NUMBER = 5  # digits of a number that names something


def read(text: str, language: str, called: tuple[str, ...]) -> tuple[Token, ...]:
    """The tokens of a claim in order. `called`: the names of the page, which become tokens of their own."""
    text = text.replace("[", " ").replace("]", " ") if "[" in text else text
    if "/" in text:
        text = _ADDRESS.sub(lambda match: " " * len(match[0]), text)
    fixed = list(_fixed(text, language, called))
    found = list(fixed)
    at = 0
    # Between the fixed tokens, since a run of Chinese characters would swallow the figure in it.
    for start, end in [*sorted((token.start, token.end) for token in fixed), (len(text), len(text))]:
        found += [_word(match, language) for match in _TOKEN.finditer(text, at, start)]
        at = end
    found.sort(key=lambda token: token.start)
    return tuple(_without_labels(list(_without_kind_of_name(found, language)), language))


@lru_cache(maxsize=65536)
def stems(text: str, language: str) -> frozenset[str]:
    """What the words of a text are compared by: stems, with one for all forms of an attribute and for opposites.

    Number words and units are none: they are told by signs too.
    """
    words = {_folded(word[0]) for word in _TOKEN.finditer(text) if word[0][0].isalpha()}
    looked = (_looked_up(word, language) for word in words - quantities.spelt_words(language))
    return frozenset(stemmed for sort, stemmed, _ in looked if sort == "word")


@lru_cache(maxsize=65536)
def figures(text: str, language: str) -> frozenset[str]:
    """What the figures of a text are found by: their digits, whether in digits or in words."""
    written = ("".join(filter(str.isdigit, literal)) for literal in _DIGITS.findall(text))
    return frozenset([*written, *(str(value.value) for value in quantities.spelt(text, language))])


def _folded(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold().replace("’", "'").removesuffix("'s")


def _fixed(text: str, language: str, called: tuple[str, ...]) -> Iterator[Token]:
    """Names of the page, dates and measures, none of which overlap."""
    taken: list[tuple[int, int]] = []
    pattern = _names(called)
    for match in pattern.finditer(text) if pattern else ():
        taken.append(match.span())
        yield Token("name", match[0], "", "", *match.span())
    for date in quantities.dates(text, language):
        if not any(date.start < end and start < date.end for start, end in taken):
            taken.append((date.start, date.end))
            yield Token("date", text[date.start : date.end], date.iso, "", date.start, date.end, date=date)
    for match in _TIME.finditer(text):
        taken.append(match.span())
        yield Token("time", match[0], match[0].casefold(), "", *match.span())
    for measure in quantities.measures(text, language):
        if any(measure.start < end and start < measure.end for start, end in taken):
            continue
        literal = text[measure.start : measure.end]
        if re.fullmatch(r"1[0-9]{3}|20[0-9]{2}", literal) and _is_year(text, measure, language):
            date = Date(literal, measure.start, measure.end)
            yield Token("date", literal, literal, "", measure.start, measure.end, date=date)
        else:
            yield Token("measure", literal, literal, "", measure.start, measure.end, measure=measure)


def _is_year(text: str, measure: Measure, language: str) -> bool:
    """`wurde 1932 gebaut`, `looking back at 2019`: a bare year beside the verb of an event, or behind a preposition."""
    after = re.match(r"\s([^\W\d_]+)", text[measure.end :])
    before = re.search(r"([^\W\d_]+)\s$", text[: measure.start])
    beside = [match[1].casefold() for match in (after, before) if match is not None]
    return any(word in lexis.first_of("events") for word in beside) or (
        after is None
        and before is not None
        and before[1].casefold() in lexis.of(language).verbs | lexis.of(language).scope
    )


def mentions(text: str, called: tuple[str, ...]) -> bool:
    """Whether one of the names stands in a text; true if there are none."""
    pattern = _names(called)
    return pattern is None or pattern.search(text) is not None


@lru_cache(maxsize=1024)
def _names(called: tuple[str, ...]) -> re.Pattern[str] | None:
    forms = sorted({form for name in called for form in (name, name.replace("'", "’")) if form.strip()}, key=len)
    if not forms:
        return None
    choice = "|".join(re.escape(form) for form in reversed(forms))
    return re.compile(rf"(?<!\w)(?:{choice})(?:['’]s)?(?!\w)", re.IGNORECASE)


@lru_cache(maxsize=65536)
def _looked_up(word: str, language: str) -> tuple[Sort, str, int]:
    """The sort of a folded word, its stem (or what stands for it and its opposite), and its side."""
    words = lexis.of(language)
    if word in lexis.OF:
        return "of", word, 0
    if word in words.verbs and word in words.light:
        return "verb", word, 0
    if word in words.scope:
        return "scope", word, 0
    if word in words.kinds:
        name, side = lexis.opposites(language).get(word, (word, 0))
        return "kind", word if not side else f"{name}{side}", 0
    pair = lexis.opposites(language).get(word)
    if pair is not None:
        return "word", *pair
    if word in words.light or word in lexis.ARTICLES:
        return "light", word, 0
    base = lexis.denied(word) if language == "en" else ""
    if base:
        return "word", stem(base, language), -1
    stemmed = stem(word, language)
    return "word", lexis.attributes(language).get(stemmed, stemmed), 0


def _word(match: re.Match[str], language: str) -> Token:
    text = match[0]
    if text == ",":
        return Token("comma", text, text, "", *match.span())
    if len(text) == 1 and not text.isalnum():
        return Token("break", text, text, "", *match.span())
    folded = _folded(text)
    contracted = re.fullmatch(r"(?:l|d|n|qu|s|j|m|t|c)'(\w+)", folded) if language == "fr" else None
    key = contracted[1] if contracted else _CONTRACTED.get(folded) or folded.removesuffix("n't")
    if key in _BREAKS:
        return Token("break", text, key, "", *match.span())
    sort, stemmed, side = _looked_up(key, language)
    shouted = len(text) > 1 and text.isupper() and text.isalpha()
    return Token("word" if shouted and sort == "light" else sort, text, key, stemmed, *match.span(), side=side)


def _without_labels(tokens: list[Token], language: str) -> Iterator[Token]:
    """A bare number that names something (`chapter 3`, `Windows 7`, `from hill 103`) is a word of its name."""
    for at, token in enumerate(tokens):
        before = tokens[at - 1] if at else None
        if token.measure is not None and not token.measure.dimension and _labels(tokens, at, language):
            yield Token("word", token.text, token.key, token.key, token.start, token.end)
        elif token.key == "longer" and before is not None and before.key in ("no", "any"):
            yield Token("light", token.text, token.key, token.key, token.start, token.end)
        elif token.sort == "comma" and at + 1 < len(tokens) and tokens[at + 1].key in _AFTER_COMMA:
            yield Token("break", token.text, token.key, "", token.start, token.end)
        else:
            yield token


def _without_kind_of_name(tokens: list[Token], language: str) -> Iterator[Token]:
    """`the tidal power station` in `the tidal power station La Rance` says nothing beside the name."""
    light = set[int]()
    for at, token in enumerate(tokens):
        if token.sort != "name" or not token.proper:
            continue
        first = at
        while first and tokens[first - 1].sort == "word" and (language == "de" or not tokens[first - 1].proper):
            first -= 1
        if first and tokens[first - 1].key in _THE:
            light |= set(range(first, at))
    for at, token in enumerate(tokens):
        yield replace(token, sort="light", side=0) if at in light else token


def _labels(tokens: Sequence[Token], at: int, language: str) -> bool:
    """Whether a bare number says which one is meant and not how many: it stands behind its noun and not before one."""
    if not at or tokens[at - 1].end + 1 != tokens[at].start:
        return False
    number, noun = tokens[at], tokens[at - 1]
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    is_word = number.text.isalpha()
    if noun.key in lexis.shared("numbered") and not (is_word and after is not None and after.sort == "word"):
        return True  # "Part 1", "Volume Two"
    if is_word or not number.text.replace(".", "").isdigit() or noun.sort not in ("word", "name"):
        return False
    if noun.sort == "name" or (noun.proper and noun.start > 0):
        return True
    if len(number.text) > _LONGEST_NUMBER or "." in number.text or _is_attribute(noun, language):
        return False
    before = tokens[at - 2] if at > 1 else None
    counts = after is not None and after.sort in ("word", "name") and not (after.proper and language != "de")
    if before is None:  # "Team 3 saw", but not "Saw 3 teams" and "Visitors: 300"
        goes_on = after is not None and after.sort in ("word", "kind", "verb", "of", "scope")
        return goes_on and not lexis.of(language).acts.match(noun.key)
    return (before.sort in ("scope", "of") or before.key in lexis.ARTICLES) and not counts


def _is_attribute(noun: Token, language: str) -> bool:
    return noun.stem in lexis.named(language) or noun.stem in lexis.volatile(language)
