"""What kind of thing a name is: an `entity` or a `concept`.

An entity is one thing in the world: a person, place, organisation, product, work, project or event.
A concept is what many things share or do: a common noun, method, idea or quantity.
The rules, first that fits:

1. A person: a speaker or author, or a title or known given name before capitalised words ("Dr. Ada Byron",
   "Ada Byron"). Entity.
2. Written small throughout: a concept ("tidal power"), unless a proper name is its first word and its last word is a
   kind of place, organisation or work ("La Rance tidal power station": entity; "Merkle tree": concept).
3. Its last word is a kind of idea or method, capitalised or not: concept ("Moore's Law", "Bayes Theorem",
   "Proof of Work").
4. Its last or first word is a kind of place, organisation or work, capitalised: entity ("Bank of England",
   "Lake Geneva").
5. An acronym is what its expansion is: one that the text writes small, or in common words only, is a concept
   ("program counter", "Long Short-Term Memory"); an acronym never spelt out is an entity ("NASA").
6. Capitals in common words only ("Program Counter") are a heading's or an author's habit: concept.
7. A proper name otherwise: entity ("GitHub", "Swansea", "Orbital O2").
8. A work in its brackets 《》: entity.
   Code spans, and scripts without capitals: concept, unless the last characters are a kind of place or organisation
   (大学, 公司, 市).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from quern.engines.rules.lexicon import Lexicon
from quern.engines.rules.proper import INNER, is_strong
from quern.names import persons

Kind = Literal["entity", "concept"]

_WORD = re.compile(r"[^\W_](?:[\w'’.-]*[^\W_])?(?:\+\+|#)?")
_UNSPACED_ENTITY = re.compile(
    r"(?:大学|学院|公司|银行|集团|政府|法院|委员会|协会|基金会|省|市|县|区|国|州|岛|山|河|湖|海|江|站|机场|大學|銀行|株式会社|会社|"
    r"協会|研究所|都|府|県|町|村|駅|島|川|공화국|대학교|대학|은행|회사|시|도)$"
)


class Signs(NamedTuple):
    """What the text shows of a name besides its words."""

    proper: bool = False  # it is written as a proper name
    expansion: str | None = None  # what the acronym stands for
    work: bool = False  # it stands in brackets for titles of works
    code: bool = False
    person: bool = False  # who wrote the text or speaks in it


def kind(name: str, lexicon: Lexicon, signs: Signs) -> Kind:
    """Entity or concept, by the rules above."""
    words = _WORD.findall(name)
    if signs.work or signs.person:
        return "entity"
    if signs.code or not words:
        return "concept"
    if signs.expansion is not None:
        long = signs.expansion
        return kind(long, lexicon, Signs(proper=signs.proper and long != long.lower()))
    if not any(c.isupper() or c.islower() for c in name):
        return "entity" if len(name) > 2 and _UNSPACED_ENTITY.search(name) else "concept"
    if signs.proper and is_person(name):
        return "entity"
    return _of_words(words, lexicon, proper=signs.proper)


def is_person(name: str) -> bool:
    """Whether a title or a given name shows that this is a person."""
    words = name.split()
    return 2 <= len(words) <= 5 and all(word[0].isupper() or word in INNER for word in words) and persons.evident(name)


def _of_words(words: Sequence[str], lexicon: Lexicon, *, proper: bool) -> Kind:
    last, first = words[-1].casefold(), words[0].casefold()
    things = lexicon.clues["places"] | lexicon.clues["groups"] | lexicon.clues["works"]
    small = words[-1][0].islower() and not is_strong(words[-1])
    if small or not proper:
        named = proper and not lexicon.common(first)
        return "entity" if len(words) > 1 and named and last in things - lexicon.clues["concepts"] else "concept"
    if len(words) > 1 and last in lexicon.clues["concepts"] and last not in lexicon.clues["groups"]:
        return "concept"
    if len(words) > 1 and (last in things or first in lexicon.clues["places"] | lexicon.clues["groups"]):
        return "entity"
    if len(words) > 1 and all(_common(word, lexicon) for word in words):
        return "concept"
    return "entity"


def _common(word: str, lexicon: Lexicon) -> bool:
    fold = word.casefold()
    return fold in INNER or (lexicon.common(fold) and not is_strong(word))
