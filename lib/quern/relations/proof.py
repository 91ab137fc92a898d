"""What two sentences have to show for it that they speak of one thing, or that both cannot be so.

Whatever a model says of two sentences counts only with words of theirs that code finds there and that bear it out.
The same is asked before a model is: where no words could bear an answer out, there is no question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from quern import quantities
from quern.quantities import Measure
from quern.relations import lexis, tokens
from quern.relations.comparison import agree_on_date, said_too, would_conflict
from quern.relations.statements import statements
from quern.relations.wording import content

LONGEST = 8
"""Words of a value: what is longer is a sentence, in which anything may differ."""

_PIECE = re.compile(r"\d(?:[\d.,'’]*\d)?|[^\W\d_]+|[^\w\s]")
_WORD = re.compile(r"[^\W\d_](?:[^\W_]|['’-](?=[^\W_]))*")
# What words are made of where blanks stand between them: Chinese and Japanese have none.
_SPACED = r"[0-9A-Za-z\u00c0-\u1fff]"
_OPENING = '.!?:;…“"»('
_COUNTED = 3  # words behind a bare number, in which stands what it counts
_FRAME = 2  # words that two sentences have in common, if they are alike but for a value
_NAME = 3  # words of a name
_SPARE = 2  # words by which two sentences differ that say that something is so and is not so
_LEAST = 0.2  # of the words of both, how many are in common where a model is asked


def found(words: str, text: str) -> str:
    """The words as a text has them; "" if it has them not. Case and blanks do not count."""
    pieces = [re.escape(piece) for piece in _PIECE.findall(words)]
    if not pieces:
        return ""
    joined = r"\s*".join(pieces)
    match = re.search(rf"(?<!{_SPACED})(?<!\d[.,])(?:{joined})(?!{_SPACED})(?![.,]\d)", text, re.IGNORECASE)
    return match[0] if match else ""


# Two things of one kind have the words of that kind in common. What is particular is a figure or another name.


def meet(a: str, b: str, called: Iterable[str], language: str) -> bool:
    """Whether two texts, each of what is `called` one of these, have in common what two things hardly have.

    That is a figure or a name of something else, and another word or figure with it. A year alone is none.
    """
    own = _own(tuple(sorted(called)), language)
    names = _proper(a, language) & _proper(b, language) - own
    figures = _figures(a, language) & _figures(b, language)
    words = content(a, language) & content(b, language) - own
    return bool(names | figures) and len(words | names | figures) > 1


@lru_cache(maxsize=16384)
def _proper(text: str, language: str) -> frozenset[str]:
    """The stems of capitalised words within sentences; none in German, where any noun is capitalised."""
    if language == "de":
        return frozenset()
    capitals = [match for match in _WORD.finditer(text) if match[0][0].isupper()]
    within = [match[0] for match in capitals if (head := text[: match.start()].rstrip()) and head[-1] not in _OPENING]
    return frozenset().union(*(content(word, language) for word in within))


@lru_cache(maxsize=16384)
def _figures(text: str, language: str) -> frozenset[str]:
    """The measures and whole days of a text, by value."""
    told = [f"{m.low.normalize():f} {m.high.normalize():f} {m.dimension}" for m in quantities.measures(text, language)]
    return frozenset([*told, *(date.iso for date in quantities.dates(text, language) if len(date.iso) > len("2026"))])


@lru_cache(maxsize=1024)
def _own(called: tuple[str, ...], language: str) -> frozenset[str]:
    return frozenset().union(*(content(name, language) for name in called))


# Two values of one thing


class Side(NamedTuple):
    """What one sentence says: a stretch of it, and the whole."""

    value: str
    text: str


class Clash(NamedTuple):
    """What two sentences are said to say of one attribute, on a page that is `called` so."""

    first: Side
    second: Side
    attribute: str
    called: tuple[str, ...]
    language: str


def fault(clash: Clash, *, grounded: bool) -> str:
    """Why two values do not show that two sentences cannot both be so; "" if they do.

    `grounded`: it is known that the sentences speak of one attribute of one thing.
    """
    a, b, _, called, language = clash
    own = _own(tuple(sorted(called)), language)
    for one, other in ((a, b), (b, a)):
        if found(one.value, other.text):
            return f"both sentences have “{one.value}”"
        if len(one.value.split()) > LONGEST:
            return f"“{one.value}” is no value"
        if not (content(one.value, language) - own or any(map(str.isdigit, one.value))):
            return f"“{one.value}” says nothing but a name"
    figures = _figure(a, language), _figure(b, language)
    if figures[0] is not None and figures[1] is not None:
        return _of_figures(clash, figures[0], figures[1]) or ("" if grounded else _apart(clash, own))
    if figures != (None, None):
        return "a figure stands against words"
    return "" if grounded or _alike_else(a, b, own, language) else "the sentences differ in more than this"


_Figure = Measure | str


def _of_figures(clash: Clash, left: _Figure, right: _Figure) -> str:
    a, b, language = clash.first, clash.second, clash.language
    if not _differ(left, right, a.text, b.text, language):
        return f"“{a.value}” and “{b.value}” may both be so"
    if _says_too(left, b.text, language) or _says_too(right, a.text, language):
        return f"one sentence has “{a.value}” and “{b.value}”"
    return ""


def _apart(clash: Clash, own: frozenset[str]) -> str:
    """Why two sentences with different figures may speak of different things."""
    texts, language = (clash.first.text, clash.second.text), clash.language
    shared = (content(texts[0], language) & content(texts[1], language)) - own
    named = content(clash.attribute, language) - own
    return "" if len(shared) > 1 or (named and named <= shared) else "the sentences have too little in common"


def _figure(side: Side, language: str) -> _Figure | None:
    """The one figure of a value, as its sentence has it: a measure, or a date in ISO."""
    at = side.text.find(side.value)
    inside = [m for m in quantities.measures(side.text, language) if at <= m.start and m.end <= at + len(side.value)]
    dates = [d for d in quantities.dates(side.text, language) if at <= d.start and d.end <= at + len(side.value)]
    if len(inside) == 1:
        return inside[0]
    return dates[0].iso if len(dates) == 1 and not inside else None


def _differ(a: _Figure, b: _Figure, text: str, other: str, language: str) -> bool:
    if isinstance(a, str) and isinstance(b, str):
        return not agree_on_date(a, b)
    if not isinstance(a, Measure) or not isinstance(b, Measure) or quantities.agree(a, b):
        return False
    return bool(a.dimension) or bool(_counted(text, a, language) & _counted(other, b, language))


def _counted(text: str, measure: Measure, language: str) -> frozenset[str]:
    """The stems of what a bare number may count."""
    behind = _WORD.findall(text, measure.end)[:_COUNTED]
    return content(" ".join(behind), language)


def _says_too(figure: _Figure, text: str, language: str) -> bool:
    """Whether a text has a figure that is this one."""
    if isinstance(figure, str):
        return any(agree_on_date(figure, date.iso) for date in quantities.dates(text, language))
    told = quantities.measures(text, language)
    return any(figure.dimension == m.dimension and quantities.agree(figure, m) for m in told)


def _alike_else(a: Side, b: Side, own: frozenset[str], language: str) -> bool:
    """Whether two sentences differ in a value alone, or one says that it is so and the other that it is not."""
    left, right = content(a.text, language) - own, content(b.text, language) - own
    if left - content(a.value, language) == right - content(b.value, language) and len(left & right) >= _FRAME:
        return True
    if a.value in _one_name_apart(a.text, b.text, own, language):
        return b.value in _one_name_apart(b.text, a.text, own, language)
    return _is_denied(a.text, b.text, own, language)


def _one_name_apart(a: str, b: str, own: frozenset[str], language: str) -> str:
    """The name in which a sentence differs from another that is word for word the same else; "" if it differs in more.

    German writes any noun with a capital, so there no name is told by it.
    """
    ours, theirs = list(_WORD.finditer(a)), list(_WORD.finditer(b))
    words, others = [match[0] for match in ours], [match[0] for match in theirs]
    before = next((at for at, (x, y) in enumerate(zip(words, others, strict=False)) if x != y), len(words))
    after = next((at for at, (x, y) in enumerate(zip(words[::-1], others[::-1], strict=False)) if x != y), 0)
    middle, other = ours[before : len(ours) - after], theirs[before : len(theirs) - after]
    if not (before and middle and other) or language == "de" or max(len(middle), len(other)) > _NAME:
        return ""
    if tokens.figures(a, language) != tokens.figures(b, language):
        return ""
    around = content(" ".join(words[:before] + words[len(words) - after :]), language) - own
    is_name = all(part[0][0].isupper() for part in (*middle, *other))
    return a[middle[0].start() : middle[-1].end()] if is_name and around else ""


def _is_denied(a: str, b: str, own: frozenset[str], language: str) -> bool:
    left, right = content(a, language) - own, content(b, language) - own
    if len(left ^ right) > _SPARE or len(left & right) < _FRAME:
        return False
    return _is_negated(a, language) != _is_negated(b, language) or _sides(a, language) != _sides(b, language)


def _is_negated(text: str, language: str) -> bool:
    return len(lexis.of(language).negations.findall(text)) % 2 == 1


def _sides(text: str, language: str) -> frozenset[tuple[str, int]]:
    known = lexis.opposites(language)
    return frozenset(known[word] for word in map(str.casefold, _WORD.findall(text)) if word in known)


# Where a model is asked


def doubt(a: str, b: str, called: tuple[str, ...], language: str) -> float:
    """How much two sentences look as if they could not both be so, 0 to 1; 0 if no words of theirs could show it.

    Figures could that are against each other in all but the words for what they are of, and a name that is the only
    difference.
    """
    own = _own(called, language)
    left, right = content(a, language) - own, content(b, language) - own
    shared = left & right
    weight = len(shared) / max(1, len(left | right))
    if _of_two_times(a, b, language):
        return 0.0
    if _one_name_apart(a, b, own, language):
        return max(weight, _LEAST)
    if len(shared) < _FRAME or weight < _LEAST:
        return 0.0
    ours, theirs = statements(a, language, called), statements(b, language, called)
    clashes = (
        True
        for one in ours
        for other in theirs
        if would_conflict(one, other) and not said_too(one, theirs) and not said_too(other, ours)
    )
    return weight if any(clashes) else 0.0


def otherwise(a: str, b: str, called: tuple[str, ...], language: str) -> float:
    """How much two sentences look as if one said otherwise what the other says, 0 to 1; 0 if no words could show it.

    They could if the sentences are alike but for a few words in a row, or one denies what the other says.
    """
    own = _own(called, language)
    left, right = content(a, language) - own, content(b, language) - own
    shared = left & right
    if len(shared) < _FRAME or _of_two_times(a, b, language):
        return 0.0
    sides = _apart_from(a, shared | own, language), _apart_from(b, shared | own, language)
    is_value = all(side.value and len(side.value.split()) <= LONGEST for side in sides)
    if (is_value and _alike_else(*sides, own, language)) or _is_denied(a, b, own, language):
        return len(shared) / len(left | right)
    return 0.0


def _apart_from(text: str, shared: frozenset[str], language: str) -> Side:
    """A text, and the stretch of it in which all its other words stand."""
    others = [word for word in _WORD.finditer(text) if content(word[0], language) - shared]
    return Side(text[others[0].start() : others[-1].end()] if others else "", text)


def _of_two_times(a: str, b: str, language: str) -> bool:
    left, right = ([date.iso for date in quantities.dates(text, language)] for text in (a, b))
    return bool(left) and bool(right) and not any(agree_on_date(x, y) for x in left for y in right)
