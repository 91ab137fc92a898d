"""Is there enough to say of a name that somebody would look it up?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from quern import names
from quern.languages import count_words
from quern.linking import openings
from quern.linking.mentions import Mention
from quern.names import persons
from quern.records import Claim
from quern.schema import Pages

# Roles of claims that do not make a page of whom they name.
ASIDES = frozenset({"task", "question"})
# What one may want to know of a thing, though it be all that is known, if it is so and is not only said or thought.
HARD = frozenset({"figure", "event", "cause", "limit", "decision"})
STATED = frozenset({"asserted", "negated"})
# Words from which on a sentence may say so much.
FULL = 8
# So much more than `min_weight` weighs what may have a page for one claim, or for claims that only mention it;
# what a source is mainly about (a term recurs more easily than a proper name); and a common noun that it is all about.
A_FIND = 0.05
A_MAIN_SUBJECT = {"entity": 0.15}
A_MAIN_TERM = 0.25
A_THEME = 0.35
# Languages that write compounds as one word, and letters past which a word is surely one ("Gezeitenkraftwerk").
COMPOUNDING = frozenset({"da", "de", "fi", "hu", "nl", "no", "sv"})
SIMPLE = 14


def says_enough(mention: Mention, older: Sequence[Claim], around: Sequence[Claim], pages: Pages, language: str) -> bool:
    """Would a page of this name open with something that is said of it, and say something else besides?

    `older` is what earlier sources say of it, `around` all that its source says.
    What a person said or is to do tells of other things. One sentence is enough where it says what a thing is,
    or something hard of a name that weighs enough.
    """
    is_person = mention.type == "entity" and persons.evident(mention.name)
    if mention.definitions() and not is_person:
        return True
    told = {claim.id: claim for claim in (*mention.claims.values(), *older)}
    if mention.definitions():
        return len(told) >= pages.min_claims  # who is quoted once is introduced, too
    called = [mention.name, *mention.aliases, *mention.shorts]
    telling = [claim for claim in told.values() if claim.role not in ASIDES and claim.by not in called]
    opening = [claim for claim in telling if openings.opens(claim.text, called)]
    if not opening and not _is_told_by_the_way(mention, len(telling), pages):
        return False
    # Who a person is takes more than what one did on an occasion, unless the source is about this person.
    if is_person and mention.weight >= pages.min_weight + A_MAIN_SUBJECT["entity"]:
        return len(telling) >= pages.min_claims or len(told) > pages.min_claims
    if is_person:
        return len(telling) > pages.min_claims
    # Nor is a common noun, of which a text may speak throughout ("the disease"): what is one to look up there?
    if is_common(mention.name, mention.type, language):
        return (
            len(telling) >= pages.min_claims
            if mention.name[0].islower()
            else _is_a_theme(mention, telling, opening, pages)
        )
    if len(telling) >= pages.min_claims or _is_a_find(mention, opening, pages):
        return True
    return _naming(mention, around) >= pages.min_claims and any(_is_full(claim.text) for claim in opening)


def is_common(name: str, type_: str, language: str) -> bool:
    """Whether a name is one common noun; in languages that write compounds as one word, a short one."""
    if type_ == "entity" or " " in name or not name.isalpha() or name[1:] != name[1:].lower():
        return False
    if not any(character.isupper() or character.islower() for character in name):
        return False
    return language not in COMPOUNDING or len(name) <= SIMPLE


def _is_told_by_the_way(mention: Mention, telling: int, pages: Pages) -> bool:
    """Is so much said of a name in sentences about others that none needs to open with it?"""
    if mention.type != "entity" and telling <= pages.min_claims:
        return False
    most = mention.weight >= pages.min_weight + A_MAIN_SUBJECT.get(mention.type, A_MAIN_TERM)
    weighty = mention.weight >= pages.min_weight + A_FIND
    return weighty and telling >= (pages.min_claims if most else pages.min_claims + 1)


def _is_a_theme(mention: Mention, telling: Sequence[Claim], opening: Sequence[Claim], pages: Pages) -> bool:
    """Does the source come back to a common noun, as to what it speaks of, and not in passing?"""
    heavy = mention.weight >= pages.min_weight + A_THEME or len(telling) > 2 * pages.min_claims
    return len(telling) >= 2 * pages.min_claims - 1 and len(opening) >= (1 if heavy else pages.min_claims)


def _is_a_find(mention: Mention, opening: Sequence[Claim], pages: Pages) -> bool:
    """Is the one thing that is said of a weighty name worth a page by itself: a figure, say, and no opinion?"""
    if any(mention.name.endswith(f" {alias}") for alias in (*mention.aliases, *mention.shorts)):
        return False  # who is called by the last name alone is a person
    small = mention.name[1:] == mention.name[1:].lower() and any(map(str.islower, mention.name))
    if small and mention.type != "entity" and not _is_coined(mention.name):
        return False  # "All political parties spend on it" does not say what a political party is
    roles = HARD | {"fact"} if " " in mention.name or _is_coined(mention.name) else HARD
    return mention.weight >= pages.min_weight + A_FIND and any(
        claim.role in roles and claim.stance in STATED and _is_full(claim.text) and not _LABEL.match(claim.text)
        for claim in opening
    )


def _is_coined(name: str) -> bool:
    """Is it spelt as nothing but a name is: `HTLC`, `Base58`, `MeyGen`?"""
    if any(map(str.isdigit, name)):
        return True
    return len(name) > 2 and name.isalnum() and name[1:] != name[1:].lower()


def _is_full(text: str) -> bool:
    return count_words(text) >= FULL and text.rstrip().rstrip("\"'”’»)]").endswith(
        (".", "!", "…", "。", "！", "।", "؟")
    )


# "Ada Lovelace: the mill grinds what it is given" says nothing of Ada Lovelace.
_LABEL = re.compile(r"[^:.!?]{1,60}:\s")


def _naming(mention: Mention, around: Sequence[Claim]) -> int:
    """How many claims of the source but one name it, though they may be about other things."""
    called = {names.normal(name) for name in (*mention.called(), *mention.shorts)}
    return sum(any(names.normal(name.name) in called for name in claim.names) for claim in around) - 1
