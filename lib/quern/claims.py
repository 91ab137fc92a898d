"""Claims: their identity, their evidence, and what code can check about the one against the other."""

from __future__ import annotations

import functools
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence

from quern import quantities
from quern.records import Sentence, Span

ELLIPSIS = " … "
"""Between the runs of a quote that do not stand side by side in the source."""

_WIKILINK = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_BLANKS = re.compile(r"\s+")


def normalise(text: str) -> str:
    """A text as it counts for identity: NFC, wikilinks as their words, no backslash escapes, blanks as one blank."""
    text = unicodedata.normalize("NFC", text)
    text = _WIKILINK.sub(r"\1", text)
    return _BLANKS.sub(" ", _ESCAPE.sub(r"\1", text)).strip()


def claim_id(quote: str, text: str) -> str:
    """The id of a claim: of its words and its evidence, and of nothing else (no source, no place, no revision)."""
    return hashlib.sha256(f"{normalise(quote)}\n{normalise(text)}".encode()).hexdigest()[:12]


def evidence(sentences: Iterable[Sentence]) -> tuple[str, list[Span]]:
    """The quote and the places of some sentences of one source.

    Sentences that stand side by side in the source, one blank or nothing between them, are one run.
    """
    runs: list[list[Sentence]] = []
    for sentence in sorted(sentences, key=lambda sentence: sentence.start):
        if runs and 0 <= sentence.start - runs[-1][-1].end <= 1:
            runs[-1].append(sentence)
        else:
            runs.append([sentence])
    quotes = ["".join(_glued(run)) for run in runs]
    spans = [Span(start=run[0].start, end=run[-1].end, place=_place(run)) for run in runs]
    return ELLIPSIS.join(quotes), spans


def in_raw(quote: str, place: str, raw: str) -> bool:
    """Is every run of this quote really in the lines that `place` names (in the whole text if it names no lines)?"""
    lines = _lines(raw)
    ranges = _line_ranges(place)
    texts = ["".join(lines[first - 1 : last]) for first, last in ranges] or [raw]
    said = normalise("\n".join(texts))
    return all(normalise(run) in said for run in quote.split(ELLIPSIS))


def problems(text: str, quote: str, context: str, language: str = "en") -> list[str]:
    """What a claim says that its evidence does not: an empty list if nothing.

    Numbers and dates are compared by value and must be in the evidence.
    Names may also come from the context (the passage, its headings, the title of the source).
    Negation, doubt, duty and comparison must be in both or in neither.
    """
    inserted, own = _insertions(text, quote)
    everything = f"{quote}\n{context}"
    found = [f"the number {number} is not in the evidence" for number in _strange_numbers(own, quote, language)]
    found += [f"the date {date} is not in the evidence" for date in _strange_dates(own, quote, language)]
    found += [f"the name {name} is not in the source" for name in _strange_names(own, everything)]
    found += [f"“{words}” is not in the source" for words in inserted if not occurs(words, everything)]
    return found + _lost_words(own, quote)


def problems_abroad(text: str, quote: str, context: str, language: str, quoted: str) -> list[str]:
    """What a sentence says that its evidence, which is in another language (`quoted`), does not.

    Numbers, dates and names are compared as in `problems`; which small words stand for which is not known. Where every
    noun has a capital, only what is a name beyond doubt is taken for one: with a digit or a capital inside, or several
    words with capitals in a row.
    """
    dates = quantities.dates(text, language)
    bare = "".join(" " if any(d.start <= at < d.end for d in dates) else char for at, char in enumerate(text))
    found = [
        f"the number {number} is not in the evidence" for number in _strange_numbers(bare, quote, language, quoted)
    ]
    found += [f"the date {date} is not in the evidence" for date in _strange_dates(text, quote, language, quoted)]
    named = _surely_named(bare) if language in _CAPITALISED else bare
    return found + [f"the name {name} is not in the source" for name in _strange_names(named, f"{quote}\n{context}")]


def occurs(words: str, text: str) -> bool:
    """Does a text have these words: as they stand, or each of them somewhere?"""
    folded = _folded(text)
    bare = re.sub(r"['’]s?$", "", words.strip(" :,;"))
    return _folded(bare) in folded or all(_known(word, folded) for word in re.findall(r"\w+", bare))


def _glued(run: Sequence[Sentence]) -> Iterable[str]:
    for before, sentence in zip((None, *run), run, strict=False):
        yield " " if before is not None and sentence.start > before.end else ""
        yield sentence.text


def _place(run: Sequence[Sentence]) -> str:
    ranges = [_line_ranges(sentence.place) for sentence in run]
    if len(run) == 1 or not all(ranges):
        return run[0].place
    first, last = ranges[0][0][0], ranges[-1][-1][1]
    return f"line {first}" if first == last else f"lines {first}-{last}"


_LINES = re.compile(r"lines? (\d+)(?:-(\d+))?")


def _line_ranges(place: str) -> list[tuple[int, int]]:
    return [(int(match[1]), int(match[2] or match[1])) for match in _LINES.finditer(place)]


@functools.lru_cache(maxsize=8)
def _lines(raw: str) -> list[str]:
    # str.splitlines also breaks at form feeds and U+2028, where no editor counts a line.
    return [match[0] for match in re.finditer(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", raw)]


_CAPITAL = re.compile(r"^\[(\w)\](?=\w)")
_INSERTION = re.compile(r"\[([^\[\]]*)\]")


def _insertions(text: str, quote: str) -> tuple[list[str], str]:
    # `[T]he` only has another capital than the evidence.
    text = _CAPITAL.sub(r"\1", text)
    # Brackets that the source itself has are its own words; the others were put in by an engine.
    inserted = [match[1] for match in _INSERTION.finditer(text) if match[0] not in quote]
    own = _INSERTION.sub(lambda match: match[0] if match[0] in quote else " ", text)
    return inserted, own


def _folded(text: str) -> str:
    return normalise(re.sub(r"[*_`]", "", text)).casefold()


def _known(word: str, folded: str) -> bool:
    word = _folded(word)
    return word in folded or (len(word) > 3 and word.endswith("s") and word[:-1] in folded)


def _strange_numbers(text: str, quote: str, language: str, quoted: str = "") -> list[str]:
    if not any(character.isdigit() for character in text):
        return []
    there = {number.value for number in quantities.numbers(quote, quoted or language, words=True)}
    literal = _folded(quote)
    return [
        text[number.start : number.end]
        for number in quantities.numbers(text, language)
        if number.value not in there and text[number.start : number.end].casefold() not in literal
    ]


def _strange_dates(text: str, quote: str, language: str, quoted: str = "") -> list[str]:
    said = quantities.dates(text, language)
    if not said:
        return []
    there = [date.iso for date in quantities.dates(quote, quoted or language)]
    literal = _folded(quote)
    return [
        date.iso
        for date in said
        if not any(iso.startswith(date.iso) for iso in there) and text[date.start : date.end].casefold() not in literal
    ]


_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def _strange_names(text: str, everything: str) -> list[str]:
    folded = ""
    strange = []
    for match in _TOKEN.finditer(text):
        word = re.sub(r"['’]s$", "", match[0])
        named = not word[0].isdigit() and any(character.isupper() for character in word)
        opens = not text[: match.start()].strip() or text[: match.start()].rstrip()[-1] in '.!?:…“"('
        if not named or (opens and word[1:].islower()):
            continue
        folded = folded or _folded(everything)
        if not _known(word, folded):
            strange.append(word)
    return strange


_CAPITALISED = frozenset({"de", "lb"})
"""Languages in which every noun has a capital."""
_SURE = re.compile(
    r"(?<![.!?:…“\"(] )(?<!^)(?<!\w)[A-ZÀ-Þ][\w'’-]*(?: [A-ZÀ-Þ][\w'’-]*)+"
    r"|\b\w*(?:\d\w*[^\W\d]|[^\W\d]\w*\d|[a-zß-ÿ][A-ZÀ-Þ]|[A-ZÀ-Þ]{2})\w*"
)


def _surely_named(text: str) -> str:
    return ", ".join(match[0] for match in _SURE.finditer(text))


# What must be in a claim and in its evidence, or in neither: what it is called, and its words in any language.
_SENSES: dict[str, tuple[str, str]] = {
    "negation": (
        "a negation",
        r"""not cannot no never none nor neither nothing nobody without nicht nie niemals ohne weder n['’] ne pas jamais
        aucune? rien sans nunca jamás sin(?!\sembargo) ningun[oa]? ningún nada tampoco не нет никогда без
        \w+n['’]t kein\w*""",
    ),
    "doubt": (
        "doubt",
        r"""may might could would perhaps possibly probably likely vielleicht möglicherweise wahrscheinlich peut-être
        probablement quizás? tal_vez probablemente könnte\w* würde\w* dürfte\w* pourrai\w+ podría\w*""",
    ),
    "duty": (
        "a duty",
        r"must shall should ought required? muss müssen soll(?:en|te|ten)? doit doivent devrai\w+ debe\w*",
    ),
    "more": (
        "a comparison",
        r"""more greater higher larger exceeds? at_least (?:over|above|über)(?=\s\d) mehr höher größer mindestens
        plus_de au_moins más_de al_menos superior""",
    ),
    "less": (
        "a comparison",
        r"""less fewer lower smaller at_most up_to (?:under|below|unter)(?=\s\d) weniger niedriger kleiner höchstens
        bis_zu moins au_plus menos como_máximo inferior""",
    ),
    "about": (
        "an approximation",
        r"approximately nearly almost roughly environ presque casi (?:about|rund|fast|etwa)(?=\s\d)",
    ),
    "only": ("“only”", "only solely nur lediglich seulement uniquement solo sólo solamente únicamente"),
}


@functools.cache
def _sense(name: str) -> re.Pattern[str]:
    words = "|".join(_SENSES[name][1].split()).replace("_", " ")
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)


def _lost_words(own: str, quote: str) -> list[str]:
    if normalise(own) in normalise(quote):
        return []
    found = []
    for name, (what, _) in _SENSES.items():
        said, there = _sense(name).search(own), _sense(name).search(quote)
        if said and not there:
            found.append(f"{what} (“{said[0]}”) is not in the evidence")
        if there and not said:
            found.append(f"{what} (“{there[0]}”) is lost")
    return found
