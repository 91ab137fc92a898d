"""What a person wants a source read for (FOCUS), and how much of that a sentence or a name speaks of.

Words are compared by their stems, with and without accents, in the language of the source; in languages that write
compounds as one word also with the ends of longer words; in scripts without blanks by pairs of characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from quern.languages import CJK, UNSPACED, detect, stopwords, words
from quern.relations.wording import stem

# Languages that write compounds as one word, and letters from which a stem in one is not there by chance.
COMPOUNDING = frozenset({"da", "de", "fi", "hu", "nl", "no", "sv"})
LONG = 5

_RUN = re.compile(f"[{CJK}{UNSPACED}]+")
_INNER = re.compile("['’ʼ‐‑_-]")
_MARKS = re.compile("[\u0300-\u036f]+")

Keys = frozenset[str]


class Emphasis:
    """The words of a focus, looked for in a source of some language."""

    def __init__(self, focus: str, language: str) -> None:
        own = detect(focus, "en" if language in ("", "und") else language)
        self.language = own if language in ("", "und") else language
        # A focus may be in another language than the source: "die Kosten" is not about dying.
        ignored = stopwords(self.language) | stopwords(own)
        self.wanted = frozenset(keyed(focus, self.language, ignored))

    def on(self, text: str) -> float:
        """The share of the focus's words that a text says, 0 to 1."""
        said = self._said(text) if self.wanted else frozenset()
        found = sum(any(self._is_said(key, said) for key in keys) for keys in self.wanted)
        return found / len(self.wanted) if found else 0.0

    def of(self, name: str) -> float:
        """The share of a name's words that are the focus's, 0 to 1."""
        if not self.wanted:
            return 0.0
        own = list(keyed(name, self.language, stopwords(self.language)))
        asked = [key for keys in self.wanted for key in keys]
        found = sum(any(self._is_said(key, keys) for key in asked) for keys in own)
        return found / len(own) if found else 0.0

    def _said(self, text: str) -> Keys:
        return frozenset(key for keys in keyed(text, self.language, frozenset()) for key in keys)

    def _is_said(self, key: str, said: Keys) -> bool:
        if key in said:
            return True
        may_join = self.language in COMPOUNDING and len(key) >= LONG
        return may_join and any(word.startswith(key) or word.endswith(key) for word in said)


def keyed(text: str, language: str, ignored: frozenset[str]) -> Iterator[Keys]:
    """What each word of a text is compared by; words to be ignored, and letters alone, are left out."""
    for word in words(unicodedata.normalize("NFC", text)):
        if _RUN.fullmatch(word):
            yield from (frozenset({word[at : at + 2]}) for at in range(max(1, len(word) - 1)))
            continue
        folded = word.casefold()
        for part in [folded] if folded in ignored else _INNER.split(folded):
            if part not in ignored and (len(part) > 1 or part.isdigit()):
                # "energia" is how some type "energía", of which the stem is another; so it is of "marea" and "mareas".
                plain = _bare(part)
                forms = (plain, plain.removesuffix("s"))
                yield frozenset({_bare(stem(part, language)), *(stem(form, language) for form in forms)})


def _bare(word: str) -> str:
    return unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFD", word)))
