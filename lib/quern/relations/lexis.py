"""The words by which the rules read a statement: what is light, what opens a scope, what says that something is new.

Each language has a file in `data/relations`, whose comments say what each list is for; `shared.yaml` holds for all. A
language without a file has none of these words: then all words of two statements must agree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from quern.names import listed
from quern.relations.wording import FREE, stem

LANGUAGES = ("de", "en", "es", "fr")
"""Languages with a file."""

# Prepositions that tie a word to the one before it.
OF = listed("of von vom de d' d des der del du")
ARTICLES = listed(
    "the a an der die das den dem des ein eine einen einem einer le la les l l' un une el los las una unos unas its "
    "their his her each every all most some any this that these those"
)
# Words that deny another by their prefix; what only looks so is left out.
_DENYING = re.compile(
    r"(?:in|im|ir|il)(\w{3,}(?:able|ible)|active|complete|accurate|correct|regular|relevant|direct|formal|secure|"
    r"sensitive|valid|consistent|efficient|expensive|finite|pure|mature|mobile|logical|legal|literate|adequate|dependent)|"
    r"un(?!der|it|i[ov]|ique|til|less)(\w{4,})|non-?(\w{4,})"
)
_NOT_DENYING = listed("inflammable invaluable unanimous unanimously")
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Lexis:
    """The words of one language, folded, and its forms, which never match where it has none."""

    light: frozenset[str] = frozenset()
    verbs: frozenset[str] = frozenset()
    scope: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    negations: re.Pattern[str] = _NEVER
    newer: re.Pattern[str] = _NEVER
    past: re.Pattern[str] = _NEVER
    unsure: re.Pattern[str] = _NEVER
    acts: re.Pattern[str] = _NEVER
    occasion: re.Pattern[str] = _NEVER


@cache
def of(language: str) -> Lexis:
    """The words of a language."""
    if language not in LANGUAGES:
        return Lexis()
    entries = _load(language)

    def form(name: str) -> re.Pattern[str]:
        alternatives = entries[name].replace("\n", "")
        return re.compile(rf"\b(?:{alternatives})(?!\w)", re.IGNORECASE)

    return Lexis(
        light=listed(entries["light"]) | FREE[language],
        verbs=listed(entries["verbs"]),
        scope=listed(entries["scope"]),
        kinds=listed(entries["kinds"]),
        negations=form("negations"),
        newer=form("newer"),
        past=form("past"),
        unsure=form("unsure"),
        acts=form("acts"),
        occasion=form("occasion"),
    )


@cache
def first_of(name: str) -> dict[str, str]:
    """Of a shared list whose lines mean one thing each (`events`, `roles`, …): each word to the first of its line."""
    return {word: line.split()[0] for line in _load("shared")[name].split("\n") for word in line.split()}


@cache
def shared(name: str) -> frozenset[str]:
    """A shared list of words."""
    return listed(_load("shared")[name])


@cache
def attributes(language: str) -> dict[str, str]:
    """Stems that name one attribute in several forms, each to the word that stands for it."""
    return {stem(word, language): first for word, first in first_of("attributes").items()}


@cache
def of_roles(language: str) -> dict[str, str]:
    """What the words are compared by that say who holds a role, did a thing, or when something happened, each with a
    key for all that may say the same.
    """
    tables = [first_of(name) for name in ("events", "roles", "doing", "done")]
    return {stem(word, language): f"{first}…" for table in tables for word, first in table.items()}


@cache
def named(language: str) -> frozenset[str]:
    """What the attributes are compared by that have a line of their own."""
    return frozenset(attributes(language).values())


@cache
def opposites(language: str) -> dict[str, tuple[str, int]]:
    """Words that have an opposite: what stands for both, and on which side the word is (1 or -1)."""
    table: dict[str, tuple[str, int]] = {}
    for pair in _load("shared")["opposites"].split(";"):
        first, second = pair.split()
        if second in table and first not in table:
            name, side = table[second]
            table[first] = name, -side
        table.setdefault(first, (attributes(language).get(stem(first, language), f"{first}/{second}"), 1))
        name, side = table[first]
        table.setdefault(second, (name, -side))
    return table


@cache
def volatile(language: str) -> frozenset[str]:
    """What the attributes that change are compared by."""
    stems = (stem(word, language) for word in shared("volatile"))
    return frozenset(attributes(language).get(found, found) for found in stems)


def denied(word: str) -> str:
    """The word that a folded English word denies by its prefix (`impermeable`: `permeable`), or ""."""
    match = _DENYING.fullmatch(word) if word not in _NOT_DENYING else None
    return next(filter(None, match.groups())) if match is not None else ""


@cache
def _load(name: str) -> dict[str, str]:
    import yaml

    text = (files("quern") / "data" / "relations" / f"{name}.yaml").read_text(encoding="utf-8")
    entries: dict[str, str] = yaml.load(text, yaml.CSafeLoader)
    return entries
