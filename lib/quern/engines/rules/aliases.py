"""Names of one thing in one source, united: acronyms and short forms."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from quern.engines.rules.kinds import is_person
from quern.engines.rules.lexicon import Lexicon
from quern.engines.rules.proper import INNER, VERBS_TOO, is_strong
from quern.engines.rules.sketches import Sketch
from quern.names import persons
from quern.names.forms import LEGAL


def unite(found: Iterable[Sketch], lexicon: Lexicon) -> list[Sketch]:
    """These candidates, those that name one thing made one."""
    sketches = {sketch.key: sketch for sketch in found}
    _spellings(sketches)
    _acronyms(sketches)
    _initials(sketches, lexicon)
    _persons(sketches)
    _surnames(sketches, lexicon)
    _placeholders(sketches)
    _heads(sketches, lexicon)
    _commands(sketches, lexicon)
    _makes(sketches, lexicon)
    _parts(sketches, lexicon)
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


def _spellings(sketches: dict[tuple[str, ...], Sketch]) -> None:
    """Peer review is peer-review, a checkpoint a check point."""
    by_letters: dict[str, list[Sketch]] = defaultdict(list)
    for key in sorted(sketches):
        if len(key) < 4:
            by_letters["".join(key).replace("-", "").replace("'s", "")].append(sketches[key])
    for same in by_letters.values():
        best, *others = sorted(same, key=lambda sketch: (-sum(sketch.forms.values()), sketch.key))
        for other in others:
            _absorb(sketches, best, other)


def _initials(sketches: dict[tuple[str, ...], Sketch], lexicon: Lexicon) -> None:
    """EMEC is the European Marine Energy Centre, expanded or not, where only one name has these initials.

    A name that has a common noun in it says what it is the name of; three words of any other name may match by chance.
    """
    given, _ = persons.given()
    by_initials: dict[str, list[Sketch]] = defaultdict(list)
    for key in sorted(sketches):
        words = sketches[key].name().split()
        kind = any(lexicon.common(word.casefold()) for word in words)
        person = sketches[key].person or any(word.casefold() in given for word in words)
        if len(words) > 2 and sketches[key].is_proper and kind and not person:
            bare = [word for word in words if word[0].isupper()]
            if len(bare) > 2 and bare[-1].rstrip(".").casefold() in LEGAL:
                del bare[-1]  # PG&E is Pacific Gas & Electric Co.
            by_initials["".join(word[0] for word in bare)].append(sketches[key])
    for short in [sketch for key, sketch in sorted(sketches.items()) if len(key) == 1]:
        name = short.name().replace("&", "")
        longer = by_initials.get(name, []) if len(name) > 2 and name.isupper() else []
        if len(longer) == 1 and longer[0].key in sketches:
            _absorb(sketches, longer[0], short)


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
    """Smith is Jane Smith where only one person of that name is about.

    Democrats are not Virginia Democrats where there are Kentucky Democrats.
    """
    names = {sketch.key: sketch.name() for sketch in sketches.values() if sketch.is_proper}
    people = [key for key, name in names.items() if sketches[key].person or is_person(name)]
    by_word: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for key in people:
        for word in set(key):
            by_word[word].append(key)
    ends = Counter(key[-1] for key in names if len(key) > 1 and key not in people)
    for key in sorted(names, key=lambda key: (len(key), key)):
        longer = [other for other in by_word.get(key[-1], ()) if len(other) > len(key) and other in sketches]
        longer = [other for other in longer if _is_short(key, other, names) and sketches[key].forms]
        if len(longer) == 1 and key in sketches and not (len(key) == 1 and ends[key[0]]):
            _absorb(sketches, sketches[longer[0]], sketches[key])


PLACEHOLDERS = frozenset(["alice", "bob", "carol", "charlie", "dave", "eve", "mallory", "trent"])


def _surnames(sketches: dict[tuple[str, ...], Sketch], lexicon: Lexicon) -> None:
    """Halloran is Ewan Halloran, known as a person or not, where only one name ends so."""
    by_last: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for key, sketch in sketches.items():
        if len(key) in (2, 3) and sketch.is_proper:
            by_last[key[-1]].append(key)
    for key in sorted(key for key in sketches if len(key) == 1):
        longer = by_last.get(key[0], [])
        if len(longer) != 1 or not sketches[key].is_proper:
            continue
        words = sketches[longer[0]].name().split()
        is_no_person = (longer[0][0],) in sketches or any(form.islower() for form in sketches[key].forms)
        if is_no_person or words[0].casefold() in INNER:
            continue  # "Miniscript" is no surname of "Rust Miniscript", nor "Rance" of "La Rance"
        if all(_is_plain(word) and not lexicon.common(word.casefold()) for word in words):
            _absorb(sketches, sketches[longer[0]], sketches[key])


def _is_plain(word: str) -> bool:
    """Is this spelt as the names of persons are: Halloran, De’Broski, Smith-Jones?"""
    parts = word.replace("’", "'").replace("-", "'").split("'")
    return all(part.istitle() and part.isalpha() for part in parts)


def _placeholders(sketches: dict[tuple[str, ...], Sketch]) -> None:
    """Where Alice and Bob are both about, they and their friends are nobody."""
    if {("alice",), ("bob",)} <= sketches.keys():
        for name in PLACEHOLDERS:
            sketches.pop((name,), None)


def _is_short(key: tuple[str, ...], other: tuple[str, ...], names: dict[tuple[str, ...], str]) -> bool:
    """Whether one name is the given name or surname of another, a person's."""
    if len(key) == 1:
        if names[key].isupper() and len(names[key]) < 4:
            return False  # the US is no first name of the US Justice Department
        return key[0] in (other[0], other[-1]) and not persons.conflict(names[key], names[other])
    return persons.short(names[key], names[other])


def _heads(sketches: dict[tuple[str, ...], Sketch], lexicon: Lexicon) -> None:
    """La Rance is the La Rance tidal power station where only one name begins so and goes on with what it is."""
    things = lexicon.clues["places"] | lexicon.clues["groups"] | lexicon.clues["works"]
    by_first: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for key in sketches:
        by_first[key[0]].append(key)
    known = set(sketches)
    for key in sorted(sketches, key=lambda key: (-len(key), key)):
        short = sketches.get(key)
        if short is None or not short.is_proper:
            continue
        bare = key[1:] if len(key) > 1 and key[0] in INNER else key
        if bare == key and any((article, *key) in known for article in ("la", "le", "el", "los", "las", "les")):
            continue  # "La Rance" is short for the power station, "Rance" is the river
        longer = [other for start in {key[0], bare[0]} for other in by_first[start]]
        longer = [other for other in longer if other in sketches and _goes_on(bare, other, sketches[other], things)]
        if len(longer) == 1 and longer[0] != key:
            _absorb(sketches, sketches[longer[0]], short)


def _commands(sketches: dict[tuple[str, ...], Sketch], lexicon: Lexicon) -> None:
    """No name begins with a verb ("Open Obsidian") where the rest is one by itself, and the more frequent one."""
    verbs = lexicon.verbs | lexicon.either | VERBS_TOO
    for key in sorted(sketches):
        long, rest = sketches[key], sketches.get(key[1:])
        told = long.label or long.defined or long.headings or long.marked
        if rest is None or told or not rest.is_proper or key[0] not in verbs:
            continue
        if sum(long.forms.values()) < sum(rest.forms.values()):
            sketches.pop(key)


def _makes(sketches: dict[tuple[str, ...], Sketch], lexicon: Lexicon) -> None:
    """The Samsung Galaxy Tab is the Galaxy Tab where Samsung is a name by itself: who makes it stands before it."""
    for key in sorted(sketches):
        long, short, maker = sketches.get(key), sketches.get(key[1:]), sketches.get(key[:1])
        if long is None or short is None or maker is None or len(key) < 3:
            continue
        if lexicon.common(key[1]) and not is_strong(short.name().split()[0]):
            continue
        if long.is_proper and short.is_proper and maker.is_proper and not (long.person or is_person(long.name())):
            _absorb(sketches, short, long)


def _parts(sketches: dict[tuple[str, ...], Sketch], lexicon: Lexicon) -> None:
    """What a thing has is told of the thing: "the VW logo" is no name where VW is one, and the more frequent one.

    The Rance barrage is a thing by itself, as its last word says.
    """
    things = lexicon.clues["places"] | lexicon.clues["groups"] | lexicon.clues["works"]
    for key, sketch in list(sketches.items()):
        form = sketch.name()
        owner = sketches.get(key[:-1])
        told = sketch.label or sketch.defined or sketch.headings or sketch.marked
        last = form.rpartition(" ")[2]
        if owner is None or told or not owner.is_proper or not (last.islower() and last.isalpha()):
            continue
        if last in things:
            continue
        if sketch.phrase is not None and sum(sketch.forms.values()) * 2 < sum(owner.forms.values()):
            sketches.pop(key)


def _goes_on(bare: tuple[str, ...], other: tuple[str, ...], long: Sketch, things: frozenset[str]) -> bool:
    """Whether a longer name begins as a shorter one does, and goes on, in small letters, with a kind of thing."""
    start = 1 if other[0] in INNER and other[0] != bare[0] else 0
    if not long.is_proper or other[start : start + len(bare)] != bare or len(other) <= start + len(bare):
        return False
    words = long.name().split()
    if any(word.endswith(("'s", "’s")) for word in words[: start + len(bare)]):
        return False  # "Syria's border" is not Syria
    rest = words[start + len(bare) :]
    # "Sync regions" are of Sync, the La Rance power station is La Rance.
    one = bool(rest) and not rest[-1].endswith("s")
    return one and rest[-1].casefold() in things and all(word.islower() for word in rest)
