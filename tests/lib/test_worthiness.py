"""Which names a reader would miss a page of, and which page a reader would delete: one of each for every rule."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from quern.linking.mentions import mentions
from quern.linking.worthiness import says_enough
from quern.records import Claim, Name, Span
from quern.schema import Pages

NUMBERS = itertools.count()


def told(text: str, *names: Name, source: str = "a", **more: Any) -> Claim:
    """A claim that is about these names, in the order in which an engine gives them."""
    spans = [Span(start=0, end=1, place="line 1")]
    return Claim(id=f"c{next(NUMBERS)}", source=source, passage="", text=text, quote=text, spans=spans,
                 names=list(names), **more)  # fmt: skip


def entity(name: str, weight: float = 0.5, *aliases: str) -> Name:
    return Name(name=name, type="entity", weight=weight, aliases=list(aliases))


def concept(name: str, weight: float = 0.5) -> Name:
    return Name(name=name, type="concept", weight=weight)


def worthy(name: Name, claims: list[Claim], older: list[Claim] | None = None, title: str = "") -> bool:
    """Is this name worth a page, by what its source says, and by what older sources say?"""
    mention = next(found for found in mentions(claims, 92) if name.name in found.called())
    return says_enough(mention, older or [], claims, Pages(), "en", title=title)


def of(name: Name, *texts: str, title: str = "", **more: Any) -> bool:
    """Is this name worth a page by claims of these words, which are about nothing else?"""
    return worthy(name, [told(text, name, **more) for text in texts], title=title)


# Acronyms that nobody spells out


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        (entity("RSA"), ["RSA is slow.", "Class groups are shorter than RSA elements."]),  # it opens as a name does
        (entity("FBI"), ["The FBI searched a house.", "The FBI found papers."]),  # behind an article, twice
        (entity("EVM"), [f"Whoever writes contract {at} works with the EVM." for at in range(5)]),  # told of throughout
        (entity("GPU", 0.5, "graphics processing unit"), ["An external GPU helps.", "A GPU draws."]),  # spelt out
        (entity("NASA", 0.8), ["A NASA team found water.", "NASA's probe found ice."]),  # the source is about it
    ],
)
def test_an_acronym_has_a_page_where_a_source_tells_of_it(name: Name, texts: list[str]):
    assert of(name, *texts)


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        (entity("AI"), ["Some AI systems can even write whole paragraphs or put sentences in other words."]),
        (entity("GPU"), ["An external GPU needs a port.", "Few tasks push the GPU to its limits."]),
        (entity("HRP"), ["The HRP can be of any length, and it need not have two letters."]),
    ],
)
def test_an_acronym_that_everybody_knows_has_none(name: Name, texts: list[str]):
    assert not of(name, *texts)


# What is told of others


def test_what_sentences_tell_of_first_needs_not_open_them():
    party = entity("Conservative Party")
    assert of(party, "Britain's Conservative Party changed a name.", "Leaders of the Conservative Party said no.")


def test_what_ends_sentences_about_others_has_no_page():
    name, base = entity("Islamic State"), entity("al-Tanf")
    fight = [
        told("According to the ministry, the base in the desert serves as an outpost against the Islamic State.", name),
        told("Soldiers at al-Tanf train those who fight the Islamic State.", base, name),
        told("Forces near al-Tanf met the Islamic State.", base, name),
    ]
    assert not worthy(name, fight)


def test_whose_something_is_is_not_told_of():
    name = entity("California")
    texts = [
        "California's fire agency sent engines.",
        "California's regulators want answers.",
        "It burns in California.",
    ]
    assert not of(name, *texts)
    assert of(name, "California burns.", *texts)


def test_what_is_spelt_as_nothing_but_a_name_is_may_stand_behind_others():
    nasa = entity("NASA")
    chosen = [told(f"NASA chose firm {at} and many others, one of which is {{}}.", nasa) for at in (1, 2)]
    for name, is_page in ((entity("SpaceX"), True), (entity("Ceres"), False)):
        claims = [
            told(claim.text.format(name.name), nasa, name)
            for claim in chosen
        ]  # fmt: skip
        assert worthy(name, claims) is is_page


def test_a_term_that_only_sentences_about_others_have_must_weigh_more():
    texts = ["Experts expect interest rates to stay.", "Banks cut interest rates.", "Low interest rates help."]
    assert of(concept("Interest rate", 0.55), *texts[:2], "Despite interest rates, cars sell.")
    assert not of(concept("Interest rate", 0.4), *texts[:2], "Despite interest rates, cars sell.")


def test_what_a_source_is_all_about_comes_first_once_or_is_in_many_sentences():
    name, far = entity("Bitcoin", 0.8), "Whoever lies about what is spent there will find it not valid in Bitcoin."
    assert not of(name, far, far.replace("Whoever", "All"))
    assert of(name, far, far.replace("Whoever", "All"), far.replace("Whoever", "Some"))
    assert of(name, far, "It is said that Bitcoin grows.")
    assert of(name, far, far.replace("Whoever", "All"), title="Who can lie to Bitcoin?")


def test_who_tells_of_what_is_introduced_is_not_introduced():
    weibo, cdc = entity("Weibo", 0.3), entity("CDC", 0.2)
    claims = [told("The CDC told the public on Weibo, a social network, of it.", weibo, cdc, role="definition")]
    assert worthy(weibo, claims)
    assert not worthy(cdc, claims)


# Terms, nouns, instructions


@pytest.mark.parametrize(
    ("weight", "texts", "is_page"),
    [
        (0.3, ["Macro mode needs a lens.", "It has macro mode."], True),
        (0.3, ["The planned blackout is the latest.", "The planned blackouts hit the north."], False),
        (0.6, ["The planned blackout is the latest.", "The planned blackouts hit the north."], True),
        (
            0.3,
            ["The planned blackout is the latest.", "The planned blackouts hit it.", "A planned blackout ends."],
            True,
        ),
    ],
)
def test_a_light_term_is_told_of_in_general(weight: float, texts: list[str], is_page: bool):
    name = concept("Macro mode" if "acro" in texts[0] else "Planned blackout", weight)
    assert of(name, *texts) is is_page


def test_a_noun_that_two_sources_use_in_passing_is_still_in_passing():
    token = concept("Token")
    here = [told("Tokens have owners.", token), told("Tokens move.", token)]
    there = [told("Tokens are no reputation.", token, source="b"), told("Each has a token.", token, source="b")]
    assert not worthy(token, here, older=there)
    assert worthy(token, [*here, told("Users send tokens.", token)], older=there)
    assert worthy(token, here, older=[*there, told("The token is spent.", token, source="c")])


def test_instructions_say_how_to_use_a_thing_and_not_what_is_so_of_it():
    zoom, lucide, reference = concept("Zoom level"), entity("Lucide"), concept("Mutable reference")
    assert not of(zoom, "Zoom levels are reset here.", "Zoom levels are set here.", role="procedure")
    assert of(zoom, "Zoom levels are kept with the file.", "Zoom levels are rounded.")
    used = told("You can have one of {} at a time.", role="procedure")
    for name, is_page in ((lucide, False), (reference, True)):
        opening = told(f"{name.name}s are new.".replace("Lucides are", "Lucide is"), name)
        how = told(used.text.format(name.name), name, role="procedure")
        assert worthy(name, [opening, how]) is is_page


def test_what_a_source_is_all_about_needs_one_sentence():
    text = "In short, the grant to Evidence Action Beta was made to support what may be a top charity later."
    assert of(entity("Evidence Action Beta", 0.9), text)
    assert not of(entity("Evidence Action Beta", 0.6), text)


# One thing, one page


def test_who_does_something_and_the_doing_of_it_have_one_page():
    rows = [
        told("Word processors edit texts.", concept("Word processor", 0.9)),
        told("Word processing began late.", concept("Word processing", 0.5)),
        told("Fund managers buy shares.", concept("Fund manager")),
        told("Fund management costs money.", concept("Fund management")),
    ]
    found = {mention.name: mention.called() for mention in mentions(rows, 92)}
    assert found == {
        "Word processor": ["Word processor", "Word processing"],
        "Fund manager": ["Fund manager"],
        "Fund management": ["Fund management"],
    }
