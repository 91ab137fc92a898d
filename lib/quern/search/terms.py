"""The terms of a text: what is indexed of it and looked up in it, the same for pages and for queries.

SQLite's own tokenizers fail outside Latin, and Python's sqlite3 takes none of ours. So a text is broken up here, and
the index holds terms joined with blanks. A term is a stem (Snowball) without diacritics; a character and each pair of
neighbours in scripts without blanks, and in Korean, whose words carry their particles; or a code, path or version as
it stands (`c++`, `.net`, `v1.2.3`) beside its parts. `coded` writes it in [a-z0-9], which every tokenizer leaves whole.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache, partial
from typing import Any

from quern.languages import CJK, MARKS, UNSPACED

SNOWBALL = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish",
    "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian",
    "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "no": "norwegian",
    "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish",
    "ta": "tamil", "tr": "turkish",
}  # fmt: skip
_HANGUL = "\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3"
_LETTER = f"[^\\W_{CJK}{UNSPACED}{_HANGUL}]"


def _core(letter: str) -> str:
    return f"{letter}(?:{letter}|[{MARKS}\u200c\u200d])*"


def _words(core: str) -> str:
    return (
        f"(?:(?<![\\w.])\\.(?=[^\\W\\d_]))?{core}"
        f"(?:(?:['’ʼ.\\-‐‑_/@]|::|(?<=\\d)[,:](?=\\d)){core})*(?:(?:\\+\\+|#)(?![^\\W_]))?"
    )


_CORE = _core(_LETTER)
_WORDS = f"[{CJK}](?:[{CJK}\u3099\u309a\ufe00-\ufe0f])*|[{UNSPACED}]+|[{_HANGUL}]+|{_words(_CORE)}"
_CHARACTERS = f"[{CJK}{_HANGUL}][\u3099\u309a\ufe00-\ufe0f]*|[{UNSPACED}]"
_FIGURE = re.compile(r"\d[\d.,:]*")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_MARKED = re.compile(r"[\d._/@:+#]")
# The same for ASCII, since classes of all the world's characters take a while to compile, and most programs end soon.
_ASCII = re.compile(
    r"(?:(?<![\w.])\.(?=[A-Za-z]))?[A-Za-z0-9]+(?:(?:['.\-_/@]|::|(?<=\d)[,:](?=\d))[A-Za-z0-9]+)*(?:(?:\+\+|#)(?![^\W_]))?"
)
_ASCII_PART = re.compile(r"[A-Za-z0-9]+")
_ACCENT = re.compile("[\u0300-\u036f]")
_PLAIN = re.compile(r"[a-z0-9]+")
_CODE = "qx"
_word, _character, _part = (cache(partial(re.compile, pattern)) for pattern in (_WORDS, _CHARACTERS, _CORE))
# A text without any of those scripts has the same words without their classes.
_FIRST_CJK = CJK[0]
_other = cache(partial(re.compile, f"[{UNSPACED}\u1100-\u11ff]"))
_PLAIN_CORE = _core("[^\\W_]")
_plain_word, _plain_part = (cache(partial(re.compile, pattern)) for pattern in (_words(_PLAIN_CORE), _PLAIN_CORE))
COLUMNS = ("title", "aliases", "headings", "claims", "body")
"""Where words of a page stand, the most telling first."""
LONGEST = 80
"""Characters of a term: what is longer is cut, as nobody types it to its end."""


def found(text: str) -> list[str]:
    """The words of a text as they stand in it, compatible forms made one (NFKC); runs of a script without blanks."""
    if text.isascii():
        return _ASCII.findall(text)
    text = unicodedata.normalize("NFKC", text)
    return (_plain_word if _is_plain(text) else _word)().findall(text)


def _is_plain(text: str) -> bool:
    return text.isascii() or (max(text) < _FIRST_CJK and not _other().search(text))


def of_word(word: str, language: str) -> tuple[str, ...]:
    """The terms of one word."""
    return _lexicon(language)[word]


def folded(word: str) -> str:
    """A word without case and diacritics."""
    word = word.casefold()
    if word.isascii():
        return word
    return unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFKD", word)))


def name(text: str) -> str:
    """A name as it is compared: its words, folded."""
    return " ".join(map(folded, found(text)))


def coded(term: str) -> str:
    """A term in [a-z0-9]; what would not fit, or could be mistaken for a code, is written in hex behind `qx`."""
    if _PLAIN.fullmatch(term) and not term.startswith(_CODE):
        return term
    return _CODE + term.encode(errors="replace").hex()


def decoded(term: str) -> str:
    """The term that was coded so."""
    return bytes.fromhex(term[len(_CODE) :]).decode(errors="replace") if term.startswith(_CODE) else term


class Lexicon(dict[str, tuple[str, ...]]):
    """word -> its terms in one language (ISO 639-1), made when they are first asked for: a text repeats most words.

    `surfaces`: of each word that was met and has a stem, the word, folded, and its term.
    """

    _MOST = 400_000

    def __init__(self, language: str) -> None:
        super().__init__()
        self._stem = _stemmer(language)
        self.surfaces: dict[str, str] = {}

    def terms(self, text: str) -> list[str]:
        """The terms of a text, in its order, as they are indexed."""
        return [term for word in found(text) for term in self[word]]

    def __missing__(self, word: str) -> tuple[str, ...]:
        made = tuple(coded(term[:LONGEST]) for term in self._made(word) if term)
        if len(self) < self._MOST:
            self[word] = made
        return made

    def _made(self, word: str) -> Iterator[str]:
        is_plain = _is_plain(word)
        if not is_plain and _character().match(word):
            yield from _grams(_character().findall(word))
            return
        if word.isalnum():
            yield self._stemmed(word)
            return
        if _FIGURE.fullmatch(word):
            yield _THOUSANDS.sub("", word).rstrip(".,:")
            return
        if _MARKED.search(word):
            whole = folded(word)
            yield whole
            if whole[0] == "v" and whole[1:2].isdigit():
                yield whole[1:]
        for part in (_ASCII_PART if word.isascii() else _plain_part() if is_plain else _part()).findall(word):
            # What an apostrophe cuts off ("l'", "'s") is no word.
            if len(part) > 1 or not part.isalpha() or not ("'" in word or "’" in word or "ʼ" in word):
                yield self._stemmed(part)

    def _stemmed(self, word: str) -> str:
        lower = word.casefold()
        term = folded(self._stem(lower)) or folded(lower)
        self.surfaces[folded(lower)[:LONGEST]] = coded(term[:LONGEST])
        return term


def _grams(characters: list[str]) -> Iterator[str]:
    """Each character, and each with its right neighbour; in this order a phrase is a run of them."""
    for at, character in enumerate(characters):
        yield character
        if at + 1 < len(characters):
            yield character + characters[at + 1]


@lru_cache(maxsize=64)
def _lexicon(language: str) -> Lexicon:
    return Lexicon(language)


def _stemmer(language: str) -> Any:
    import Stemmer  # type: ignore[import-not-found]

    name = SNOWBALL.get(language)
    if name is None or name not in Stemmer.algorithms():
        return str
    # It keeps what it was asked last, and here all of that is kept anyway.
    return Stemmer.Stemmer(name, 0).stemWord
