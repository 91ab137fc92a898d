"""Names of persons: titles, given names, and which form is short for which in one document.

"Mr. Bennet" is short for "Edward Bennet", never for "Mrs. Bennet".
This holds inside one source only: elsewhere "Ford" is a company.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files

from quern.names import words

HE = frozenset(
    "mr mister master sir lord monsieur herr señor signor don king prince duke count baron father brother uncle "
    "squire".split()
)
SHE = frozenset(
    "mrs ms miss mistress lady madam madame mme mademoiselle mlle frau fräulein doña señora señorita signora queen "
    "princess duchess countess baroness mother sister aunt".split()
)
TITLES = (
    HE
    | SHE
    | frozenset(
        "dr doctor prof professor rev reverend captain capt colonel col general gen major maj lieutenant sergeant judge "
        "justice saint st cousin parson pastor dame esq jr sr president senator minister chancellor old young poor dear "
        "little late".split()
    )
)


@lru_cache(maxsize=65536)
def parts(name: str) -> tuple[str, ...]:
    """The words of a name without titles, and without what is written small before it ("the amiable Miss Sedley")."""
    found = _from_capital(name)
    return tuple(word for word in found if word not in TITLES) or found


def _from_capital(name: str) -> tuple[str, ...]:
    tokens = name.split()
    for place, token in enumerate(tokens):
        if token[:1].isupper():
            return words(" ".join(tokens[place:]))
    return words(name)


def titles(name: str) -> frozenset[str]:
    """The titles in a name."""
    return frozenset(words(name)) & TITLES


def conflict(a: str, b: str) -> bool:
    """Whether the titles of two names cannot be one person's."""
    left, right = titles(a), titles(b)
    return bool((left & HE and right & SHE) or (left & SHE and right & HE))


def short(a: str, b: str) -> bool:
    """Whether one of two names is a short form of the other, both being said of persons in one document."""
    x, y = sorted((parts(a), parts(b)), key=len)
    if conflict(a, b) or not all(word.isalpha() for word in x + y) or min(map(len, x + y), default=0) < 2:
        return False
    if x == y:
        return titles(a) != titles(b) or len(x) > 1
    if len(x) == 1:
        return 2 <= len(y) <= 4 and (x[0] == y[-1] or alike(x[0], y[0])) and evident(a, b)
    return x[-1] == y[-1] and alike(x[0], y[0]) and evident(a, b)


def evident(*names: str) -> bool:
    """Whether a title or a given name shows that these are persons."""
    return any(titles(name) or (len(parts(name)) > 1 and parts(name)[0] in given()) for name in names)


def alike(a: str, b: str) -> bool:
    """Whether two given names are one, or one is the other's everyday form."""
    return a == b or not given().get(a, frozenset({a})).isdisjoint(given().get(b, frozenset({b})))


@cache
def given() -> dict[str, frozenset[str]]:
    """Every given name that we know, with the full names that it stands for."""
    full: dict[str, set[str]] = {}
    for line in (files("quern") / "data" / "given-names.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, *forms = line.split()
        for form in (name, *forms):
            full.setdefault(form, set()).add(name)
    return {name: frozenset(names) for name, names in full.items()}
