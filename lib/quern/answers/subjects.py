"""Which of the pages that claims stand on a text names: by a name of the page, or by how one alone of them begins."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from quern import names
from quern.answers.knowledge import Known

_SHORTEST = 2  # words of the beginning of a name that may stand for it: "Sihwa Lake"


class Subjects:
    """The pages of some claims by what they are called."""

    def __init__(self, claims: Iterable[Known]) -> None:
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
        self._longest = sorted(self._titles, key=lambda form: (-len(form), form))

    def of(self, name: str) -> str | None:
        """The title of the page that is called so."""
        return self._titles.get(_normal(name))

    def named(self, text: str) -> dict[str, str]:
        """The titles of the pages that a text names, each with the words (in normal form) that do; longer ones first.

        In the order of the text.
        """
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
