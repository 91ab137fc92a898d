"""Claims of two pages that become one are told how they stand to each other, and what a person decided stays so."""

from __future__ import annotations

import pytest
from turning import Mill

from quern import pages, schema
from quern.updates import transaction, uniting, upkeep

ONE, OTHER = "wiki/entities/La Rance.md", "wiki/entities/Rance Barrage.md"
PROUD = "Those who live there are proud of what has been built."
FIRST = f"# Plants\n\n{PROUD}\n\nLa Rance is a tidal power station in Brittany. La Rance lies near a town. {{}}\n"
SECOND = f"# Dams\n\n{PROUD}\n\nRance Barrage is a dam in the north. Rance Barrage carries a road of four lanes. {{}}\n"
LOCKS = ("La Rance and Rance Barrage have a lock for ships.", "La Rance and Rance Barrage also have a lock for ships.")


@pytest.fixture
def here(vault):
    return Mill(vault)


def read(here, first, second):
    """Read what two sources say of one thing under two names."""
    for name, text in (("a", FIRST.format(first)), ("b", SECOND.format(second))):
        here.write(f"raw/{name}.md", text)
        here.ingest(f"raw/{name}.md")
    assert (here.folder / ONE).exists()
    assert (here.folder / OTHER).exists()


def unite(here):
    """Unite the two; the page, and its change."""
    with upkeep.upkeep(here.vault, schema.load(here.vault), "2026-06-01") as work:
        change = uniting.unite(work, "La Rance", "Rance Barrage")[0]
    transaction.finish(here.vault)
    return pages.parse(here.read(ONE)), change


def id_of(here, words):
    """The claim that quotes these words."""
    notes = [line for path in (ONE, OTHER) for line in here.read(path).split("\n") if line.startswith("[^")]
    return next(line[2:14] for line in notes if words in line)


def lines_under(document, title):
    section = next((section for section in document.sections if section.title == title), None)
    return [line for line in document.lines[section.start + 1 : section.end] if line.strip()] if section else []


def test_what_disagrees_across_the_two_is_a_contradiction(here):
    read(here, "La Rance has a capacity of 240 MW.", "Rance Barrage has a capacity of 320 MW.")
    document, change = unite(here)
    shown = lines_under(document, "Contradictions")
    assert [("240 MW" in line, "320 MW" in line) for line in shown] == [(True, False), (False, True)]
    assert document.front_values["status"] == "contested"
    assert len(change.disputed) == 2
    assert "2 disputed" in here.read("log.md").rpartition("## [")[2]


def test_what_agrees_is_none(here):
    read(here, "La Rance has a capacity of 240 MW.", "Rance Barrage has a capacity of 0.24 GW.")
    document, change = unite(here)
    assert "Contradictions" not in [section.title for section in document.sections]
    assert document.front_values["status"] == "current"
    assert change.disputed == []


@pytest.mark.parametrize("turned", [False, True])
def test_what_says_that_it_is_newer_overtakes_whichever_page_it_was_on(here, turned):
    old, new = "{} has a capacity of 240 MW.", "After refurbishment, {} has a capacity of 320 MW."
    first, second = (new, old) if turned else (old, new)
    read(here, first.format("La Rance"), second.format("Rance Barrage"))
    document, change = unite(here)
    (line,) = [line for line in document.lines if "240 MW" in line and line.startswith("- ")]
    assert "*(capacity: 320 MW[^" in line
    assert len(change.superseded) == 1
    assert lines_under(document, "Contradictions") == []


def test_an_overtaken_sentence_leaves_a_lead_of_ours(here):
    read(here, "La Rance has a capacity of 240 MW.", "After refurbishment, Rance Barrage has a capacity of 320 MW.")
    assert "240 MW" in pages.parse(here.read(ONE)).lead.text
    document, change = unite(here)
    assert document.lead.text.startswith("La Rance is a tidal power station in Brittany.[^")
    assert [b.section for b in document.bullets if "240 MW" in b.text and "capacity: 320 MW" in b.text_md] == ["Facts"]
    assert change.superseded[0] in change.moved
    assert document.front_values["lead"] == pages.lead_hash(document.lead.text)


def test_what_two_sentences_say_alike_is_said_once(here):
    read(here, LOCKS[0], "Rance Barrage is old.")
    line = next(line for line in here.read(OTHER).split("\n") if line.startswith("- ") and "lock" in line)
    here.write(OTHER, here.read(OTHER).replace(line + "\n", ""))
    here.write("raw/c.md", f"# More\n\n{PROUD}\n\n{LOCKS[1]}\n")
    here.ingest("raw/c.md")
    here.write(ONE, here.read(ONE).replace(f"[^{id_of(here, LOCKS[1])}]", "", 1))
    document, change = unite(here)
    (said,) = [line for line in document.lines if "have a lock for ships" in line and not line.startswith("[^")]
    assert set(change.united) < set(pages.claims_in(said))
    assert len(change.united) == 1


def test_a_ruling_of_a_person_stands(here):
    read(here, "La Rance has a capacity of 240 MW.", "Rance Barrage has a capacity of 320 MW.")
    pair = sorted((id_of(here, "240 MW"), id_of(here, "320 MW")))
    here.write(OTHER, here.read(OTHER).replace("type: ", f"settled: [{' '.join(pair)}]\ntype: ", 1))
    document, change = unite(here)
    assert lines_under(document, "Contradictions") == []
    assert change.disputed == []
    assert document.front_values["settled"] == [" ".join(pair)]


def test_what_was_overtaken_on_either_page_is_compared_no_more(here):
    read(here, "La Rance has a capacity of 320 MW.", "Rance Barrage has a capacity of 240 MW.")
    here.write("raw/c.md", "# More\n\nAfter refurbishment, Rance Barrage has a capacity of 320 MW.\n")
    here.ingest("raw/c.md")
    assert "*(capacity: 320 MW" in here.read(OTHER)
    document, change = unite(here)
    assert lines_under(document, "Contradictions") == []
    assert change.disputed == []


def test_a_line_that_a_person_took_off_one_page_stays_off(here):
    capacities = "Rance Barrage has a capacity of 240 MW. Rance Barrage has a capacity of 250 MW."
    read(here, "La Rance has 24 turbines.", capacities)
    text = here.read(OTHER)
    shown = "\n".join(["## Contradictions", "", *lines_under(pages.parse(text), "Contradictions")])
    assert "250 MW" in shown
    here.write(OTHER, text.replace(shown, ""))
    document, _ = unite(here)
    assert lines_under(document, "Contradictions") == []


def dated(name, *years):
    return " ".join(f"In {year}, {name} supplied {480 + year % 10} GWh." for year in years)


def test_values_over_time_of_both_pages_make_one_table(here):
    read(here, dated("La Rance", 2001, 2002), dated("Rance Barrage", 2003))
    document, _ = unite(here)
    assert [line.partition(" GWh")[0] for line in lines_under(document, "Over time")[2:]] == [
        "| 2001 | 481",
        "| 2002 | 482",
        "| 2003 | 483",
    ]


def test_a_row_that_a_person_took_off_a_table_stays_off(here):
    read(here, dated("La Rance", 2001, 2002, 2003, 2004), dated("Rance Barrage", 2005))
    row = next(line for line in here.read(ONE).split("\n") if line.startswith("| 2002 |"))
    here.write(ONE, here.read(ONE).replace(row + "\n", ""))
    document, _ = unite(here)
    rows = [line.partition(" GWh")[0] for line in lines_under(document, "Over time")[2:]]
    assert rows == ["| 2001 | 481", "| 2003 | 483", "| 2004 | 484", "| 2005 | 485"]
