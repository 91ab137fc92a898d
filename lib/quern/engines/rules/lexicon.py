"""What the common words of a language do in a phrase: which of them end one, and which are no name on their own.

A language is a file of word groups in `data/lexicon/`:

* `verbs`: end a phrase, in any of their forms; one that is also a noun does so only where it stands as a verb.
* `empty`: adjectives, adverbs and numerals that belong to no term ("new", "several"): they end a phrase too.
* `adjectives`: may open a term ("natural language"), never close one, never stand alone.
* `nouns`: may stand anywhere in a term, never alone ("model", "system").
* `light`: of these nouns, the ones that make no term of the word before them either, unless they come back and back.
* `articles`: a noun is known by them.
* `links`: may stand between two words of a term ("theory of games", "banque de France").
* `titles`, `places`, `groups`, `works`, `concepts`: words that tell what kind of thing a name is (see `kinds`).
* `demonyms`: written with a capital and no names by themselves, as they tell whose or which ("Syrian", "Democratic").
* `boilerplate`: lines of navigation, not of text.

A language without a file gets its stop words only.
"""

from __future__ import annotations

import functools
import importlib.resources
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from quern.languages import stopwords

STEMMERS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian",
    "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch",
    "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish",
    "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip


# Regular endings of verbs. A form too many only costs a rare term; a form too few puts a verb into one.
ENDINGS: dict[str, dict[str, str]] = {
    "fr": {
        "er": "e es ent er ant é ée és ées ait aient era eront erait a èrent ons ez ons",
        "ir": "it is issent ir issant i ie is ies issait issaient ira iront issons issez",
        "re": "re t d s ent ant u ue us ues ait aient ra ront",
    },
    "es": {
        "ar": "a as an ar ó aron ado ada ados adas ando aba aban ará arán aría amos e en arse arlo arla",
        "er": "e es en er ió ieron ido ida idos idas iendo ía ían erá erán ería emos a an erse erlo",
        "ir": "e es en ir ió ieron ido ida idos idas iendo ía ían irá irán iría imos a an irse irlo",
    },
    "pt": {
        "ar": "a as am ar ou aram ado ada ados adas ando ava avam ará arão aria amos e em ar-se",
        "er": "e es em er eu eram ido ida idos idas endo ia iam erá erão eria emos a am",
        "ir": "e es em ir iu iram ido ida idos idas indo ia iam irá irão iria imos a am",
    },
    "it": {
        "are": "a ano are ò arono ato ata ati ate ando ava avano erà eranno iamo",
        "ere": "e ono ere é erono uto uta uti ute endo eva evano erà eranno iamo",
        "ire": "e ono ire ì irono ito ita iti ite endo iva ivano irà iranno iamo isce iscono",
    },
    "de": {
        "en": "en e t et st est te ten tet end ende enden ender",
        "ern": "ern ere ert erst erte erten ernd",
        "eln": "eln le elt elst elte elten elnd",
    },
}


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The common words of one language, casefolded."""

    language: str
    stop: frozenset[str] = frozenset()
    verbs: frozenset[str] = frozenset()  # never nouns
    either: frozenset[str] = frozenset()  # verbs and nouns
    participles: frozenset[str] = frozenset()
    empty: frozenset[str] = frozenset()
    adjectives: frozenset[str] = frozenset()
    nouns: frozenset[str] = frozenset()
    light: frozenset[str] = frozenset()
    articles: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()
    clues: dict[str, frozenset[str]] = field(default_factory=dict)
    demonyms: frozenset[str] = frozenset()
    boilerplate: frozenset[str] = frozenset()

    def common(self, word: str) -> bool:
        """Whether this casefolded word is too common to be a name on its own."""
        return (
            word in self.stop
            or word in self.nouns
            or word in self.verbs
            or word in self.either
            or word in self.empty
            or word in self.adjectives
            or word in self.participles
        )


@functools.lru_cache
def lexicon(language: str) -> Lexicon:
    """The lexicon of a language (ISO 639-1)."""
    groups = _read(language)
    verbs, participles = _forms(language, groups.get("verbs", []))
    nouns = frozenset(_plurals(language, groups.get("nouns", []) + groups.get("light", [])))
    empty = frozenset(groups.get("empty", []))
    adjectives = frozenset(groups.get("adjectives", []))
    clues = ("titles", "places", "groups", "works", "concepts")
    return Lexicon(
        language=language,
        stop=stopwords(language),
        verbs=verbs - nouns - adjectives,
        either=verbs & nouns,
        participles=participles - nouns - adjectives,
        empty=empty,
        adjectives=adjectives,
        nouns=nouns,
        light=frozenset(_plurals(language, groups.get("light", []))),
        articles=frozenset(groups.get("articles", [])),
        links=frozenset(groups.get("links", [])),
        clues={clue: frozenset(_plurals(language, groups.get(clue, []))) for clue in clues},
        demonyms=frozenset(_plurals(language, groups.get("demonyms", []))),
        boilerplate=frozenset(groups.get("boilerplate", [])),
    )


@functools.lru_cache
def stemmer(language: str) -> Callable[[str], str]:
    """A function from a casefolded word to its stem; it gives the word itself where no stemmer is known."""
    name = STEMMERS.get(language)
    if language == "ko":
        return _without_particle
    if name is None:
        return str
    import Stemmer  # type: ignore[import-not-found]

    stem: Callable[[str], str] = Stemmer.Stemmer(name).stemWord
    return stem


def _without_particle(word: str) -> str:
    """A Korean word without the particle at its end, if two syllables are left."""
    for particle in _PARTICLES:
        if word.endswith(particle) and len(word) - len(particle) >= 2:
            return word[: -len(particle)]
    return word


_PARTICLES = """
    에서는 으로는 에게서 이라는 에서 으로 에게 까지 부터 처럼 보다 라는 이나 에는 과의 와의 이란
    은 는 이 가 을 를 의 에 로 와 과 도 만 란
""".split()  # noqa: SIM905  (so that it can be read)


def number(language: str) -> Callable[[str], str]:
    """A function from a casefolded word to its singular: less than a stem, so that "firma" is not "firmar"."""
    return {"en": _single_en, "es": _single_es, "pt": _single_pt, "fr": _single_fr}.get(language, stemmer(language))


def single(word: str) -> str:
    """The singular of a lower-case English word, by rule."""
    return _single_en(word)


_NO_PLURALS = frozenset(
    [
        "lens",
        "always",
        "canvas",
        "atlas",
        "gas",
        "bus",
        "alias",
        "bias",
        "chaos",
        "kudos",
        "news",
        "series",
        "species",
        "perhaps",
        "thus",
        "axis",
        "basis",
        "christmas",
        "texas",
        "pancreas",
        "dies",
        "lies",
        "ties",
        "pies",
        "yes",
        "his",
        "its",
        "this",
        "was",
        "has",
        "does",
        "goes",
        "means",
        "less",
        "james",
        "charles",
    ]
)

_IES = frozenset({"movies", "cookies", "zombies", "selfies", "brownies"})


def _single_en(word: str) -> str:
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is", "ics")) or word in _NO_PLURALS:
        return word
    if word == "lenses":
        return "lens"
    if word.endswith("ies"):
        return word[:-3] + "y" if len(word) > 4 and word not in _IES else word[:-1]
    return word[:-2] if word.endswith(("ches", "shes", "sses", "xes", "zzes")) and word != "caches" else word[:-1]


def _single_es(word: str) -> str:
    if word.endswith(("ciones", "siones")):
        return word[:-4] + "ón"
    if len(word) > 4 and word.endswith("es") and word[-3] in "rlndzj":
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] in "aeoáéó" else word


def _single_pt(word: str) -> str:
    if word.endswith(("ções", "sões")):
        return word[:-3] + "ão"
    if len(word) > 4 and word.endswith("es") and word[-3] in "rz":
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] in "aeo" else word


def _single_fr(word: str) -> str:
    if len(word) > 4 and word.endswith("aux") and not word.endswith("eaux"):
        return word[:-3] + "al"
    return word[:-1] if len(word) > 3 and word[-1] in "sx" and word[-2] not in "si" else word


def _read(language: str) -> dict[str, list[str]]:
    """The groups of a language's file. Lines of `boilerplate` and `links` are phrases, all others lists of words."""
    file = importlib.resources.files("quern").joinpath("data", "lexicon", f"{language}.txt")
    if not language.isalpha() or not file.is_file():
        return {}
    groups: dict[str, list[str]] = {}
    name = ""
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            name = line[1:-1]
        elif line and not line.startswith("#"):
            groups.setdefault(name, []).extend([line] if name == "boilerplate" else line.split())
    return groups


def _forms(language: str, verbs: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """All forms of these verbs, and among them those that may also be adjectives (English past participles)."""
    forms: set[str] = set()
    participles: set[str] = set()
    for verb in verbs:
        forms.add(verb)
        if language == "en":
            forms.update((_s(verb), f"{_stem(verb, 'ing')}ing"))
            participles.add(f"{_stem(verb, 'ed')}ed")
        for ending, endings in ENDINGS.get(language, {}).items():
            if verb.endswith(ending):
                stem = verb[: -len(ending)]
                forms.update(stem + other for other in endings.split())
                if language == "de":
                    forms.update((f"ge{stem}t", f"ge{stem}en"))
    return frozenset(forms), frozenset(participles)


def _plurals(language: str, nouns: Iterable[str]) -> Iterable[str]:
    """These nouns and their plurals. Only English is inflected: other files give the forms that they want."""
    for noun in nouns:
        yield noun
        if language == "en":
            yield _s(noun)


def _s(word: str) -> str:
    if word.endswith(("s", "x", "z", "ch", "sh", "o")):
        return word + "es"
    return word[:-1] + "ies" if word.endswith("y") and word[-2:-1] not in set("aeiou") else word + "s"


def _stem(verb: str, ending: str) -> str:
    if verb.endswith(("ee", "ie", "oe", "ye")) and ending == "ed":
        return verb[:-1]  # agreed, dyed
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")) and (ending == "ed" or not verb.endswith("ie")):
        return verb[:-1]
    if verb.endswith("ie") and ending == "ing":
        return verb[:-2] + "y"
    if verb.endswith("y") and ending == "ed" and verb[-2:-1] not in set("aeiou"):
        return verb[:-1] + "i"
    short = len(verb) <= 4 or verb.endswith(("mit", "fer", "pel", "cur", "gin", "get"))
    doubles = verb[-1] not in set("aeiouwxyh") and verb[-2:-1] in set("aeiou") and verb[-3:-2] not in set("aeiou")
    return verb + verb[-1] if short and doubles and verb not in {"open", "offer", "edit", "omit", "suffer"} else verb
