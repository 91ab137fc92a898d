"""Candidates for the names of a source, gathered from its sentences, headings and title."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from quern.engines.rules.acronyms import pairs
from quern.engines.rules.kinds import kind
from quern.engines.rules.lexicon import Lexicon, number, single
from quern.engines.rules.lookup import Term
from quern.engines.rules.marked import Mark, code_spans, marks
from quern.engines.rules.phrases import ADJECTIVE, BREAK, LINK, NOUN, NUMBER, WORD, Phrase, Phrases, sorts_of
from quern.engines.rules.proper import Capitals, is_strong
from quern.engines.rules.tokens import Token, tokens
from quern.engines.rules.unspaced import recurring
from quern.languages import count_words

Key = tuple[str, ...]
LONGEST = 6  # words of a name that is not a proper name


_PATH = re.compile(r"https?://\S+|www\.\S+|(?<![\w/])[~.]{0,2}/?(?:[\w.~-]+/)+[\w-]*\.\w{1,5}\b|(?<![\w/])[~.]{0,2}/[\w.-]+(?:/[\w.-]*)+")


class Unit(NamedTuple):
    """A title, heading or sentence: what a reader reads, and the same with its markup."""

    plain: str
    text: str
    sort: str

    @property
    def size(self) -> int:
        return count_words(self.plain)


@dataclass(slots=True, eq=False)
class Sketch:
    """A candidate: the forms in which it occurs and what speaks for it."""

    key: Key
    lexicon: Lexicon
    forms: Counter[str] = field(default_factory=Counter)
    proper: int = 0  # places where its capitals make it a proper name
    marks: Counter[Mark] = field(default_factory=Counter)
    label: bool = False  # it stands before a colon, bold, as what is defined does
    headings: int = 0
    person: bool = False
    phrase: Phrase | None = None
    unspaced: int = 0
    expansion: str | None = None
    aliases: set[str] = field(default_factory=set)
    absorbed: list[Sketch] = field(default_factory=list)

    @property
    def is_proper(self) -> bool:
        """Whether it is a proper name: capitals prevail, or are too frequent for a common noun."""
        small = sum(count for form, count in self.forms.items() if form == form.lower())
        return self.proper * 2 > small or any(_is_mixed(form) for form, count in self.forms.items() if count)

    @property
    def marked(self) -> bool:
        return bool(self.marks["bold"] or self.marks["code"] or self.marks["work"] or self.expansion)

    @property
    def worth(self) -> float:
        """How much of a name it is: a lone common noun is less of one than a proper name or a term of two words."""
        if self.marks["code"] * 2 > sum(self.forms.values()):
            return 0.65
        if self.is_proper or self.expansion or self.unspaced or self.marks["work"]:
            return 1.0
        if len(self.key) == 1:
            return 0.7
        common = sum(sort < WORD for sort in self.phrase.sorts if sort != LINK) if self.phrase else 0
        return 0.65 if common == len(self.key) else 0.95

    def name(self) -> str:
        """The name as the title of a page: singular, as written mostly, a concept with a capital at its start."""
        best = _best_form(self.forms, self.lexicon, proper=self.is_proper)
        if self.marks["code"] * 2 > sum(self.forms.values()) or any(map(is_strong, best.split()[:1])):
            return best
        return best[0].upper() + best[1:]

    def term(self) -> Term:
        """The term, not weighed yet."""
        name = self.name()
        code = self.marks["code"] * 2 > sum(self.forms.values())
        type_ = kind(
            name if not name[1:].islower() or self.is_proper else _best_form(self.forms, self.lexicon, proper=False),
            self.lexicon,
            proper=self.is_proper or all(form[:1].isupper() or is_strong(form.split()[0]) for form in self.forms),
            expansion=self.expansion,
            work=bool(self.marks["work"]),
            code=code,
            person=self.person,
        )
        forms = set(self.forms)
        for other in self.absorbed:
            forms.update(other.forms)
        aliases = sorted({alias for alias in self.aliases if alias != name})
        exact = self.is_proper and len(self.key) == 1
        return Term(name, type_, tuple(aliases), 0.0, False, frozenset(forms), exact)


def _best_form(forms: Counter[str], lexicon: Lexicon, *, proper: bool) -> str:
    """The form that names the thing: as mostly written, in the singular if it is a common noun."""

    def rank(form: str) -> tuple[int, int, str]:
        return (forms[form], -len(form), form)

    if proper:
        capital = [form for form in forms if form[:1].isupper() or is_strong(form.split()[0])] or list(forms)
        mixed = [form for form in capital if _is_mixed(form)]
        best = max(mixed or capital, key=rank)
        acronym = best.endswith("s") and best[:-1].isupper() and len(best) > 2
        return best[:-1] if acronym or (best.endswith("s") and forms[best[:-1]] * 3 > forms[best]) else best
    small = [form for form in forms if form == form.lower()] if lexicon.language != "de" else []
    best = max(small or forms, key=rank)
    words = best.split()
    if lexicon.language == "en" and words[-1].islower():
        return " ".join([*words[:-1], single(words[-1])])
    shorter = [form for form in small or forms if len(form) < len(best) and forms[form] * 3 >= forms[best]]
    return min(shorter, key=lambda form: (len(form), -forms[form], form), default=best)


def _is_mixed(form: str) -> bool:
    """Whether a form is one word spelt with capitals inside, as only names are: SybilQuorum, iPhone."""
    bare = form.removesuffix("s")
    return " " not in form and bare.isalpha() and not bare.isupper() and not bare[1:].islower()


class _Gathering:
    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.capitals = Capitals(lexicon)
        self.phrases = Phrases(lexicon, number(lexicon.language))
        self.found: dict[Key, Sketch] = {}
        self.runs: list[str] = []

    def at(self, form: str, found: Sequence[Token] | None = None) -> Sketch | None:
        """The sketch of this form, begun if need be."""
        parts = tokens(form) if found is None else found
        if not parts:
            return None
        key = tuple(self.phrases.stem(part.fold) for part in parts)
        sketch = self.found.get(key)
        if sketch is None:
            sketch = self.found[key] = Sketch(key, self.lexicon)
        return sketch

    def read(self, unit: Unit) -> None:
        """Take what one unit gives: proper names, phrases, marked words, acronyms."""
        headline = unit.sort in ("title", "heading")
        plain = masked(unit)
        found = self.phrases.read(plain, counted=not headline)
        for first, last in self.capitals.names(plain, found, headline=headline):
            form = _tidy(plain[found[first].start : found[last - 1].end])
            sketch = self.at(form, found[first:last])
            if sketch is not None:
                sketch.forms[form] += 1
                sketch.proper += 1
        self.runs.extend(token.text for token in found if token.unspaced)
        for mark in marks(unit.text):
            self._mark(mark.mark, mark.words, label=mark.label)
        for short, long in pairs(unit.plain):
            self._expand(short, long)
        if headline:
            self._head(unit.plain)

    def people(self, names: Iterable[str]) -> None:
        """Mark these names as persons, where the text has them."""
        for name in sorted(name.strip(" :") for name in names):
            found = self.at(name)
            if found is not None:
                found.person = True
                found.proper += 1
                found.forms.setdefault(name, 0)

    def _mark(self, mark: Mark, words: str, *, label: bool) -> None:
        if mark == "code":
            if not is_identifier(words, self.lexicon):
                return
        elif not is_term(words, self.lexicon):
            return
        sketch = self.at(words)
        if sketch is not None:
            sketch.marks[mark] += 1
            sketch.label |= label and mark == "bold"
            if mark != "link" or not sketch.forms:
                sketch.forms[words] += mark in ("code", "work")
                sketch.forms.setdefault(words, 0)

    def _expand(self, short: str, long: str) -> None:
        long = _tidy(long)
        sketch = self.at(long)
        if sketch is None:
            return
        sketch.forms[long] += 0
        sketch.aliases.add(short)
        sketch.expansion = long
        sketch.marks["bold"] += 0

    def _head(self, heading: str) -> None:
        for part in _heads(heading):
            if is_term(part, self.lexicon):
                sketch = self.at(part)
                if sketch is not None:
                    sketch.headings += 1
                    sketch.forms.setdefault(part, 0)


def sketch(units: Sequence[Unit], people: Iterable[str], lexicon: Lexicon) -> list[Sketch]:
    """The candidates of a source that may be names. `people`: who wrote it or speaks in it."""
    gathering = _Gathering(lexicon)
    for unit in units:
        plain = masked(unit)
        gathering.capitals.read(plain, tokens(plain), headline=unit.sort in ("title", "heading"))
    for unit in units:
        gathering.read(unit)
    gathering.people(people)
    gathering.phrases.nest()
    for phrase in gathering.phrases.found.values():
        if phrase.stems in gathering.found or _recurs(phrase, lexicon, gathering.phrases.length):
            form = max(phrase.forms, key=lambda form: (phrase.forms[form], form))
            found = gathering.found.get(phrase.stems) or gathering.at(form)
            if found is not None:
                found.phrase = phrase
                for form, count in phrase.forms.items():
                    form = _tidy(form)
                    found.forms[form] = max(found.forms[form], count)
    for word, count in recurring(gathering.runs, lexicon).items():
        found = gathering.at(word)
        if found is not None:
            found.forms[word] += count
            found.unspaced = count
    return [found for found in gathering.found.values() if _admits(found, lexicon)]


def _admits(sketch: Sketch, lexicon: Lexicon) -> bool:
    """Whether enough speaks for a candidate."""
    if not sketch.forms or not any(c.isalpha() for form in sketch.forms for c in form):
        return False
    phrase = sketch.phrase
    count = max(phrase.count if phrase else 0, sketch.proper, sketch.unspaced)
    lone = len(sketch.key) == 1
    form = max(sketch.forms, key=lambda form: (sketch.forms[form], form)).casefold()
    if sketch.expansion or sketch.marks["work"] or sketch.person:
        return True
    if phrase is not None and lone and phrase.measured * 2 >= phrase.count:
        return False  # a unit of measure
    if sketch.proper and sketch.is_proper:
        return True
    if sketch.marks["code"] >= 2:
        return True
    if lone and lexicon.common(form):
        return False
    if sketch.unspaced:
        return True
    if sketch.label and sketch.marks["bold"] or sketch.marks["bold"] and count >= 2:
        return True
    if sketch.headings and count >= 1 + lone + (phrase is not None and LINK in phrase.sorts):
        return True
    if (sketch.marks["quoted"] or sketch.marks["italic"] or sketch.marks["link"]) and count >= 3:
        return True
    return phrase is not None and _recurs(phrase, lexicon, 0)


def _recurs(phrase: Phrase, lexicon: Lexicon, length: int) -> bool:
    """Whether a phrase recurs as a term does."""
    free = phrase.count - phrase.nested
    form = max(phrase.forms, key=lambda form: (phrase.forms[form], form))
    if phrase.size == 1:
        return phrase.sorts[0] == WORD and phrase.count >= 3 and free >= 2 and _is_noun(form, phrase, lexicon)
    if phrase.heads * 2 < phrase.count and phrase.nested * 2 > phrase.count:
        return False
    common = all(sort != WORD for sort in phrase.sorts)
    adjective = phrase.sorts[0] == ADJECTIVE
    light = form.split()[-1].casefold() in lexicon.light
    least = 2 + common + adjective + 2 * light + (LINK in phrase.sorts) + ("'s" in phrase.stems) + (length > 4000) + (NUMBER in phrase.sorts)
    return free >= least and phrase.acts * 3 <= phrase.count


def _is_noun(form: str, phrase: Phrase, lexicon: Lexicon) -> bool:
    """Whether a lone word behaves as a noun: it ends its run, stands behind articles, never behind "to"."""
    if len(form) < 3 or form[0].isdigit() or _adjectival(form, lexicon):
        return False
    if lexicon.language == "de" and form[0].islower():
        return False
    if phrase.heads * 2 < phrase.count or phrase.acts * 4 > phrase.count:
        return False
    if not lexicon.articles:
        return True
    share = 3 if lexicon.language == "en" else 2
    return phrase.things * share >= phrase.count


_ADJECTIVAL = ("able", "ible", "ous", "ful", "less", "ish", "ical", "istic", "ward", "wise", "ized", "ised")


def _adjectival(form: str, lexicon: Lexicon) -> bool:
    return lexicon.language == "en" and form.islower() and form.endswith(_ADJECTIVAL)


def is_term(words: str, lexicon: Lexicon) -> bool:
    """Whether words that an author marked are a term: a few words, no verb or stop word at its ends or inside."""
    found = tokens(words)
    if not found or len(found) > LONGEST or len(words) > 60:
        return False
    if any(token.unspaced for token in found):
        return len(words) <= 16 and words.casefold() not in lexicon.nouns | lexicon.empty
    if not all(token.joined for token in found[1:]):
        return False
    sorts = sorts_of(found, lexicon)
    capital = all(token.text[0].isupper() for token in found)
    if len(found) == 1:
        return sorts[0] == WORD and len(words) > 1 and not _adjectival(words, lexicon)
    if any(sort == BREAK and not (capital and 0 < index < len(sorts) - 1) for index, sort in enumerate(sorts)):
        return False
    return sorts[0] not in (LINK, NUMBER) and sorts[-1] >= NUMBER


def is_identifier(words: str, lexicon: Lexicon) -> bool:
    """Whether a code span names something: an identifier, command or type, not a value, a path or a whole expression."""
    bare = words.removesuffix("()").removesuffix("!")
    if not 2 < len(bare) <= 40 or " " in bare or "/" in bare or "=" in bare or bare[0] in "-.\"'<{[($0123456789":
        return False
    if lexicon.common(bare.casefold()):
        return False
    return all(c.isalnum() or c in "_-.:+#@<>" for c in bare) and not bare.startswith(("http", "www"))


def masked(unit: Unit) -> str:
    """What a reader reads, its code spans blotted out: they are no words of the sentence."""
    plain, place = _PATH.sub(lambda match: "|" * len(match[0]), unit.plain), 0
    if "`" not in unit.text:
        return plain
    for words in code_spans(unit.text):
        start = plain.find(words, place)
        if start >= 0:
            place = start + len(words)
            plain = f"{plain[:start]}{'|' * len(words)}{plain[place:]}"
    return plain


def _heads(heading: str) -> Iterable[str]:
    """The terms that a heading may be: itself without its number, and the parts around a colon or dash."""
    bare = heading.strip().strip("#").strip()
    bare = bare.lstrip("0123456789.) ") or bare
    yield bare
    for border in (": ", " – ", " — ", " - ", " | ", "：", "？", "?"):
        if border in bare:
            for part in bare.split(border):
                yield part.strip(" ?.!")
            return


def _tidy(form: str) -> str:
    return " ".join(form.split())
