"""Candidates for the names of a source, gathered from its sentences, headings and title."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from quern.engines.rules import shapes
from quern.engines.rules.acronyms import glosses, pairs
from quern.engines.rules.lexicon import Lexicon, number
from quern.engines.rules.marked import Marked, code_spans, marks
from quern.engines.rules.phrases import LINK, WORD, Phrase, Phrases
from quern.engines.rules.proper import Capitals
from quern.engines.rules.sketches import Sketch
from quern.engines.rules.tokens import Token, tokens
from quern.engines.rules.unspaced import recurring
from quern.languages import count_words
from quern.quantities.units import in_base

_PATH = re.compile(
    r"https?://\S+|www\.\S+"
    r"|(?<![\w/])[~.]{0,2}/?(?:[\w.~-]+/)+[\w-]*\.\w{1,5}\b"  # src/main.rs
    r"|(?<![\w/])[~.]{0,2}/[\w.-]+(?:/[\w.-]*)+"  # /usr/bin
)


class Unit(NamedTuple):
    """A title, heading or sentence: what a reader reads, and the same with its markup."""

    plain: str
    text: str
    sort: str

    @property
    def size(self) -> int:
        """Its number of words."""
        return count_words(self.plain)

    @property
    def is_headline(self) -> bool:
        return self.sort in {"title", "heading"}

    def words(self) -> str:
        """What a reader reads, with paths and code spans, which are no words of the sentence, blotted out."""
        plain, place = _PATH.sub(lambda match: "|" * len(match[0]), self.plain), 0
        for code in code_spans(self.text) if "`" in self.text else ():
            start = plain.find(code, place)
            if start >= 0:
                place = start + len(code)
                plain = f"{plain[:start]}{'|' * len(code)}{plain[place:]}"
        return plain


def gather(units: Sequence[Unit], people: Iterable[str], lexicon: Lexicon) -> list[Sketch]:
    """The candidates of a source that may be names. `people`: who wrote it or speaks in it."""
    gathering = _Gathering(lexicon)
    words = [unit.words() for unit in units]
    for unit, text in zip(units, words, strict=True):
        gathering.capitals.read(text, tokens(text), headline=unit.is_headline)
    for unit, text in zip(units, words, strict=True):
        gathering.read(unit, text)
    gathering.people(people)
    gathering.take_phrases()
    gathering.take_unspaced()
    gathering.take_glosses()
    return [found for found in gathering.found.values() if _admits(found, lexicon)]


class _Gathering:
    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.capitals = Capitals(lexicon)
        self.phrases = Phrases(lexicon, number(lexicon.language))
        self.found: dict[tuple[str, ...], Sketch] = {}
        self.runs: list[str] = []
        self.glosses: list[tuple[str, str]] = []

    def at(self, found: Sequence[Token]) -> Sketch:
        """The sketch of these words, begun if need be."""
        key = tuple(self.phrases.stem(part.fold) for part in found)
        return self.found.setdefault(key, Sketch(key, self.lexicon))

    def read(self, unit: Unit, text: str) -> None:
        """Take what one unit gives: proper names, phrases, marked words, acronyms."""
        found = self.phrases.read(text, counted=not unit.is_headline)
        for first, last in self.capitals.names(text, found, headline=unit.is_headline):
            sketch = self.at(found[first:last])
            sketch.forms[_tidy(text[found[first].start : found[last - 1].end])] += 1
            sketch.proper += 1
        self.runs.extend(token.text for token in found if token.unspaced)
        for marked in marks(unit.text):
            self._mark(marked)
        for short, long in pairs(unit.plain):
            sketch = self.at(tokens(long))
            sketch.forms.setdefault(_tidy(long), 0)
            sketch.aliases.add(short)
            sketch.expansion = _tidy(long)
        self.glosses.extend(glosses(unit.plain))
        subject = None if unit.is_headline else shapes.definiendum(text, found, self.lexicon)
        if subject is not None:
            sketch = self.at(found[slice(*subject)])
            sketch.defined += 1
            sketch.forms.setdefault(_tidy(text[found[subject[0]].start : found[subject[1] - 1].end]), 0)
        for part in shapes.heads(unit.plain) if unit.is_headline else ():
            if shapes.is_term(part, self.lexicon):
                sketch = self.at(tokens(part))
                sketch.headings += 1
                sketch.forms.setdefault(_tidy(part), 0)

    def people(self, names: Iterable[str]) -> None:
        """Add these names, of persons."""
        for name in sorted({name.strip(" :") for name in names}):
            found = tokens(name)
            if found and not (len(found) == 1 and self.lexicon.common(found[0].fold)):
                sketch = self.at(found)
                sketch.person = True
                sketch.proper += 1
                sketch.forms.setdefault(name, 0)

    def take_phrases(self) -> None:
        """Add the phrases that recur, and tell the other sketches how often their words occur."""
        self.phrases.nest()
        for phrase in self.phrases.found.values():
            if self._ends_in_verb(phrase):
                continue
            if phrase.stems in self.found or shapes.recurs(phrase, self.lexicon, self.phrases.length):
                sketch = self.found.setdefault(phrase.stems, Sketch(phrase.stems, self.lexicon))
                sketch.phrase = phrase
                for form, count in phrase.forms.items():
                    sketch.forms[_tidy(form)] = max(sketch.forms[_tidy(form)], count)

    def _ends_in_verb(self, phrase: Phrase) -> bool:
        """Is this a proper name and what it does ("Ceres Labs incubates")? A noun would stand behind an article."""
        if self.lexicon.language != "en" or phrase.size < 2 or phrase.things or phrase.sorts[-1] != WORD:
            return False
        *name, last = max(phrase.forms, key=lambda form: (phrase.forms[form], form)).split()
        inflected = last.islower() and last.endswith(("s", "ed")) and not last.endswith(("ss", "us", "is"))
        if not inflected or not all(word[0].isupper() for word in name):
            return False
        alone = self.phrases.found.get(phrase.stems[-1:])
        return alone is None or alone.things <= phrase.heads

    def take_unspaced(self) -> None:
        """Add what recurs in scripts without blanks."""
        for word, count in recurring(self.runs, self.lexicon).items():
            sketch = self.at(tokens(word))
            sketch.forms[word] += count
            sketch.unspaced = count

    def take_glosses(self) -> None:
        """Give each acronym of another script to the longest candidate that stands before its bracket."""
        for short, before in self.glosses:
            fitting = [
                (len(form), found.key, found)
                for found in self.found.values()
                for form in found.forms
                if before.endswith(form) and form != short and _admits(found, self.lexicon)
            ]
            if fitting:
                sketch = max(fitting, key=lambda fit: fit[:2])[2]
                sketch.aliases.add(short)
                sketch.expansion = sketch.expansion or max(sketch.forms, key=len)

    def _mark(self, marked: Marked) -> None:
        words = marked.words
        if not (shapes.is_identifier if marked.mark == "code" else shapes.is_term)(words, self.lexicon):
            return
        sketch = self.at(tokens(words))
        sketch.marks[marked.mark] += 1
        sketch.label |= marked.label and marked.mark == "bold"
        if marked.mark in ("code", "work"):
            sketch.forms[words] += 1
        else:
            sketch.forms.setdefault(words, 0)


def _admits(sketch: Sketch, lexicon: Lexicon) -> bool:
    """Whether enough speaks for a candidate."""
    if not any(c.isalpha() for form in sketch.forms for c in form):
        return False
    phrase, lone, seen = sketch.phrase, len(sketch.key) == 1, sketch.marks
    if sketch.expansion or sketch.person or seen["work"]:
        return True
    if lone and all(form.casefold() in lexicon.demonyms for form in sketch.forms):
        return False
    if phrase is not None and (lone or LINK in phrase.sorts) and phrase.measured * 2 >= phrase.count:
        return False  # a unit of measure
    if lone and any(map(_is_unit, sketch.forms)):
        return False
    if _owns(sketch, lexicon):
        return False
    if (sketch.proper and sketch.is_proper) or seen["code"] >= 2:
        return True
    form = max(sketch.forms, key=lambda form: (sketch.forms[form], form)).casefold()
    if lone and lexicon.common(form):
        return False
    if _belongs(form, lexicon) and not (sketch.label or sketch.defined or sketch.headings):
        return False
    count = phrase.count if phrase else 0
    least = 1 + lone + (phrase is not None and LINK in phrase.sorts)
    return (
        sketch.unspaced > 0
        or (seen["bold"] > 0 and (sketch.label or count >= 2))
        or (sketch.defined > 0 and count >= 1 + lone)
        or (sketch.headings > 0 and count >= least)
        or (seen["quoted"] + seen["italic"] + seen["link"] > 0 and count >= 3)
        or (phrase is not None and shapes.recurs(phrase, lexicon))
    )


def _is_unit(form: str) -> bool:
    """Is this a unit of measure, spelt as nothing else is ("MWh")? Those of money are names, too."""
    measures, _ = in_base(Decimal(1), form)
    return len(form) > 2 and form != form.lower() and measures != form and not measures.startswith("money")


def _owns(sketch: Sketch, lexicon: Lexicon) -> bool:
    """Is this a name and what it has ("Syria's border"), and no term that is called so ("Hodgkin's disease")?"""
    if "'s" not in sketch.key or sketch.marks["bold"] or sketch.defined:
        return False
    form = max(sketch.forms, key=lambda form: (sketch.forms[form], form))
    return form[:1].isupper() and form.split()[-1].islower() and sketch.key[-1] not in lexicon.clues["concepts"]


def _belongs(form: str, lexicon: Lexicon) -> bool:
    """Is this only whose a common thing is: "Israeli courts"?"""
    first, *rest = form.split()
    return bool(rest) and first in lexicon.demonyms and all(lexicon.common(word) for word in rest)


def _tidy(form: str) -> str:
    return " ".join(form.split())
