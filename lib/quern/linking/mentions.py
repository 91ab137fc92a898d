"""What one source speaks of: each name with its other spellings and all that is said of it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from quern import names
from quern.linking.plans import Grams
from quern.names import persons
from quern.records import Claim

# Spellings of one source that are compared with each new one.
NEAR = 20
Apart = Callable[[str, str], bool]


@dataclass(slots=True)
class Mention:
    """One name in one source, with all that the source says of it."""

    name: str
    type: str
    aliases: dict[str, None] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    weight: float = 0.0
    # Short forms of persons, which are good in this source only.
    shorts: dict[str, None] = field(default_factory=dict)

    def called(self) -> list[str]:
        return [self.name, *self.aliases]

    def title(self) -> str:
        """A concept begins with a capital, as titles do; what is written in its own way stays so ("node.js")."""
        first = self.name.split(" ", 1)[0]
        if self.type == "entity" or not first.isalpha() or not first.islower():
            return self.name
        return self.name[0].upper() + self.name[1:]

    def rank(self) -> tuple[bool, float, str, str]:
        """What is defined comes first, then the weightiest."""
        return not self.definitions(), -self.weight, self.name, self.type

    def definitions(self) -> list[Claim]:
        """The claims that say what it is."""
        own = {names.normal(name) for name in (*self.called(), *self.shorts)}
        told = [claim for claim in self.claims.values() if not _introduces_another(claim, own)]
        return [claim for claim in told if defines(claim, own) or _defines_first(claim, own)]


def defines(claim: Claim, called: set[str]) -> bool:
    """Whether a claim says what the thing is that is called so (in normal forms)."""
    about = {names.normal(name.name) for name in claim.names if name.about}
    if claim.role != "definition" or (about and about.isdisjoint(called)):
        return False
    return len(about) == 1 or any(_begins(claim.text, name) for name in called)


def _defines_first(claim: Claim, called: set[str]) -> bool:
    # As an engine tells it: what a claim defines is the first that it is about. A page has its names in no such order.
    first = next((name.name for name in claim.names if name.about), None)
    return claim.role == "definition" and first is not None and names.normal(first) in called


def _introduces_another(claim: Claim, called: set[str]) -> bool:
    """Does it say only by the way what something is: "The CDC told it to Weibo, a network of China, …"?"""
    first = next((name.name for name in claim.names if name.about), None)
    if claim.role != "definition" or first is None or names.normal(first) in called:
        return False
    return re.search(rf"(?<!\w){re.escape(first)}(?!\w)(?: \([^()]*\))?,", claim.text) is not None


def _begins(text: str, name: str) -> bool:
    # After an article, which may be one that names keep.
    found, size = names.words(text), len(name.split())
    return any(names.singular(" ".join(found[at : at + size])) == names.singular(name) for at in (0, 1))


def mentions(claims: Sequence[Claim], fuzzy: float, apart: Apart = lambda _one, _other: False) -> list[Mention]:
    """The names that the claims are about, each spelling with the others of the same thing, best first.

    `apart` tells of two names whether they are known to be those of two things.
    """
    spelt: dict[tuple[str, str], Mention] = {}
    aliases: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for claim in claims:
        for name in claim.names:
            key = names.normal(name.name), name.type
            aliases[key].update(dict.fromkeys(name.aliases))
            if name.about:
                mention = spelt.setdefault(key, Mention(name.name, name.type, aliases[key]))
                mention.claims.setdefault(claim.id, claim)
                mention.weight = max(mention.weight, name.weight)
    united = _unite(sorted(spelt.values(), key=_fullest), fuzzy, apart)
    order = {claim.id: at for at, claim in reversed(list(enumerate(claims)))}
    for mention in united:
        mention.claims = dict(sorted(mention.claims.items(), key=lambda item: order[item[0]]))
        mention.aliases.pop(mention.name, None)
    return sorted(united, key=lambda mention: (-mention.weight, mention.name, mention.type))


def _fullest(mention: Mention) -> tuple[int, float, str, str]:
    return -len(persons.parts(mention.name)), -mention.weight, mention.name, mention.type


def _unite(spelt: Sequence[Mention], fuzzy: float, apart: Apart) -> list[Mention]:
    """Each spelling joins the fullest one that it is the same as: the same rule as `names.cluster`, by look-up."""
    united: list[Mention] = []
    by_key: dict[str, list[Mention]] = defaultdict(list)
    grams = Grams()
    for mention in spelt:
        near = [(key, united[int(at)]) for key, at in grams.near(names.normal(mention.name), NEAR)]
        near = [(key, other) for key, other in near if other.type == mention.type]
        home = next(
            (other for other in _homes(mention, by_key, near, fuzzy) if not apart(mention.name, other.name)), None
        )
        if home is None:
            grams.add(names.normal(mention.name), str(len(united)))
            united.append(mention)
            home = mention
        else:
            _join(home, mention)
        for name in mention.called():
            for key in names.keys(name):
                if home not in by_key[key]:
                    by_key[key].append(home)
    return united


def _homes(
    mention: Mention, by_key: dict[str, list[Mention]], near: list[tuple[str, Mention]], fuzzy: float
) -> Iterator[Mention]:
    """Those that a mention may be another spelling of, the likeliest first."""
    own = {names.normal(name): None for name in mention.called()}
    yield from (other for key in own for other in by_key.get(key, ()) if exact(key, other.called()))
    yield from (
        other for key in names.keys(mention.name) for other in by_key.get(key, ()) if other.type == mention.type
    )
    yield from (other for key, other in names.nearest(mention.name, near) if names.same(mention.name, key, fuzzy))
    yield from (other for _, other in near if names.derived(mention.name, other.name))
    long = [other for _, other in near if mention.type == "entity" and _is_short(mention, other)]
    # "Democrats" is no surname where there are Virginia Democrats and Kentucky Democrats.
    alike = [other for _, other in near if other.name.endswith(f" {mention.name}")]
    yield from long if len(long) == 1 and len(alike) < 2 else ()


def exact(key: str, called: Iterable[str]) -> bool:
    """Whether one of these names has this normal form."""
    return any(names.normal(name) == key for name in called)


def _is_short(mention: Mention, other: Mention) -> bool:
    # What a source defines by itself ("Ford is a car maker") is not short for a person, nor is what has a number.
    if any(character.isdigit() for character in mention.name + other.name):
        return False
    return persons.short(mention.name, other.name) and not mention.definitions()


def _join(home: Mention, mention: Mention) -> None:
    if mention.type == home.type == "entity" and persons.is_short_form(mention.name, home.name):
        home.shorts[mention.name] = None
    else:
        home.aliases.update(dict.fromkeys([mention.name]))
    home.aliases.update(mention.aliases)
    home.claims.update(mention.claims)
    home.weight = max(home.weight, mention.weight)
