"""Where a claim on a page comes from, and whether its source still says so."""

from __future__ import annotations

import pytest
from small_wiki import FILES, ID, LA_RANCE, OTHER, QUOTE, RAW, lay

from quern import provenance, wiki
from quern.program import Failure
from quern.vault import Vault

PAGE = "wiki/entities/La Rance.md"
LEAD, BULLET, NOTE = 15, 19, 22


@pytest.fixture
def small(vault):
    """The small wiki, and what is asked of it."""
    lay(vault, FILES)
    place = Vault(vault)

    def why(asked, here=None):
        with wiki.open(place) as catalogue:
            return list(provenance.of(place, catalogue, asked, here))

    return why


def test_lines_are_where_the_tests_think():
    lines = LA_RANCE.split("\n")
    assert QUOTE in lines[LEAD - 1]
    assert lines[BULLET - 1].startswith("- La Rance lies")
    assert lines[NOTE - 1].startswith(f"[^{OTHER}]")


def test_each_claim_of_a_page_with_its_evidence(small):
    first, second = small(PAGE)
    assert (first.path, first.line, first.claim, first.text) == (PAGE, LEAD, ID, QUOTE)
    assert (first.source, first.ledger) == ("raw/tides.md", "wiki/sources/tides-of-brittany.md")
    assert (first.place, first.quote, first.raw, first.stands) == ("line 3", QUOTE, "same", True)
    assert (first.role, first.engine, first.model) == ("event", "rules", None)
    assert (second.line, second.claim, second.place) == (BULLET, OTHER, "line 4")


@pytest.mark.parametrize("asked", [PAGE, "La Rance", "la rance", "Rance barrage", "entities/La Rance", "La Rance.md"])
def test_a_page_is_named_by_path_file_title_or_alias(small, asked):
    assert [record.path for record in small(asked)] == [PAGE, PAGE]


def test_a_path_as_seen_from_the_working_directory(small):
    assert [record.line for record in small(f"La Rance.md:{BULLET}", f"{PAGE}:{BULLET}")] == [BULLET]


@pytest.mark.parametrize(
    ("part", "claims"), [("lead", [ID]), (LEAD, [ID]), (BULLET, [OTHER]), (NOTE, [OTHER]), (3, []), (17, [])]
)
def test_one_line_is_asked(small, part, claims):
    assert [record.claim for record in small(f"La Rance:{part}")] == claims


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("Ponds", "no page of this path, file name, title or alias: Ponds"),
        ("Ponds:3", "no page of this path, file name, title or alias: Ponds"),
        ("La Rance:23", f"{PAGE}:23: no such line: the page has 22"),
        ("La Rance:0", f"{PAGE}:0: no such line: the page has 22"),
        ("Barrage:lead", "wiki/concepts/Barrage.md: this page has no lead"),
    ],
)
def test_what_is_not_there_is_named(small, asked, said):
    with pytest.raises(Failure) as failure:
        small(asked)
    assert str(failure.value) == said


def test_of_several_pages_of_one_name_a_path_is_wanted(small, vault):
    lay(vault, {"wiki/concepts/Rance.md": LA_RANCE.replace("title: La Rance", "title: Rance")})
    with pytest.raises(Failure, match=r"several pages.*: wiki/concepts/Rance.md, wiki/entities/La Rance"):
        small("Rance barrage")


def test_a_source_page_rests_on_its_own_source(small):
    first, second = small("tides-of-brittany")
    assert (first.claim, first.place, first.source, first.stands) == (ID, "line 3", "raw/tides.md", True)
    assert (second.text, second.edited) == ("La Rance lies near the Barrage.", True)


def test_a_raw_file_that_has_changed(small, vault):
    lay(vault, {"raw/tides.md": RAW.replace("Barrage", "weir")})
    assert [(record.raw, record.stands) for record in small(PAGE)] == [("changed", True), ("changed", False)]


def test_a_quote_that_stands_elsewhere_does_not_stand_at_its_place(small, vault):
    lay(vault, {"raw/tides.md": "A new first line.\n" + RAW})
    assert [(record.raw, record.stands) for record in small(PAGE)] == [("changed", False), ("changed", False)]


@pytest.mark.parametrize(("now", "raw"), [(None, "gone"), (b"\x00\x01\x02", "changed")])
def test_a_raw_file_that_is_gone_or_no_text_any_more(small, vault, now, raw):
    lay(vault, {"raw/tides.md": now})
    assert {(record.raw, record.stands) for record in small(PAGE)} == {(raw, False)}


def test_a_bullet_that_a_person_edited_is_told_as_it_stands(small, vault):
    lay(vault, {PAGE: LA_RANCE.replace("- La Rance lies near", "- La Rance lies far from")})
    (record,) = small(f"La Rance:{BULLET}")
    assert (record.edited, record.text) == (True, "La Rance lies far from the Barrage.")
    assert record.quote == "It lies near the Barrage."


def test_two_sentences_of_a_lead_have_each_their_own_words(small, vault):
    lead = f"{QUOTE}[^{ID}] It is near [[Barrage|a barrage]].[^{OTHER}]"
    lay(vault, {PAGE: LA_RANCE.replace(f"{QUOTE}[^{ID}]\n", f"{lead}\n", 1)})
    assert [record.text for record in small("La Rance:lead")] == [QUOTE, "It is near a barrage."]


def test_a_citation_of_a_source_that_is_not_there(small, vault):
    lay(vault, {"wiki/sources/tides-of-brittany.md": None})
    record, _ = small(PAGE)
    assert (record.source, record.ledger, record.raw, record.stands) == ("", "", "gone", False)
    assert record.quote == QUOTE


def test_as_text_for_people(small):
    assert list(provenance.text(small(f"La Rance:{BULLET}"))) == [
        PAGE,
        f"{BULLET:5}  La Rance lies near the Barrage. (edited by a person)",
        '       raw/tides.md, line 4: "It lies near the Barrage."',
        "       read on a day not noted by rules · stands",
    ]
