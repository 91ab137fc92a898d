"""How one claim stands to another.

`same` is all there is without a model and without reading figures: two wordings of one statement.
It may miss many, but must never unite two that differ in anything that is said.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from quern import quantities
from quern.languages import stopwords
from quern.names import listed

# Words that a sentence can have or lack and still say the same. Everything else counts, stop words too:
# "after", "without", "only", "can" and "or" are what a sentence says.
_FREE = {
    "en": "a an the is are was were be been being has have had and that this these those also too thus there",
    "de": "der die das den dem des ein eine einen einem einer eines ist sind war waren hat haben hatte hatten und auch",
    "fr": "le la les l un une des du d de est sont était étaient a ont avait avaient et aussi",
    "es": "el la los las un una unos unas es son está están era eran ha han había y e también de",
}
FREE = {language: listed(free) for language, free in _FREE.items()}
# Then and now are not the same: a form of "to be" or "to have" may be missing, but not be another's.
_THEN = listed("was were had war waren hatte hatten était étaient avait avaient era eran había")
_NOW = listed("is are has have ist sind hat haben est sont a ont es son está están ha han")
# What can stand before a phrase that moves: "In 1966 it opened" says what "It opened in 1966" says.
_MOVING = listed(
    "in on at since during until by after before im am um seit während bis nach vor en à au aux depuis pendant dès "
    "avant après desde durante hasta antes"
)
# Endings that make another word, not another form of it; a stemmer takes them off all the same.
_DERIVED = (
    "ity",
    "al",
    "ation",
    "ment",
    "ness",
    "ly",
    "able",
    "ous",
    "ist",
    "ism",
    "er",
    "or",
    "ive",
    "ance",
    "ence",
    "y",
)
# Words that stand in definitions of anything.
_COMMON = listed(
    "first last new old one two large larger largest small smaller smallest great main major kind type form part name "
    "use used using call called known world most many often also made make year"
)
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+")
_TOKEN = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*(?:[.'’&/-][^\W_]+)*[+#]*|[%‰°$€£¥<>=≤≥±×÷?~≈→]")
_SNOWBALL = {
    "en": "english", "de": "german", "fr": "french", "es": "spanish", "it": "italian", "pt": "portuguese",
    "nl": "dutch", "ru": "russian",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Word:
    text: str  # as written
    key: str  # folded; a number by its value, a date in ISO


@lru_cache(maxsize=4096)
def same(a: str, b: str, language: str) -> bool:
    """Whether two wordings say one thing.

    They do if neither has a content word, number (by value), name, negation, or limiting word that the other lacks,
    and these stand in the same order, but for a phrase of time or place that is put first.
    Case, punctuation, articles, auxiliaries and inflection do not count.
    """
    if _folded(a) == _folded(b):
        return True
    if signature(a, language) != signature(b, language):
        return False
    left, right = _words(a, language), _words(b, language)
    if not left:
        return False
    if _tense(a, language) != _tense(b, language) and _tense(a, language) and _tense(b, language):
        return False
    turned = (right[at:] + right[:at] for at in range(len(right)) if at == 0 or _may_move(right, at))
    return any(_match(left, other, language) for other in turned)


@lru_cache(maxsize=65536)
def signature(text: str, language: str) -> tuple[str, ...]:
    """What two texts have in common if they can be `same`: to look one up among many."""
    return tuple(sorted(stem(word.key, language) for word in _words(text, language)))


@lru_cache(maxsize=65536)
def content(text: str, language: str) -> frozenset[str]:
    """The stems of the words that carry the subject of a text."""
    common = stopwords(language) | _COMMON
    found = (key for _, _, key in _keyed(text, language) if key not in common and any(char.isalpha() for char in key))
    return frozenset(stem(key, language) for key in found)


def agree(a: str, b: str, around: tuple[Iterable[str], Iterable[str]], name: str, language: str) -> bool:
    """Whether two definitions of one name can be of one thing.

    They cannot if they have no word in common but the name,
    and neither uses a word that the other's side uses anywhere in what it says (`around`: what each side says).
    """
    own = content(name, language)
    left, right = content(a, language) - own, content(b, language) - own
    if not left or not right or left & right:
        return True
    said_a = frozenset().union(*(content(text, language) for text in around[0]))
    said_b = frozenset().union(*(content(text, language) for text in around[1]))
    return bool(left & said_b or right & said_a)


def _folded(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold().translate(str.maketrans("’‘“”–—", "''\"\"--"))
    return " ".join(text.replace("[", "").replace("]", "").split()).rstrip(" .")


def _words(text: str, language: str) -> list[_Word]:
    """The words that count, numbers and dates folded to their values, in order."""
    return [
        _Word(token, key)
        for token, value, key in _keyed(text, language)
        if value is not None or not _is_free(token, key, language)
    ]


def _keyed(text: str, language: str) -> Iterator[tuple[str, str | None, str]]:
    for start, end, value in _pieces(text, language):
        token = text[start:end]
        yield (
            token,
            value,
            value or unicodedata.normalize("NFKC", token).casefold().replace("’", "'").removesuffix("'s"),
        )


def _is_free(token: str, key: str, language: str) -> bool:
    # "US", "IS" or "A" in capitals is a name, unless everything is.
    shouted = len(token) > 1 and token.isupper()
    return key in FREE.get(language, frozenset()) and not shouted


def _pieces(text: str, language: str) -> list[tuple[int, int, str | None]]:
    pieces: list[tuple[int, int, str | None]] = [
        (date.start, date.end, date.iso) for date in quantities.dates(text, language)
    ]
    digits = quantities.numbers(text, language)
    words = [
        number
        for number in quantities.spelt(text, language)
        # "A third" is not quite 33 %, and "3 hundred" is read with its digits.
        if not (number.unit == "%" and number.value % 25)
        and not any(number.start < other.end and other.start < number.end for other in digits)
    ]
    values = [(number.start, number.end, _value(number, text, language)) for number in (*digits, *words)]
    tokens = [(match.start(), match.end(), None) for match in _TOKEN.finditer(text)]
    for finds in (values, tokens):
        pieces += [find for find in finds if not any(find[0] < end and start < find[1] for start, end, _ in pieces)]
    return sorted(pieces)


def _value(number: quantities.Quantity, text: str, language: str) -> str:
    # "Python 3.10" is not "Python 3.1": without a unit a decimal may be a version and is compared as written.
    literal = text[number.start : number.end]
    is_grouped = language in quantities.COMMA_DECIMAL and _GROUPED.fullmatch(literal)
    if number.unit is None and "." in literal and not is_grouped:
        return literal
    dimension, value = quantities.in_base(number.value, number.unit) if number.unit else ("", number.value)
    return f"{value.normalize():f} {dimension}".rstrip()


def _tense(text: str, language: str) -> frozenset[str]:
    words = set(re.findall(r"[^\W\d_]+", text.casefold())) & FREE.get(language, frozenset())
    return frozenset(name for name, forms in (("then", _THEN), ("now", _NOW)) if words & forms)


def _match(left: Sequence[_Word], right: Sequence[_Word], language: str) -> bool:
    return all(x.key == y.key or _inflected(x, y, language) for x, y in zip(left, right, strict=True))


def _may_move(right: Sequence[_Word], at: int) -> bool:
    # One of the two blocks must be a phrase with its preposition, which is a word that counts and so moves along.
    return right[at].key in _MOVING or right[0].key in _MOVING


def _inflected(x: _Word, y: _Word, language: str) -> bool:
    if not x.key.isalpha() or not y.key.isalpha() or min(len(x.key), len(y.key)) < 3:
        return False
    # Names do not inflect, but for the genitive, which is gone by now; in German any noun may look like a name.
    if language != "de" and x.text[0].isupper() and y.text[0].isupper():
        return False
    for ending in _DERIVED:
        if x.key.endswith(ending) != y.key.endswith(ending) and abs(len(x.key) - len(y.key)) != 1:
            return False
    return stem(x.key, language) == stem(y.key, language)


@lru_cache(maxsize=65536)
def stem(word: str, language: str) -> str:
    """The stem of a folded word; in a language without a stemmer, the word."""
    return str(_stemmer(language).stemWord(word)) if language in _SNOWBALL and word.isalpha() else word


@lru_cache(maxsize=16)
def _stemmer(language: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - the library has no types
    import Stemmer  # type: ignore[import-not-found]

    return Stemmer.Stemmer(_SNOWBALL[language])
