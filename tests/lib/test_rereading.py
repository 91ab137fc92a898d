"""A source that another engine reads: again, because a person wants it so; or by the way, which changes nothing."""

from __future__ import annotations

import re

import pytest
from retelling import Retelling
from turning import Mill

from quern import engines, schema

PATH, PAGE, LEDGER = "raw/plants.md", "wiki/entities/Sihwa Lake.md", "wiki/sources/plants-source.md"
TEXT = """\
# Plants

Sihwa Lake is a tidal power station in Korea. Sihwa Lake opened in 2011. Sihwa Lake has a capacity of 254 MW.

Sihwa Lake has 10 turbines. Sihwa Lake employs 28 people. Sihwa Lake supplies about 550 GWh a year.
"""
OTHER = "# News\n\nSihwa Lake has a capacity of 320 MW. Sihwa Lake was visited by a minister.\n"


@pytest.fixture
def mill(tmp_path):
    for name in ("raw", "wiki"):
        (tmp_path / name).mkdir()
    (tmp_path / "schema.yaml").write_text("version: 1\npages:\n  words_per_page: 20\n", encoding="utf-8")
    found = Mill(tmp_path)
    found.write(PATH, TEXT)
    found.write("raw/news.md", OTHER)
    found.ingest(PATH)
    found.ingest("raw/news.md")
    return found


def again(mill, way="one", path=PATH, *, again=True):
    engine = Retelling(engines.load(schema.load(mill.vault), mill.vault), way)
    return {change.path: change for change in mill.ingest(path, "2026-05-01", engine, again=again)}


def change(mill, old, new, path=PAGE):
    text = mill.read(path)
    assert old in text
    mill.write(path, text.replace(old, new))


def line_with(mill, words):
    return next(line for line in mill.read(PAGE).split("\n") if words in line and not line.startswith("[^"))


def test_a_sentence_takes_the_new_words_where_it_stands_and_cites_what_says_them(mill):
    above = line_with(mill, "Sihwa Lake has 10 turbines.")
    change(mill, above, f"- A line of mine.\n{above}\n- Another.")
    changes = again(mill)
    assert re.search(
        r"A line of mine\.\n- There are 10 turbines in Sihwa Lake\.\[\^\w{12}\]\n- Another", mill.read(PAGE)
    )
    assert len(changes[LEDGER].restated) == 4
    assert changes[LEDGER].added == changes[LEDGER].retired == []
    assert "[^" + changes[LEDGER].restated[0] not in mill.read(PAGE)


def test_an_edited_bullet_keeps_its_words_and_its_fact_stands_nowhere_else(mill):
    change(mill, "Sihwa Lake has 10 turbines.", "It has ten turbines, I counted them.")
    again(mill)
    assert "- It has ten turbines, I counted them.[^" in mill.read(PAGE)
    assert "There are 10 turbines" not in mill.read(PAGE)


def test_a_bullet_that_a_person_took_away_does_not_come_back_in_other_words(mill):
    change(mill, line_with(mill, "Sihwa Lake has 10 turbines.") + "\n", "")
    changes = again(mill)
    assert "10 turbines" not in mill.read(PAGE).partition("\n[^")[0]
    assert "There are 10 turbines in Sihwa Lake." in mill.read(LEDGER)
    assert len(changes[PAGE].restated) == 3
    again(mill, "other")
    again(mill)
    assert "10 turbines" not in mill.read(PAGE).partition("\n[^")[0]


def test_a_dispute_cites_what_is_said_now_and_is_told_once(mill):
    assert mill.read(PAGE).count(" MW[^") == 2
    again(mill)
    section = mill.read(PAGE).partition("## Contradictions\n\n")[2].split("\n\n")[0]
    assert len(section.split("\n")) == 2
    notes = set(re.findall(r"^\[\^(\w+)\]:", mill.read(PAGE), re.MULTILINE))
    assert set(re.findall(r"\[\^(\w+)\]", section)) <= notes


def test_a_dispute_that_a_person_took_away_stays_away(mill):
    change(mill, re.search(r"## Contradictions\n\n(?:- .*\n)+\n", mill.read(PAGE))[0], "")
    again(mill)
    assert "Contradictions" not in mill.read(PAGE)
    assert "The capacity of Sihwa Lake is 254 MW." in mill.read(PAGE)


def test_a_ruling_holds_for_what_is_said_in_place_of_what_it_was_of(mill):
    section = re.search(r"## Contradictions\n\n(?:- .*\n)+\n", mill.read(PAGE))[0]
    one, other = re.findall(r"\[\^(\w+)\]", section)
    change(mill, section, "")
    change(mill, "status: contested\n", f"status: current\nsettled: [{one} {other}]\n")
    again(mill)
    new = re.search(r"The capacity of Sihwa Lake is 254 MW\.\[\^(\w+)\]", mill.read(PAGE))[1]
    kept = other if f"[^{one}]" not in mill.read(PAGE) else one
    assert f"settled: [{' '.join(sorted((new, kept)))}]" in mill.read(PAGE).replace('"', "")


def test_a_second_time_nothing_changes(mill):
    again(mill)
    mill.refresh()
    before = mill.read(PAGE), mill.read(LEDGER)
    again(mill)
    assert (mill.read(PAGE), mill.read(LEDGER)) == before


def test_another_engine_by_the_way_changes_nothing(mill):
    before = mill.read(PAGE), mill.read(LEDGER)
    again(mill, again=False)
    assert (mill.read(PAGE), mill.read(LEDGER)) == before


def test_of_a_changed_source_another_engine_brings_only_what_is_new_in_it(mill):
    mill.write(PATH, TEXT + "\nSihwa Lake lies near Ansan.\n")
    changes = again(mill, again=False)
    assert "Sihwa Lake is close to Ansan." in mill.read(PAGE)
    assert "Sihwa Lake has 10 turbines." in mill.read(PAGE)
    assert len(changes[PAGE].added) == 1
    assert changes[PAGE].restated == []
