"""Links from the sentences of a run to the pages that they name, those that it makes included."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from quern import names, pages
from quern.pages import links
from quern.updates.topic import Weave
from quern.wiki import Catalogue


class Weaving:
    """Which words of a sentence are links."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._named = cache(self._look_up)
        # Most claims go to several pages.
        self._mentions = cache(self._find)
        self._begins_name = cache(catalogue.begins_name)
        self._new: dict[str, str] = {}

    def know(self, path: str, called: Iterable[str]) -> None:
        """Let a page that this run makes be linked by these names."""
        for name in called:
            self._new.setdefault(names.normal(name), path)

    def knows(self, path: str) -> bool:
        """Whether this run makes a page."""
        return path in self._new.values()

    def on(self, path: str) -> Weave:
        """Weaves links to every page but the one at `path` itself."""
        own = pages.file_of(path)
        return lambda text, linked: links.woven_into(text, self._mentions(text), {own, *linked})

    def _find(self, text: str) -> list[links.Mention]:
        return list(links.mentions(text, self._named))

    def _look_up(self, key: str) -> tuple[str, str] | None:
        found = self._new.get(key)
        # Few words begin a name, and most are asked about again and again.
        if found is None and self._begins_name(key.partition(" ")[0]):
            found = self._catalogue.weaving(key)
        return None if found is None else (pages.file_of(found), found)
