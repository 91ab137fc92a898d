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
A_WHOLE = 0.5
# Words that may stand before a name of which a sentence tells first.
BEFORE = 8
# A term that weighs less is light.
A_LIGHT_TERM = 0.5
# Letters of an acronym at most; more are a word in capitals.
ACRONYM = 5
# Languages that write compounds as one word, and letters past which a word is surely one ("Gezeitenkraftwerk").
COMPOUNDING = frozenset({"da", "de", "fi", "hu", "nl", "no", "sv"})
SIMPLE = 14


def says_enough(  # noqa: PLR0913 - what a source is about has a say in what is said of a name
    mention: Mention, older: Sequence[Claim], around: Sequence[Claim], pages: Pages, language: str, *, title: str = ""
) -> bool:
    """Would a page of this name open with something that is said of it, and say something else besides?

    `older` is what earlier sources say of it, `around` all that its source says; `title` is that of its source.
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
    whole = mention.weight >= pages.min_weight + A_WHOLE
    telling = [claim for claim in told.values() if claim.role not in ASIDES and claim.by not in called]
    # How one uses a particular thing says nothing of it; what one can do with a concept is what it is.
    lasting = [claim for claim in telling if claim.role != "procedure"]
    if not whole and (mention.type == "entity" or not lasting):
        telling = lasting
    opening = [claim for claim in telling if openings.opens(claim.text, called)]
    seldom = len(told) < (pages.min_claims if whole else 2 * pages.min_claims + 1)
    known = seldom and is_bare_acronym(mention)
    if known:
        opening = _as_names_open(opening, called, pages)
    elif whole and not opening:
        opening = [claim for claim in telling if _comes_first(mention, claim)]
    if not opening and (known or not _is_told_by_the_way(mention, telling, pages, title)):
        return False
    if opening and _is_one_of_its_kind(mention, opening, language) and len(telling) <= pages.min_claims:
        return False
    # Who a person is takes more than what one did on an occasion, unless the source is about this person.
    if is_person and mention.weight >= pages.min_weight + A_MAIN_SUBJECT["entity"]:
        return len(telling) >= pages.min_claims or len(told) > pages.min_claims
    if is_person:
        return len(telling) > pages.min_claims
    # Nor is a common noun, of which a text may speak throughout ("the disease"): what is one to look up there?
    if is_common(mention.name, mention.type, language):
        return _is_come_back_to(mention, telling, opening, pages)
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


def is_bare_acronym(mention: Mention) -> bool:
    """Is it a few capitals that the source does not spell out, so that many of its readers must know them ("GPU")?"""
    letters = sum(map(str.isalpha, mention.name))
    spelt_out = any(" " in name for name in mention.aliases)
    return mention.name.isupper() and 1 < letters <= ACRONYM and " " not in mention.name and not spelt_out


def _as_names_open(opening: Sequence[Claim], called: Sequence[str], pages: Pages) -> list[Claim]:
    """Those claims that open with an acronym as with a name: "EDF runs it", not "Some AI systems can write".

    Behind an article it may be a common noun ("the GPU") or a body ("the FBI"): then as many must open as make a page.
    """
    bare = [claim for claim in opening if openings.opens(claim.text, called, led=False)]
    return list(opening) if len(opening) >= pages.min_claims else bare


def _is_one_of_its_kind(mention: Mention, opening: Sequence[Claim], language: str) -> bool:
    """Is only one thing meant by a light term, that which the text has just named: "the planned blackout"?

    So it is in English, where a kind has an indefinite article or none.
    """
    small = mention.type != "entity" and mention.name[1:] == mention.name[1:].lower()
    light = mention.weight < A_LIGHT_TERM
    return language == "en" and small and light and all(_DEFINITE.match(claim.text) for claim in opening)


def _is_told_by_the_way(mention: Mention, telling: Sequence[Claim], pages: Pages, title: str) -> bool:
    """Is so much said of a name in sentences about others that none needs to open with it?

    Then as many sentences as make a page must tell of it before they tell of anything else, unless it is spelt as
    nothing but a name is, or the source says what it is short for: "in the fight against the Islamic State" is
    about who fights.
    """
    most = mention.weight >= pages.min_weight + A_MAIN_SUBJECT.get(mention.type, A_MAIN_TERM)
    if mention.type != "entity" and (not most or len(telling) <= pages.min_claims):
        return False
    weighty = mention.weight >= pages.min_weight + A_FIND
    if not weighty or len(telling) < (pages.min_claims if most else pages.min_claims + 1):
        return False
    surely = _is_coined(mention.name) or (mention.type == "entity" and bool(mention.aliases))
    whole = mention.weight >= pages.min_weight + A_WHOLE
    surely |= whole and (len(telling) > pages.min_claims or _place(title, mention.name) < len(title))
    least = 1 if whole else pages.min_claims
    return surely or sum(_comes_first(mention, claim) for claim in telling if claim.role != "procedure") >= least


def _comes_first(mention: Mention, claim: Claim) -> bool:
    """Is this the first of the names that a sentence is about, near its beginning, and not only whose something is?"""
    own = {names.normal(name) for name in (*mention.called(), *mention.shorts)}
    own_place = min(_place(claim.text, name) for name in (*mention.called(), *mention.shorts))
    others = [name for name in claim.names if name.about and names.normal(name.name) not in own]
    first = min((_place(claim.text, name.name) for name in others), default=len(claim.text))
    return own_place <= first and own_place < len(claim.text) and count_words(claim.text[:own_place]) <= BEFORE


def _place(text: str, name: str) -> int:
    """Where a name begins in a text, and its end where it is not there but as a possessive."""
    found = re.search(rf"(?<!\w){re.escape(name)}(?!['’]s)", text, re.IGNORECASE)
    return len(text) if found is None else found.start()


def _of(claims: Sequence[Claim], source: str) -> list[Claim]:
    return [claim for claim in claims if claim.source == source]


def _is_come_back_to(mention: Mention, telling: Sequence[Claim], opening: Sequence[Claim], pages: Pages) -> bool:
    """Does a source come back to a common noun, or do more than two?

    What two sources use in passing is still in passing, and they may mean two things by it.
    """
    if mention.name[0].islower():
        return len(telling) >= pages.min_claims
    sources = sorted({claim.source for claim in telling})
    if len(sources) > pages.min_sources and _is_a_theme(mention, telling, opening, pages):
        return True
    return any(_is_a_theme(mention, _of(telling, source), _of(opening, source), pages) for source in sources)


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


_DEFINITE = re.compile(r"\W*(?:the|this|that|these|those)\]? ", re.IGNORECASE)
# "Ada Lovelace: the mill grinds what it is given" says nothing of Ada Lovelace.
_LABEL = re.compile(r"[^:.!?]{1,60}:\s")


def _naming(mention: Mention, around: Sequence[Claim]) -> int:
    """How many claims of the source but one name it, though they may be about other things."""
    called = {names.normal(name) for name in (*mention.called(), *mention.shorts)}
    return sum(any(names.normal(name.name) in called for name in claim.names) for claim in around) - 1
