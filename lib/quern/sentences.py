"""Sentences of a paragraph: sentencex finds them, and what it gets wrong again and again is put right here."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

import sentencex  # type: ignore[import-untyped]

from quern.sources.units import BREAK, STOP

# Abbreviations after which a sentence goes on if a small letter follows; sentencex has lists, but not of these.
_GOES_ON = re.compile(
    r"(?:^|[\s(\[\"'“„«/-])(?:[^\W\d_]|[^\W\d_]\.\s?[^\W\d_]|approx|appr|art|bzw|ca|cap|cf|ch|circa|col|cp|ed|eds|eg|eq|eqs"
    r"|esp|est|etc|et al|fig|figs|fl|ggf|ibid|ie|inkl|incl|max|min|mind|nr|no|nos|núm|num|op|p|par|pág|pp|resp|sec|sect"
    r"|sog|tab|tel|usw|vgl|viz|vol|vols|vs|zit|т\.\s?[едпк]|см|стр|рис|табл|г|гг|в|вв|др|пр|руб|тыс|млн|млрд)\.$",
    re.IGNORECASE,
)
_NUMBER_FOLLOWS = re.compile(
    r"(?:^|[\s(\[])(?:approx|art|ca|ch|circa|c|col|eq|eqs|fig|figs|nr|no|nos|núm|p|pp|pág|sec|tab|vol|vols|v)\.$",
    re.IGNORECASE,
)
# Titles before a name, where sentencex does not know them.
_TITLES = re.compile(r"(?:^|\s)(?:MM?|Mme|Mlle|Mgr|Srt?a?|Sres|Dra?|Dña|Dn|Ud|Uds|Sig|Dott|Prof|Ing|Avv)\.$")
_ROMANCE = ("fr", "es", "pt", "it", "ca")
_OPEN = "\"'“‘„«‹(["
_CLOSE = "\"'”’“»›)]"
_ENDS = re.compile(rf"[.!?…。！？][{re.escape(_CLOSE)}]*\s+(?=[{re.escape(_OPEN)}]*[^\W\d_])")
# A whole sentence, or several, in round brackets: what follows begins anew.
_BRACKETED = re.compile(r"(?:^|(?<=[.!?…] ))\([^()]*[.!?…]\)\s+(?=[^\W\d_a-zß-öø-ÿ])")
# "no." before a capital is the word, not the number; sentencex takes it for the number everywhere.
_NO = re.compile(r"(?<=\bno\.)\s+(?=[^\W\d_a-zß-öø-ÿ])")
_GOES_ON_AFTER_QUOTE = re.compile(r"[。！？][」』]$")
_LONG = 320  # characters, past which a sentence in quotes or brackets is no longer taken for one
_CLAUSES = re.compile(r"[;:。！？；：]\s*|[,，、]\s+|\s+[–—-]\s+|\s+|[，、]")
_WORD = re.compile(r"[^\W_]")
_WINDOW = 4000  # characters given to sentencex at once, or twice as many
_TAIL = 60  # characters around an end that tell whether it is one
_JOINERS = re.compile(r"[\u0300-\u036f\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]")


def split(text: str, language: str, fixed: Sequence[tuple[int, int]] = ()) -> list[tuple[int, int]]:
    """Where the sentences of a paragraph begin and end in it, without the white space between them.

    In the `fixed` parts (code, formulas) none ends.
    """
    text = _masked(text, fixed) if fixed else text
    spans: list[tuple[int, int]] = []
    for start, end in _lines(text):
        spans.extend(_sentences(text, start, end, language))
    return spans


def _masked(text: str, fixed: Sequence[tuple[int, int]]) -> str:
    parts, at = [], 0
    for start, end in fixed:
        parts += [text[at:start], "X" * (end - start)]
        at = end
    return "".join([*parts, text[at:]])


def cut(text: str, start: int, end: int, limit: int) -> Iterator[tuple[int, int]]:
    """A sentence in pieces of at most `limit` characters, at the ends of clauses or else of words if it has any."""
    limit = max(limit, 2)
    while end - start > limit:
        at = start + limit
        for least in (start + limit // 2, start):
            ends = [found.end() for found in _CLAUSES.finditer(text, least, start + limit)]
            better = [end for end in ends if text[end - 1 : end].isspace() and text[end - 2] in ";:,"]
            if ends:
                at = (better or ends)[-1]
                break
        while at > start + limit // 2 and (_JOINERS.match(text, at) or text[at - 1] == "\u200d"):
            at -= 1
        yield from _trimmed(text, start, at)
        start = at
    yield from _trimmed(text, start, end)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """Lines that end on purpose, unless the words go on over the end."""
    start = 0
    for found in re.finditer(f"[{BREAK}{STOP}]", text):
        after = text[found.end() : found.end() + 1]
        before = text[max(0, found.start() - 3) : found.start()].rstrip()[-1:]
        if found[0] == STOP or not (after.islower() or (before and before in ",;-–—")):
            yield start, found.end()
            start = found.end()
    yield start, len(text)


def _sentences(text: str, start: int, end: int, language: str) -> Iterator[tuple[int, int]]:
    paragraph = text[start:end].replace(BREAK, " ").replace(STOP, " ")
    bounds = [0]
    for first, last, is_end in _windows(paragraph):
        at = first
        for segment in sentencex.segment(language, paragraph[first:last]):
            at += len(segment)
            bounds.append(at)
        if not is_end:
            bounds.pop()
    bounds = _joined(paragraph, language, [*bounds, len(paragraph)] if bounds[-1] < len(paragraph) else bounds)
    for left, right in itertools.pairwise(bounds):
        for begin, stop in _parted(paragraph, left, right):
            yield from _trimmed(text, start + begin, start + stop)


def _windows(text: str) -> Iterator[tuple[int, int, bool]]:
    """A long paragraph in pieces, and whether each ends where a sentence does.

    sentencex compares every quote and bracket with every end: its time grows with the square of the length.
    """
    start = 0
    while len(text) - start > 2 * _WINDOW:
        ends = [found.end() for found in _ENDS.finditer(text, start + _WINDOW, start + 2 * _WINDOW)]
        end = ends[-1] if ends else start + 2 * _WINDOW
        yield start, end, bool(ends)
        start = end
    if start < len(text):
        yield start, len(text), True


def _joined(text: str, language: str, bounds: list[int]) -> list[int]:
    """The bounds without those that stand in the middle of a sentence."""
    kept = [0]
    has_words = _WORD.search(text, 0, bounds[min(1, len(bounds) - 1)]) is not None
    for bound, end in itertools.pairwise(bounds[1:]):
        tail = text[max(kept[-1], bound - _TAIL) : bound].rstrip()
        is_sentence = _WORD.search(text, bound, end) is not None
        if has_words and is_sentence and not _goes_on(tail, text[bound : bound + _TAIL].lstrip(), language):
            kept.append(bound)
        has_words = has_words or is_sentence
    return [*kept, len(text)]


def _goes_on(tail: str, after: str, language: str) -> bool:
    if _GOES_ON_AFTER_QUOTE.search(tail):  # 「行く。」と言った
        return "\u3041" <= after[:1] <= "\u3096"
    if after[:1].islower():
        return tail.endswith(("!", "...", "…", "!”", '!"')) or _GOES_ON.search(tail) is not None
    if language in _ROMANCE and _TITLES.search(tail):
        return True
    return after[:1].isdigit() and _NUMBER_FOLLOWS.search(tail) is not None


def _parted(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A sentence in which others are hidden, in brackets or in quotes that are long or never end, in its parts."""
    ends = [found.end() for pattern in (_BRACKETED, _NO) for found in pattern.finditer(text, start, end)]
    if end - start > _LONG:
        for found in _ENDS.finditer(text, start, end):
            after = text[found.end() : found.end() + 2].lstrip(_OPEN)
            if not after[:1].islower() and not _GOES_ON.search(
                text[max(start, found.end() - _TAIL) : found.end()].rstrip()
            ):
                ends.append(found.end())
    for at in sorted(ends):
        if start < at < end:
            yield start, at
            start = at
    yield start, end


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    words = text[start:end].strip()
    if words:
        start = text.index(words, start)
        yield start, start + len(words)
