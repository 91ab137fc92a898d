"""Names of persons: titles, given names, and which form is short for which in one document.

"Mr. Bennet" is short for "Edward Bennet", never for "Mrs. Bennet".
This holds inside one source only: elsewhere "Ford" is a company.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files

from quern.names.forms import listed, words
from quern.names.spelling import plain

HE = listed(
    "mr mister master sir lord monsieur herr señor signor don king prince duke count baron father brother uncle squire"
)
SHE = listed(
    "mrs ms miss mistress lady madam madame mme mademoiselle mlle frau fräulein doña señora señorita signora queen "
    "princess duchess countess baroness mother sister aunt"
)
EPITHETS = listed("old young poor dear little late great good honest cousin")
TITLES = (
    HE
    | SHE
    | EPITHETS
    | listed(
        "dr doctor prof professor rev reverend captain capt colonel col general gen major maj lieutenant sergeant "
        "judge justice saint st parson pastor dame esq jr sr president senator minister chancellor"
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


@lru_cache(maxsize=65536)
def sexes(name: str) -> frozenset[str]:
    """What a name can be, `men` or `women`, by its title or else by its given name; both, if neither tells."""
    addressed = titles(name)
    if bool(addressed & HE) != bool(addressed & SHE):
        return frozenset({"men" if addressed & HE else "women"})
    _, sex = given()
    return sex.get(parts(name)[0], frozenset()) or frozenset({"men", "women"}) if parts(name) else frozenset()


def conflict(a: str, b: str) -> bool:
    """Whether two names cannot be one person's: he and she, Miss and Mrs."""
    married = {"mrs", "mistress", "madame", "mme"}
    for left, right in ((titles(a), titles(b)), (titles(b), titles(a))):
        if "miss" in left and right & married:
            return True
    return sexes(a).isdisjoint(sexes(b))


@lru_cache(maxsize=65536)
def short(a: str, b: str) -> bool:
    """Whether one of two names is a short form of the other, both being said of persons in one document."""
    x, y = sorted((parts(a), parts(b)), key=len)
    if not set(x) & set(y) and not (x and y and alike(x[0], y[0])):
        return False
    if conflict(a, b) or not all(_letters(word) for word in x + y) or min(map(len, x + y), default=0) < 2:
        return False
    if x == y:
        left, right = titles(a) - EPITHETS, titles(b) - EPITHETS
        return len(x) > 1 or not left or not right or not left.isdisjoint(right)
    if len(x) == 1 and any(name.isupper() and len(name) < 4 for name in (a, b)):
        return False  # the US is no first name of the US Justice Department
    if len(x) == 1:
        return 2 <= len(y) <= 4 and (x[0] == y[-1] or alike(x[0], y[0])) and evident(a, b)
    return x[-1] == y[-1] and alike(x[0], y[0]) and evident(a, b)


def _letters(word: str) -> bool:
    return re.sub(r"(?<=\w)['’-](?=\w)", "", word).isalpha()


def is_short_form(name: str, of: str) -> bool:
    """Whether a name says less than another, of which it is short: no name for it in other documents."""
    return len(parts(name)) < len(parts(of)) and short(name, of)


def turned(a: str, b: str) -> bool:
    """Whether two names are a given name and a surname in the two orders ("Neumann Anna")."""
    x, y = words(a), words(b)
    known, _ = given()
    return len(x) == 2 and x == y[::-1] and (x[0] in known) != (x[1] in known)


def evident(*names: str) -> bool:
    """Whether a title or a given name shows that these are persons."""
    known, _ = given()
    return any(titles(name) or (" " in name and len(parts(name)) > 1 and parts(name)[0] in known) for name in names)


def may_be_one(a: str, b: str) -> bool:
    """Whether two words can be one, misspelt: not two given names, of which each is one."""
    known, _ = given()
    return a not in known or b not in known or alike(a, b)


def alike(a: str, b: str) -> bool:
    """Whether two given names are one, or one is the other's everyday form."""
    known, _ = given()
    return a == b or not known.get(a, frozenset()).isdisjoint(known.get(b, frozenset()))


@cache
def given() -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    """Every given name that we know: the full names that it stands for, and who bears it (`men`, `women`)."""
    full: dict[str, set[str]] = {}
    borne: dict[str, set[str]] = {}
    sex = {"men", "women"}
    for line in (files("quern") / "data" / "given-names.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            sex = {"men", "women"} & {line[2:]} or {"men", "women"}
            continue
        name, *forms = line.split()
        # "José" is written "Jose" in many an English text.
        for form in sorted({form for known in (name, *forms) for form in (known, plain(known))}):
            full.setdefault(form, set()).add(name)
            borne.setdefault(form, set()).update(sex)
    return {name: frozenset(found) for name, found in full.items()}, {k: frozenset(v) for k, v in borne.items()}
