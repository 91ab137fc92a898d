"""Languages: which one a text is in, its words in any script, and the words that carry no subject."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Iterator

# Python's \w knows letters and digits but no combining marks, so words in half of the world's scripts would fall apart.
MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0711-\u07f3\u07fd\u0816-\u082d\u0859-\u085b\u0898-\u08e1\u08e3-\u0963"
    "\u0981-\u09e3\u09fe-\u0a75\u0a81-\u0ae3\u0afa-\u0b63\u0b82-\u0bd7\u0c00-\u0c63\u0c81-\u0c83\u0cbc-\u0d4d"
    "\u0d57-\u0d63\u0d81-\u0df3\u0e31-\u0e3a\u0e47-\u0e4e\u0eb1-\u0ecd\u0f18\u0f19\u0f35\u0f37\u0f39\u0f3e-\u0f84"
    "\u0f86-\u0fbc\u0fc6\u102b-\u103e\u1056-\u109d\u135d-\u135f\u1712-\u1734\u1752-\u17d3\u17dd\u180b-\u180d"
    "\u180f-\u193b\u1a17-\u1a1b\u1a55-\u1a7f\u1ab0-\u1b44\u1b6b-\u1b73\u1b80-\u1bf3\u1c24-\u1c37\u1cd0-\u1cd2"
    "\u1cd4-\u1dff\u20d0-\u20f0\u2cef-\u2cf1\u2d7f-\u2dff\u302a-\u302f\u3099\u309a\ua66f-\ua672\ua674-\ua67d"
    "\ua69e-\ua6f1\ua802-\ua827\ua82c\ua880-\ua8c5\ua8e0-\ua8f1\ua8ff-\ua92d\ua947-\ua953\ua980-\ua9c0\ua9e5-\uaa4d"
    "\uaa7b-\uaac1\uaaeb-\uaaef\uaaf5\uaaf6\uabe3-\uabea\uabec\uabed\ufb1e\ufe00-\ufe0f\ufe20-\ufe2f"
)
# Scripts written without blanks, in which a character (CJK) or a few (Thai and its neighbours) make a word.
CJK = "\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3041-\u3096\u309d-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff"
CJK += "\uff66-\uff9f\U00020000-\U0003fffd"
UNSPACED = "\u0e01-\u0e5b\u0e81-\u0edf\u1000-\u109f\u1780-\u17d3"


def _words_of(letter: str, marks: str) -> str:
    core = f"{letter}(?:{letter}|[{marks}\u200c\u200d])*"
    return (
        f"{core}(?:(?:['\u2019\u02bc.\\-\u2010\u2011_]|(?<=\\d),(?=\\d)){core})*"  # O'Brien, GPT-4, node.js, 3.5, 1,000
        r"(?:(?:\+\+|#)(?![^\W_]))?"  # C++, C#
    )


_WORDS = f"[{CJK}](?:[{CJK}]|[\u3099\u309a\ufe00-\ufe0f])*|" + _words_of(f"[^\\W_{CJK}]", MARKS)  # a run of CJK is one

# Classes of so many characters take milliseconds to compile, which not every program that starts should pay for.
_word, _cjk, _unspaced = (
    functools.cache(functools.partial(re.compile, pattern)) for pattern in (_WORDS, f"[{CJK}]", f"[{UNSPACED}]")
)
# A text without any of CJK has the same words without these classes.
_FIRST_CJK = CJK[0]
_plain_word = functools.cache(functools.partial(re.compile, _words_of("[^\\W_]", MARKS)))
_CHARACTERS_PER_WORD = 5  # of Thai, Lao, Khmer, Burmese: near enough to compare sizes

_WITH_STOPWORDS = ("en", "de", "fr", "es", "pt", "it", "nl", "ru")
_SAMPLE = 20_000  # characters that are looked at to tell a language
_SHARE = 0.3  # of the letters, from which a script decides; a Latin brand name in a Russian text does not
_LEAST_HITS = 2  # stop words that a short text must have to name its language

_FIRST_OTHER = "\u0370"
"""Of the letters that are not Latin, if signs from U+2000 to U+2DFF do not count."""
# The language that a script stands for when nothing in the text says which of its languages it is.
_SCRIPTS: tuple[tuple[str, str], ...] = (
    ("[\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f]", "ja"),
    ("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]", "ko"),
    ("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003fffd]", "zh"),
    ("[\u0400-\u052f]", "ru"),
    ("[\u0370-\u03ff\u1f00-\u1fff]", "el"),
    ("[\u0590-\u05ff]", "he"),
    ("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]", "ar"),
    ("[\u0900-\u097f]", "hi"),
    ("[\u0980-\u09ff]", "bn"),
    ("[\u0a00-\u0a7f]", "pa"),
    ("[\u0a80-\u0aff]", "gu"),
    ("[\u0b80-\u0bff]", "ta"),
    ("[\u0c00-\u0c7f]", "te"),
    ("[\u0c80-\u0cff]", "kn"),
    ("[\u0d00-\u0d7f]", "ml"),
    ("[\u0d80-\u0dff]", "si"),
    ("[\u0e00-\u0e7f]", "th"),
    ("[\u0e80-\u0eff]", "lo"),
    ("[\u1000-\u109f]", "my"),
    ("[\u10a0-\u10ff]", "ka"),
    ("[\u0530-\u058f]", "hy"),
    ("[\u1200-\u137f]", "am"),
    ("[\u1780-\u17ff]", "km"),
)
# Letters that only some languages of a script have.
_LETTERS: dict[str, tuple[tuple[str, str], ...]] = {
    "ru": (("[ўЎ]", "be"), ("[әғқңұүһ]", "kk"), ("[іїєґЇЄҐ]", "uk"), ("[ђћЂЋ]", "sr"), ("[ѓќЃЌ]", "mk")),
    "ar": (("[ٹڈڑںے]", "ur"), ("[پچژگ]", "fa")),
}
_BULGARIAN = re.compile(r"\b(?:е|на|са|от|за|ще|това|които|който|която)\b")
_RUSSIAN = re.compile(r"[ыэё]")

# A few frequent words each: enough to tell these from the languages that have a list of their own.
_MARKERS: dict[str, str] = {
    "sv": "och att det är som för inte med ett av den till på har jag men om var kan sig från",
    "da": "og at det er som ikke med et af den til på har jeg men om var kan sig fra der blev også",
    "nb": "og at det er som ikke med et av den til på har jeg men om var kan seg fra ble også etter",
    "fi": "ja on ei että se oli joka hän mutta ovat kun niin myös tai sen ole jos mitä kuin vain",
    "pl": "i w nie na że się z do jest to jak o po ale od za przez był jego są oraz które tym dla",
    "cs": "a v se na že je to s z do jako o po ale od za by jeho jsou které pro nebo byl při také",
    "sk": "a v sa na že je to s z do ako o po ale od za by jeho sú ktoré pre alebo bol pri tiež",
    "hu": "a az és hogy nem is egy volt de meg ez csak már még vagy mint el ami azt amely",
    "ro": "și în de la cu pe nu este care un o din pentru mai a fost sau prin după sunt ca să",
    "tr": "ve bir bu da de için ile çok olarak daha olan gibi kadar sonra ancak ise ne değil en",
    "ca": "i de la el que en a els les per amb un una és no del com però més són al aquest",
    "id": "yang dan di ini itu dengan untuk tidak dari dalam pada adalah akan ke juga oleh atau",
    "vi": "và của là có không được trong cho một người các đã với này những để khi từ về",
    "eo": "la kaj de en estas ne al por kun ke li mi ĝi sed kiel el pri tio ankaŭ",
}


def detect(text: str, default: str = "en") -> str:
    """The ISO 639-1 code of the language of a text, or `default` where nothing tells.

    The script decides first, then letters that few languages have, then counts of frequent words.
    """
    sample = text[:_SAMPLE]
    letters = sum(map(str.isalpha, sample))
    if not letters:
        return default
    if all(sign < _FIRST_OTHER or "\u2000" <= sign < "\u2e00" for sign in set(sample)):
        return _of_latin(sample, default)
    for pattern, language in _SCRIPTS:
        if len(re.findall(pattern, sample)) >= _SHARE * letters or (language == "ja" and _is_japanese(sample, letters)):
            return _of_script(language, sample)
    return _of_latin(sample, default)


@functools.cache
def stopwords(language: str) -> frozenset[str]:
    """Function words, pronouns, auxiliaries and pieces of contractions, casefolded; empty where there is no list."""
    if language not in _WITH_STOPWORDS:
        return frozenset()
    # Every search asks this, and importlib.resources would cost it more than all else here.
    path = os.path.join(os.path.dirname(__file__), "data", "stopwords", f"{language}.txt")
    with open(path, encoding="utf-8") as stream:
        return frozenset(word.casefold() for word in stream.read().split())


def words(text: str) -> list[str]:
    """The words of a text in any script, as written: `C++`, `node.js`, `GPT-4`, `O'Brien`, `3.5`.

    A run of Chinese or Japanese is one word here, for want of blanks; a change to Latin letters ends it.
    """
    return _finder(text)().findall(text)


def _finder(text: str) -> Callable[[], re.Pattern[str]]:
    return _word if not text.isascii() and max(text) >= _FIRST_CJK else _plain_word


def count_words(text: str) -> int:
    """How many words a reader would count; each Chinese or Japanese character is one."""
    count = 0
    for word in words(text):
        if word.isascii():
            count += 1
        elif word[0] >= _FIRST_CJK and _cjk().match(word):
            count += len(word)
        elif _unspaced().match(word):
            count += -(-len(word) // _CHARACTERS_PER_WORD)
        else:
            count += 1
    return count


def _is_japanese(sample: str, letters: int) -> bool:
    kana = len(re.findall(_SCRIPTS[0][0], sample))
    return kana > 0.05 * letters and len(_cjk().findall(sample)) >= _SHARE * letters


def _of_script(language: str, sample: str) -> str:
    for pattern, other in _LETTERS.get(language, ()):
        if len(re.findall(pattern, sample)) > len(sample) / 400:
            return other
    if language == "ru" and not _RUSSIAN.search(sample) and len(_BULGARIAN.findall(sample)) > len(sample) / 60:
        return "bg"
    return language


def _of_latin(sample: str, default: str) -> str:
    tokens = [word.casefold().replace("\u2019", "'") for word in words(sample)]
    best, most = default, _LEAST_HITS - 1.0
    for language, known in _latin():
        # Function words differ in number from list to list, so what counts is how much of the text they cover;
        # words of one letter are shared by too many languages to count as much.
        hits = sum(1.0 if len(word) > 1 else 0.4 for word in tokens if word in known)
        if hits > most or (hits == most and language == default):
            best, most = language, hits
    return best


def _latin() -> Iterator[tuple[str, frozenset[str]]]:
    for language in _WITH_STOPWORDS:
        if language != "ru":
            yield language, stopwords(language)
    for language, markers in _MARKERS.items():
        yield language, frozenset(markers.split())
