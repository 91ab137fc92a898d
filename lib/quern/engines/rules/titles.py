"""What kind of thing a page is of, when only its title and its claims are left."""

from __future__ import annotations

from collections.abc import Iterable

from quern.engines.rules import kinds
from quern.engines.rules.lexicon import lexicon


def kind(title: str, texts: Iterable[str], language: str) -> str:
    """Entity or concept, as the rules see a name that sentences speak of."""
    # A concept's title has a capital only where it begins; of a single word a sentence that names it tells more.
    inside = title != title.lower() and any(f" {title}" in text for text in texts)
    is_proper = title[1:] != title[1:].lower() or inside
    return kinds.kind(title, lexicon(language), kinds.Signs(proper=is_proper))
