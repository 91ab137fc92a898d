"""Names of one thing in one source, united: acronyms and short forms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from quern import persons
from quern.engines.rules.kinds import is_person
from quern.engines.rules.lexicon import Lexicon
from quern.engines.rules.sketches import Sketch


def unite(found: Iterable[Sketch], lexicon: Lexicon) -> list[Sketch]:
    """These candidates, those that name one thing made one."""
    sketches = {sketch.key: sketch for sketch in found}
    _acronyms(sketches)
    _persons(sketches)
    _heads(sketches, lexicon)
    return list(sketches.values())


def _absorb(sketches: dict[tuple[str, ...], Sketch], long: Sketch, short: Sketch) -> None:
    long.absorbed.append(short)
    long.absorbed.extend(short.absorbed)
    long.aliases.add(short.name())
    long.aliases.update(short.aliases)
    long.headings += short.headings
    long.label |= short.label
    long.marks += short.marks
    sketches.pop(short.key, None)


def _acronyms(sketches: dict[tuple[str, ...], Sketch]) -> None:
    by_form: dict[str, Sketch] = {}
    for sketch in sketches.values():
        for form in sketch.forms:
            if len(sketch.key) == 1:
                by_form.setdefault(form, sketch)
    expanded: dict[str, list[Sketch]] = defaultdict(list)
    for sketch in list(sketches.values()):
        for alias in sketch.aliases:
            expanded[alias].append(sketch)
    for alias, longs in sorted(expanded.items()):
        short = by_form.get(alias)
        if len(longs) == 1 and short is not None and short is not longs[0] and short.key in sketches:
            _absorb(sketches, longs[0], short)
            longs[0].aliases.discard(short.name())
            longs[0].aliases.add(alias)


def _persons(sketches: dict[tuple[str, ...], Sketch]) -> None:
    """Smith is Jane Smith where only one person of that name is about."""
    names = {sketch.key: sketch.name() for sketch in sketches.values() if sketch.is_proper}
    people = [key for key, name in names.items() if sketches[key].person or is_person(name)]
    by_word: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for key in people:
        for word in set(key):
            by_word[word].append(key)
    for key in sorted(names, key=lambda key: (len(key), key)):
        longer = [other for other in by_word.get(key[-1], ()) if len(other) > len(key) and other in sketches]
        longer = [other for other in longer if _is_short(key, other, names) and sketches[key].forms]
        if len(longer) == 1 and key in sketches:
            _absorb(sketches, sketches[longer[0]], sketches[key])


def _is_short(key: tuple[str, ...], other: tuple[str, ...], names: dict[tuple[str, ...], str]) -> bool:
    """Whether one name is the given name or surname of another, a person's."""
    if len(key) == 1:
        return key[0] in (other[0], other[-1]) and not persons.conflict(names[key], names[other])
    return persons.short(names[key], names[other])


def _heads(sketches: dict[tuple[str, ...], Sketch], lexicon: Lexicon) -> None:
    """La Rance is the La Rance tidal power station where only one name begins so and goes on with what it is."""
    things = lexicon.clues["places"] | lexicon.clues["groups"] | lexicon.clues["works"]
    by_first: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for key in sketches:
        by_first[key[0]].append(key)
    for key in sorted(sketches, key=lambda key: (len(key), key)):
        short = sketches.get(key)
        if short is None or not short.is_proper:
            continue
        longer = [other for other in by_first[key[0]] if len(other) > len(key) and other[: len(key)] == key and other in sketches]
        if len(longer) != 1 or not sketches[longer[0]].is_proper:
            continue
        name = sketches[longer[0]].name()
        rest = name.split()[len(key) :]
        if rest and rest[-1].casefold() in things and not any(word[0].isdigit() for word in rest):
            if all(word.islower() for word in rest) or len(rest) == 1:
                _absorb(sketches, sketches[longer[0]], short)
