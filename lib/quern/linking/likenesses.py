"""Names without a page that may be those of a thing which has one, where the rules are sure neither way.

A judge is asked about them, if there is one: VW and Volkswagen, Rance and La Rance, a name and its misspelling. Only a
thing with a name of its own is asked about: of a term its definition tells, and two terms have much of that in common.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from quern import claims as checks
from quern import names
from quern.judgements import Names, Thing
from quern.linking.mentions import Mention
from quern.linking.plans import Plan, Topic
from quern.linking.worthiness import ASIDES
from quern.names import persons
from quern.names.spelling import plain
from quern.records import Claim
from quern.relations import proof
from quern.schema import Schema

QUESTIONS = 8
"""Asked about the names of one source, at most."""
_PAGES = 2  # pages that are asked about for one name
_CLAIMS = 3  # sentences that are shown of each
_LOOKED = 20, 200  # claims of a name, and of a page, among which these are looked for
_NEAR = 200  # pages for whose names a name may be short
_LONGEST = 80  # letters of these
_ALIKE = 80.0  # as `names.likeness` tells
_ABBREVIATION = 5  # letters
_TERM = "concept"

MayBe = Callable[[Mention, Topic], bool]


def homes(
    unknown: Sequence[Mention], plan: Plan, schema: Schema, language: str, may_be: MayBe
) -> list[tuple[Mention, Topic]]:
    """The names (of those that have no page) that a judge finds to be other names of pages, and these.

    `may_be`: whether nothing speaks against a page. Of a name that is said to be two things nothing is told.
    """
    if plan.judge is None:
        return []
    asked = [
        (mention, topic, question)
        for mention in unknown
        if mention.type != _TERM
        for topic, question in _questions(mention, plan, schema, language, may_be)
    ][:QUESTIONS]
    said = plan.judge.one_thing([question for *_, question in asked])
    found = [(mention, topic) for (mention, topic, _), is_one in zip(asked, said, strict=True) if is_one]
    return [(mention, topic) for mention, topic in found if sum(other is mention for other, _ in found) == 1]


def may_be_one(a: str, b: str) -> bool:
    """Whether two names may be those of one thing, as far as spelling tells.

    Numbers and initials must agree, and of persons all words but one that is misspelt: "A. Sims" is not "Ada Sims", and
    a lone surname is anybody's.
    """
    left, right = names.words(a), names.words(b)
    if _fixed(left) != _fixed(right) or not left or not right:
        return False
    if persons.evident(a) or persons.evident(b):
        return _may_be_one_person(a, b)
    if set(left) < set(right) or set(right) < set(left):
        return True
    return _abbreviates(a, b) or _abbreviates(b, a) or names.likeness(a, b) >= _ALIKE


def _fixed(words: Iterable[str]) -> list[str]:
    return sorted(word for word in words if len(word) == 1 or any(map(str.isdigit, word)))


def _may_be_one_person(a: str, b: str) -> bool:
    left, right = persons.parts(a), persons.parts(b)
    if len(left) != len(right) or len(left) < 2 or persons.conflict(a, b):
        return False
    other = [(x, y) for x, y in zip(left, right, strict=True) if x != y]
    return len(other) == 1 and persons.may_be_one(*other[0]) and names.likeness(*other[0]) >= _ALIKE


def _abbreviates(short: str, long: str) -> bool:
    """Whether a few capitals may stand for a name: its initials, or letters of its one word in their order."""
    if not short.isupper() or not short.isalpha() or not 1 < len(short) <= _ABBREVIATION:
        return False
    key = plain(names.without_legal(names.normal(long)))
    if names.is_acronym(short, key):
        return True
    words = names.words(key)
    letters = iter(words[0] if len(words) == 1 else "")
    return bool(words) and words[0][0] == short[0].lower() and all(letter in letters for letter in short.lower())


def _questions(
    mention: Mention, plan: Plan, schema: Schema, language: str, may_be: MayBe
) -> Iterator[tuple[Topic, Names]]:
    found = 0
    for topic in _near(mention, plan, schema):
        if found == _PAGES or not may_be(mention, topic):
            continue
        question = _question(mention, topic, plan, language)
        if question is not None:
            found += 1
            yield topic, question


def _near(mention: Mention, plan: Plan, schema: Schema) -> list[Topic]:
    """The pages of which a name is like this one, the likest first."""
    near = [topic for _, topic in plan.near(mention.name, schema.names.candidates)]
    near += _abbreviations(mention.name, plan)
    alike = {
        topic.path: (max(names.likeness(mention.name, name) for name in called), topic)
        for topic in near
        if (called := [name for name in topic.called() if may_be_one(mention.name, name)])
    }
    return [topic for _, (_, topic) in sorted(alike.items(), key=lambda item: (-item[1][0], item[0]))]


def _abbreviations(name: str, plan: Plan) -> Iterator[Topic]:
    """The pages for whose names a name may be short, and those whose names may be short for it."""
    key = names.normal(name)
    if name.isupper() and name.isalpha() and 1 < len(key) <= _ABBREVIATION:
        yield from plan.spelt("".join(f"{letter}*" for letter in key), _LONGEST, _NEAR)
    if key[:1].isalpha():
        yield from plan.spelt(f"{key[0]}*", _ABBREVIATION, _NEAR)


def _question(mention: Mention, topic: Topic, plan: Plan, language: str) -> Names | None:
    """The question with those sentences of both that tell most; None if there are none that could show anything."""
    called = mention.called(), topic.called()
    own = [claim for claim in mention.claims.values() if _tells(claim, called[0])][: _LOOKED[0]]
    theirs = [claim for claim in plan.standing(topic, _LOOKED[1]) if _tells(claim, called[1])]
    meets: Counter[str] = Counter()
    for one in own:
        for other in theirs:
            if proof.meet(one.text, other.text, (*called[0], *called[1]), language):
                meets.update((one.id, other.id))
    if not meets:
        return None
    sides = [sorted(claims, key=lambda claim: (-meets[claim.id], claim.id))[:_CLAIMS] for claims in (own, theirs)]
    texts = [tuple(claim.text for claim in claims) for claims in sides]
    first = Thing(mention.name, mention.type, tuple(mention.aliases), texts[0])
    return Names(first, Thing(topic.title, topic.type, tuple(topic.aliases), texts[1]), language)


def _tells(claim: Claim, called: Iterable[str]) -> bool:
    return claim.role not in ASIDES and any(checks.occurs(name, claim.text) for name in called)
