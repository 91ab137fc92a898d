"""Figures side by side: what claims say of the same attribute of several things, read off them by rules.

Nothing is taken from what an engine wrote: a cell has the words of a claim, and cites it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from quern import names, quantities
from quern.answers import frames
from quern.answers.coverage import terms
from quern.answers.inquiries import Inquiry
from quern.answers.knowledge import Known
from quern.answers.subjects import Subjects, row
from quern.emphasis import keyed
from quern.quantities import Measure
from quern.records import Cell, Gap
from quern.relations.statements import statements

MOST = 8
"""Attributes that are compared: a table with more is not read."""
THINGS = 24
GAPS = 3
"""Empty cells that are asked about, where nobody asked for a table."""
_WORDS = 3  # words of what may be called an attribute
_STARTS = re.compile(r"[\d(]")


@dataclass(frozen=True, slots=True)
class _Fact:
    """What a claim says of an attribute of a thing. `value`: its figure, None where it is none to compare."""

    thing: str
    attribute: str
    text: str
    known: Known
    measure: Measure | None = None

    @property
    def key(self) -> tuple[str, str]:
        return names.normal(self.thing), self.attribute.casefold()


def cells(inquiry: Inquiry, claims: Sequence[Known]) -> list[Cell]:
    """What these claims say of the things that the question names, or else of all of which they say what it asks.

    What has been overtaken is left out; what is disputed stands side by side, and is no figure to compare.
    """
    standing = [known for known in claims if not known.overtaken and known.claim.stance in ("asserted", "reported")]
    subjects = Subjects(claims)
    facts = [fact for known in standing for fact in _facts(known, subjects)]
    wanted = {names.normal(title) for title in subjects.compared(inquiry.question) or subjects.named(inquiry.question)}
    facts = [fact for fact in facts if names.normal(fact.thing) in wanted] if wanted else facts
    columns = _columns(inquiry, facts, named_all=bool(wanted))
    found: dict[tuple[str, str], list[_Fact]] = {}
    for fact in facts:
        if fact.key[1] in columns:
            found.setdefault(fact.key, []).append(fact)
    things = list(dict.fromkeys(key[0] for key in found))[:THINGS]
    told = sorted(
        (key for key in found if key[0] in things), key=lambda key: (things.index(key[0]), columns.index(key[1]))
    )
    shown: dict[str, str] = {}
    for fact in facts:
        for key, form in zip(fact.key, (fact.thing, fact.attribute), strict=True):
            shown.setdefault(key, form)
    return [_cell(found[key], shown) for key in told]


def compares(inquiry: Inquiry) -> bool:
    """Whether a question puts several things side by side."""
    return bool(Subjects(inquiry.claims).compared(inquiry.question))


def gaps(known: Sequence[Gap], found: Sequence[Cell], inquiry: Inquiry, *, wanted: bool = False) -> list[Gap]:
    """What is missing beside a comparison: those gaps `known` that it does not make good or say better, and one for
    each empty cell of what the question asks for, or of what is told of several other things.

    Unless a comparison was `wanted`, only for what the question asks for, and of few.
    """
    things, attributes = shape(found)
    there = {(cell.thing, cell.attribute) for cell in found}
    asked = {key for term in terms(inquiry.question, inquiry.language) for key in term.keys}
    meant = [a for a in attributes if any(not k.isdisjoint(asked) for k in keyed(a, inquiry.language, frozenset()))]
    named = Subjects(inquiry.claims).compared(inquiry.question) if meant else {}
    several = [a for a in attributes if sum(cell.attribute == a for cell in found) > 1]
    rows, columns = list(dict.fromkeys([*named, *things])), meant or (several if wanted else [])
    missing = [(thing, one) for thing in rows for one in columns if (thing, one) not in there]
    sources = frames.sources_for("how much", inquiry.language)
    asking = [Gap(question=_question(one, thing, inquiry), sources=sources) for thing, one in missing]
    said = {frames.of(inquiry.language).what_is.format(thing) for thing in (*things, *(thing for thing, _ in missing))}
    return [*(gap for gap in known if gap.question not in said), *(asking if wanted else asking[:GAPS])]


def _question(attribute: str, thing: str, inquiry: Inquiry) -> str:
    """What is asked where a cell is empty. What heads a column may be any word, so only a noun is asked for by it."""
    frame, word = frames.of(inquiry.language), attribute.casefold()
    said = (inquiry.question, *(known.claim.text for known in inquiry.claims))
    noun = re.compile(rf"\b(?:(?:the|its|an?) {re.escape(word)}|{re.escape(word)} of)\b", re.IGNORECASE)
    if frame.of and names.singular(word) == word and any(map(noun.search, said)):
        return frame.of.format(word if attribute.istitle() else attribute, thing)
    return frame.under.format(attribute, thing)


def shape(found: Iterable[Cell]) -> tuple[list[str], list[str]]:
    """The things (rows) and the attributes (columns) of a comparison, in order."""
    cells_ = list(found)
    return list(dict.fromkeys(c.thing for c in cells_)), list(dict.fromkeys(c.attribute for c in cells_))


def _facts(known: Known, subjects: Subjects) -> Iterator[_Fact]:
    text, cells_ = known.claim.text, row(known.claim.text)
    if cells_:
        thing = subjects.of(cells_[0][1]) or cells_[0][1]
        for attribute, value in cells_[1:]:
            figure = _only(quantities.measures(value, known.language), value)
            yield _Fact(thing, attribute, value, known, figure)
        return
    every = tuple(form for one in known.claim.names for form in (one.name, *one.aliases))
    for thing in _subject(text, known):
        for one in statements(text, known.language, every):
            label = " ".join(one.label.split())
            is_plain = one.kind == "measure" and 0 < len(label.split()) <= _WORDS and not one.unsure and one.attribute
            # "four turbines of 1.5 MW each" says nothing of the capacity of the whole.
            if is_plain and not one.kinds and _counts(one.shown):
                yield _Fact(thing, label, one.shown, known, one.value if isinstance(one.value, Measure) else None)


def _counts(shown: str) -> bool:
    return _STARTS.match(shown) is not None


def _subject(text: str, known: Known) -> list[str]:
    """The page whose name the claim begins with, the earliest and longest."""
    plain = text.replace("[", "").replace("]", "").casefold()
    found = []
    for one in known.claim.names:
        places = [(plain.find(name.casefold()), -len(name)) for name in (one.name, *one.aliases)]
        there = [place for place in places if place[0] >= 0]
        if there:
            found.append((min(there), one.name))
    return [min(found)[1]] if found else []


def _only(found: Sequence[Measure], text: str) -> Measure | None:
    """The one measure that a cell is."""
    return found[0] if len(found) == 1 and len(text) <= found[0].end - found[0].start + 12 else None


def _columns(inquiry: Inquiry, facts: Sequence[_Fact], *, named_all: bool) -> list[str]:
    """The attributes (folded) that are compared: those that the question asks for, else those of several things."""
    asked = {key for term in terms(inquiry.question, inquiry.language) for key in term.keys}
    of: dict[str, set[str]] = {}
    for fact in facts:
        of.setdefault(fact.key[1], set()).add(fact.key[0])
    forms = {form for fact in facts for one in fact.known.claim.names for form in (one.name, *one.aliases)}
    called = {key for form in forms for keys in keyed(form, inquiry.language, frozenset()) for key in keys}
    meant = [
        column
        for column in of
        if any(not keys.isdisjoint(asked - called) for keys in keyed(column, inquiry.language, frozenset()))
    ]
    several = [column for column in of if len(of[column]) > 1]
    chosen = meant or several or (list(of) if named_all else [])
    return sorted(chosen, key=lambda column: (-len(of[column]), list(of).index(column)))[:MOST]


def _cell(facts: Sequence[_Fact], shown: Mapping[str, str]) -> Cell:
    """What is said of one attribute of one thing: each value once, with all who say so."""
    facts = sorted(facts, key=lambda fact: fact.known.claim.as_of or "", reverse=True)
    days = {fact.text: fact.known.claim.as_of for fact in reversed(facts)}
    texts = list(dict.fromkeys(fact.text for fact in facts))
    measures = [fact.measure for fact in facts]
    first = facts[0]
    same = all(m is not None and first.measure is not None and quantities.agree(first.measure, m) for m in measures)
    dates = [fact.known.claim.as_of for fact in facts if fact.known.claim.as_of]
    # Of several values the last one is the figure, if it is surely the last.
    is_last = same or (all(days.values()) and len(set(days.values())) == len(days))
    figure = first.measure if is_last and not any(fact.known.disputed for fact in facts) else None
    exact = figure is not None and figure.low == figure.high and not figure.bound
    told = [texts[0]] if same and exact else [f"{text} ({days[text]})" if days[text] else text for text in texts]
    told = told if len(texts) > 1 else texts
    dimension, unit = _unit(first) if exact else ("", "")
    is_counted = exact and bool(dimension or unit)
    return Cell(
        thing=shown[first.key[0]],
        attribute=shown[first.key[1]],
        text=" / ".join(told),
        claims=list(dict.fromkeys(fact.known.id for fact in facts)),
        value=float(figure.low) if figure is not None and is_counted else None,
        unit=unit,
        dimension=dimension,
        as_of=max(dates, default=None),
    )


def _unit(fact: _Fact) -> tuple[str, str]:
    """The dimension and the unit of a figure, or what it counts; "" where it is a bare number, as a year is."""
    number = next(iter(quantities.numbers(fact.text, fact.known.language, words=True)), None)
    dimension = fact.measure.dimension if fact.measure is not None else ""
    if number is None:
        return "", ""
    behind = fact.text[number.end :].strip()
    return (dimension, number.unit or "") if dimension else ("", behind if behind[:1].isalpha() else "")
