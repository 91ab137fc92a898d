"""What the rules look for in the sentences of one language: a file in `data/grammar`, compiled as it is needed.

A file is a mapping of names to regular expressions (or lists of them); `en.yaml` says what each is for.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

LANGUAGES = ("de", "en", "es", "fr")
"""Languages with a file; all others share `other.yaml`, which only knows sentences that lean on what went before."""

_NEVER = re.compile(r"(?!)")
_BORDER = r"(?:(?<=['’ ,:.\]©])|(?<!['’ ,:.\]©])(?!\w))"


@dataclass(frozen=True)
class Grammar:
    """The patterns of one language, each of whole words; one that its file does not have never matches."""

    language: str
    words: dict[str, Any]
    compiled: dict[str, re.Pattern[str]] = field(default_factory=dict, repr=False)

    def __getitem__(self, name: str) -> re.Pattern[str]:
        """The pattern of this name, for `match`, `search` or `fullmatch`."""
        if name not in self.compiled:
            self.compiled[name] = _compiled(self.words.get(name), glyphs="glyph" in name)
        return self.compiled[name]

    def mapping(self, name: str) -> dict[str, str]:
        """An entry that is a mapping of words to words."""
        found = self.words.get(name, {})
        return found if isinstance(found, dict) else {}


@functools.cache
def load(language: str) -> Grammar:
    """The grammar of a language."""
    import yaml

    name = language if language in LANGUAGES else "other"
    text = (files("quern") / "data" / "grammar" / f"{name}.yaml").read_text(encoding="utf-8")
    return Grammar(name, yaml.load(text, yaml.CSafeLoader))


def _compiled(entry: str | list[str] | None, *, glyphs: bool) -> re.Pattern[str]:
    if not entry:
        return _NEVER
    branches = "|".join(part.replace("\n", "") for part in (entry if isinstance(entry, list) else [entry]))
    # Scripts without blanks have no borders between words.
    return re.compile(f"(?:{branches})" if glyphs else rf"(?<!\w)(?:{branches}){_BORDER}", re.IGNORECASE)
