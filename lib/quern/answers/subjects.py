"""Which of the things that claims tell of a text names: pages, by a name of theirs or by how one alone of them begins,
and what rows of tables are about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from quern import names
from quern.answers.knowledge import Known

_PAIR = re.compile(r"([^:·]{1,40}): (.+)")
# Words by which things are put side by side.
_SIDE_BY_SIDE = re.compile(
    r"(?<!\w)(?:compared?|comparison|versus|vs|between|difference|and|or|vergleiche?|zwischen|unterschied|und|oder"
    r"|comparez|comparaison|entre|différence|et|ou|compara|comparación|diferencia|y|o)(?!\w)|[、和与與と及]",
    re.IGNORECASE,
)
CONCEPT = "concept"
_SHORTEST = 2  # words of the beginning of a name that may stand for it: "Sihwa Lake"


def row(text: str) -> list[tuple[str, str]]:
    """The cells of a row of a table, as (attribute, value), the thing first; none for any other claim."""
    pairs = [match for part in text.split(" · ") if (match := _PAIR.fullmatch(part.strip())) is not None]
    return [(pair[1].strip(), pair[2].strip()) for pair in pairs] if len(pairs) > 1 else []


class Subjects:
    """The things that some claims tell of, by what they are called."""

    def __init__(self, claims: Sequence[Known]) -> None:
        own: dict[str, dict[str, None]] = {}
        begun: dict[str, dict[str, None]] = {}
        for title, forms in _called(claims).items():
            for form in forms:
                own.setdefault(form, {})[title] = None
                words = form.split()
                for count in range(_SHORTEST, len(words)):
                    begun.setdefault(" ".join(words[:count]), {})[title] = None
        found = {form: titles for form, titles in begun.items() if form not in own} | own
        self._titles = {
            form: next(iter(titles)) for form, titles in found.items() if len(titles) == 1 and len(form) > 1
        }
        rows = [cells[0][1] for known in claims if (cells := row(known.claim.text))]
        self._titles |= {form: thing for thing in rows if len(form := _normal(thing)) > 1 and form not in self._titles}
        self._concepts = {one.name for known in claims for one in known.claim.names if one.type == CONCEPT}
        self._longest = sorted(self._titles, key=lambda form: (-len(form), form))

    def of(self, name: str) -> str | None:
        """What is called so: the title of a page, or the thing of a row."""
        return self._titles.get(_normal(name))

    def told(self, known: Known) -> set[str]:
        """What a claim tells of."""
        cells = row(known.claim.text)
        about = self.of(cells[0][1]) if cells else None
        return {name.name for name in known.claim.names} | ({about} if about else set())

    def compared(self, text: str) -> dict[str, str]:
        """The things that a question puts side by side, as `named` has them; none if it is about one, or how one
        stands to another. A concept beside things is what is asked of them.
        """
        found = self.named(text) if _SIDE_BY_SIDE.search(text) else {}
        things = {title: form for title, form in found.items() if title not in self._concepts}
        chosen = things or found
        return chosen if len(chosen) > 1 else {}

    def named(self, text: str) -> dict[str, str]:
        """What a text names, in its order, each with the words (in normal form) that do."""
        plain = f" {_normal(text)} "
        found: dict[str, tuple[int, str]] = {}
        for form in self._longest:
            at = plain.find(f" {form} ")
            if at >= 0:
                # What is named is blanked, so that "tidal power" in it names nothing else.
                plain = plain.replace(f" {form} ", f" {'_' * len(form)} ")
                found.setdefault(self._titles[form], (at, form))
        return {title: found[title][1] for title in sorted(found, key=lambda title: found[title])}


def _called(claims: Iterable[Known]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for known in claims:
        for one in known.claim.names:
            found.setdefault(one.name, set()).update(_normal(form) for form in (one.name, *one.aliases))
    return found


_normal = lru_cache(maxsize=16384)(names.normal)
