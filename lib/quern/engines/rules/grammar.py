"""What the rules look for in the sentences of one language: a file in `data/grammar`, compiled as it is needed.

A file is a mapping of names to regular expressions (or lists of them); `en.yaml` says what each is for.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

LANGUAGES = ("de", "en", "es", "fr")
"""Languages with a file; all others share `other.yaml`, which only knows sentences that lean on what went before."""

_NEVER = re.compile(r"(?!)")
_BORDER = r"(?:(?<=['’ ,:.\]©])|(?<!['’ ,:.\]©])(?!\w))"


@dataclass(frozen=True)
class Grammar:
    """The patterns of one language; one that its file does not have never matches."""

    language: str
    words: dict[str, Any]

    @functools.cache  # noqa: B019: there is one Grammar a language, for as long as the process lives
    def opens(self, name: str) -> re.Pattern[str]:
        """The pattern at the start of a text."""
        return self._compiled(name, r"(?:{})" + _BORDER)

    @functools.cache  # noqa: B019: likewise
    def anywhere(self, name: str) -> re.Pattern[str]:
        """The pattern as whole words."""
        return self._compiled(name, r"(?<!\w)(?:{})" + _BORDER)

    @functools.cache  # noqa: B019: likewise
    def whole(self, name: str) -> re.Pattern[str]:
        """The pattern as all of a text, for `fullmatch`."""
        return self._compiled(name, "(?:{})")

    def mapping(self, name: str) -> dict[str, str]:
        """An entry that is a mapping of words to words."""
        found = self.words.get(name, {})
        return found if isinstance(found, dict) else {}

    def __hash__(self) -> int:
        return hash(self.language)

    def _compiled(self, name: str, frame: str) -> re.Pattern[str]:
        entry = self.words.get(name)
        if not entry:
            return _NEVER
        branches = [part.replace("\n", "") for part in (entry if isinstance(entry, list) else [entry])]
        return re.compile(frame.format("|".join(branches)), re.IGNORECASE)


@functools.cache
def load(language: str) -> Grammar:
    """The grammar of a language."""
    import yaml

    name = language if language in LANGUAGES else "other"
    text = (files("quern") / "data" / "grammar" / f"{name}.yaml").read_text(encoding="utf-8")
    return Grammar(name, yaml.load(text, yaml.CSafeLoader))
