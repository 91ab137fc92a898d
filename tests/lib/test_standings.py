"""What a page shows of how its claims stand to each other, through real ingests in one process."""

from __future__ import annotations

import re

import pytest
from turning import Mill

from quern import pages
from quern.records import Relation
from quern.updates import standings

PAGE = "wiki/entities/La Rance.md"
FIRST = "La Rance is a tidal power station in Brittany. {} La Rance lies on the estuary of the Rance."


@pytest.fixture
def mill(vault):
    return Mill(vault)


def read(mill, name, published, said):
    """Ingest a source that says this; returns the page's change record."""
    mill.write(f"raw/{name}.md", f"---\ntitle: {name}\npublished: {published}\n---\n\n# {name}\n\n{said}\n")
    changes = mill.ingest(f"raw/{name}.md", "2026-05-02")
    return next((change for change in changes if change.path == PAGE), None)


def section(mill, title):
    body = mill.read(PAGE).partition(f"\n## {title}\n\n")[2]
    return re.sub(r"\[\^\w+\]", "", body.partition("\n\n")[0]).splitlines()


def facts(mill):
    return mill.read(PAGE).partition("## Facts")[2].partition("\n\n[^")[0].partition("\n\n## ")[0]


def status(mill):
    return next(line for line in mill.read(PAGE).splitlines() if line.startswith("status: "))


@pytest.fixture
def disputed(mill):
    read(mill, "a", "1970-05-01", FIRST.format("La Rance has a capacity of 240 MW."))
    read(mill, "b", "2024-03-01", "La Rance has a capacity of 320 MW.")
    return mill


def test_two_figures_are_shown_side_by_side_with_their_dates(disputed):
    assert section(disputed, "Contradictions") == ["- capacity: 240 MW (1970-05-01)", "- capacity: 320 MW (2024-03-01)"]
    assert status(disputed) == "status: contested"


def test_the_change_says_what_is_disputed(mill):
    read(mill, "a", "1970-05-01", FIRST.format("La Rance has a capacity of 240 MW."))
    change = read(mill, "b", "2024-03-01", "La Rance has a capacity of 320 MW.")
    assert (len(change.disputed), change.superseded) == (2, [])


def test_a_third_figure_joins_the_two(disputed):
    read(disputed, "c", "2025-03-01", "La Rance has a capacity of 300 MW.")
    assert section(disputed, "Contradictions") == [
        "- capacity: 240 MW (1970-05-01)",
        "- capacity: 320 MW (2024-03-01)",
        "- capacity: 300 MW (2025-03-01)",
    ]


def test_a_figure_that_is_called_otherwise_joins_what_it_disputes(disputed):
    document = pages.parse(disputed.read(PAGE))
    disputes = standings.Disputes(document)
    old = next(entry for entry in disputes.standing() if entry.value == "240 MW")
    values = {"attribute": "installed capacity", "value": "300 MW", "other_value": "240 MW"}
    assert disputes.add(Relation(claim="c" * 12, other=old.claim, relation="contradicts", **values), {})
    assert [(entry.label, entry.value) for entry in disputes.standing()] == [
        ("capacity", "240 MW"),
        ("capacity", "320 MW"),
        ("capacity", "300 MW"),
    ]


def test_what_a_source_takes_back_is_disputed_no_more(disputed):
    read(disputed, "b", "2024-03-01", "La Rance is open on Sundays.")
    assert "Contradictions" not in disputed.read(PAGE)
    assert status(disputed) == "status: current"


@pytest.mark.parametrize("mine", ["\n## Mine\n\nMy words.\n", "\nMy words.\n"])
def test_footnotes_above_what_a_person_wrote_are_no_part_of_a_section(disputed, mine):
    text = disputed.read(PAGE)
    notes = {line for line in text.split("\n") if line.startswith("[^")}
    said = re.compile(r"(?:- | )?La Rance has a capacity of 240 MW\.\[\^\w+\]\n?")
    assert said.search(text)
    disputed.write(PAGE, said.sub("", text, count=1) + mine)
    assert read(disputed, "c", "2025-03-01", "La Rance has a capacity of 300 MW.").op == "update"
    after = disputed.read(PAGE)
    assert notes <= set(after.split("\n"))
    assert section(disputed, "Contradictions") == ["- capacity: 320 MW (2024-03-01)", "- capacity: 300 MW (2025-03-01)"]
    assert mine in after


def test_lines_that_a_person_took_away_stay_away(disputed):
    text = disputed.read(PAGE)
    start, end = text.index("## Contradictions"), text.index("\n[^")
    disputed.write(PAGE, text[:start] + text[end + 1 :])
    change = read(disputed, "c", "2025-03-01", "The barrage of La Rance is 750 metres long.")
    assert "Contradictions" not in disputed.read(PAGE)
    assert status(disputed) == "status: current"
    assert change.disputed == []


def test_a_settled_pair_says_nothing_of_a_third_figure(disputed):
    text = disputed.read(PAGE)
    pair = " ".join(sorted(re.findall(r"- capacity: .*?\[\^(\w{12})\]", text)))
    disputed.write(PAGE, text.replace("status: contested", f"settled:\n  - {pair}\nstatus: contested"))
    read(disputed, "c", "2025-03-01", "La Rance has a capacity of 300 MW.")
    assert [line.split()[2] for line in section(disputed, "Contradictions")] == ["240", "320", "300"]
    assert status(disputed) == "status: contested"


def test_a_pair_that_a_person_settled_is_not_disputed_again(disputed):
    text = disputed.read(PAGE)
    ids = sorted({line.partition("[^")[2][:12] for line in text.splitlines() if line.startswith("- capacity")})
    start, end = text.index("## Contradictions"), text.index("\n[^")
    settled = text[:start] + text[end + 1 :]
    disputed.write(PAGE, settled.replace("status: contested", f"settled:\n  - {' '.join(ids)}\nstatus: contested"))
    read(disputed, "b", "2024-03-01", "La Rance is open on Sundays.")
    read(disputed, "b", "2024-03-01", "La Rance has a capacity of 320 MW.")
    assert "Contradictions" not in disputed.read(PAGE)


def test_sentences_without_a_figure_stand_against_each_other(mill):
    read(mill, "a", "1970-05-01", FIRST.format("La Rance is open to visitors on Sundays."))
    read(mill, "b", "2024-03-01", "La Rance is closed to visitors on Sundays.")
    (line,) = [line for line in mill.read(PAGE).splitlines() if " — against: " in line]
    assert line.startswith("- La Rance is open to visitors on Sundays.[^")
    assert "La Rance is closed to visitors on Sundays." in line
    read(mill, "b", "2024-03-01", "The barrage of La Rance is 750 metres long.")
    assert "against" not in mill.read(PAGE)


def test_what_is_overtaken_keeps_its_sentence_and_says_by_what(mill):
    read(mill, "a", "1970-05-01", FIRST.format("La Rance has a capacity of 240 MW."))
    change = read(mill, "b", "2024-03-01", "After refurbishment, La Rance has a capacity of 320 MW.")
    (line,) = [line for line in facts(mill).splitlines() if "240 MW" in line]
    assert line.startswith("- La Rance has a capacity of 240 MW.[^")
    assert " *(capacity: 320 MW as of 2024-03-01[^" in line
    assert (len(change.superseded), change.disputed, status(mill)) == (1, [], "status: current")


def test_what_is_overtaken_leaves_the_lead(mill):
    read(mill, "a", "1970-05-01", "La Rance is a tidal power station with a capacity of 240 MW.")
    assert "240 MW" not in facts(mill)
    read(mill, "b", "2024-03-01", "After refurbishment, La Rance has a capacity of 320 MW.")
    assert "240 MW" in facts(mill)
    assert "240 MW" not in mill.read(PAGE).partition("# La Rance\n\n")[2].partition("\n")[0]


def test_with_what_overtook_it_the_mark_goes(mill):
    read(mill, "a", "1970-05-01", FIRST.format("La Rance has a capacity of 240 MW."))
    read(mill, "b", "2024-03-01", "After refurbishment, La Rance has a capacity of 320 MW.")
    read(mill, "b", "2024-03-01", "The barrage of La Rance is 750 metres long.")
    assert "*(" not in mill.read(PAGE)
    assert "La Rance has a capacity of 240 MW.[^" in mill.read(PAGE)


def test_a_marked_bullet_does_not_count_as_edited(mill):
    read(mill, "a", "1970-05-01", FIRST.format("La Rance has a capacity of 240 MW."))
    read(mill, "b", "2024-03-01", "After refurbishment, La Rance has a capacity of 320 MW.")
    change = read(mill, "c", "2025-03-01", "The barrage of La Rance is 750 metres long.")
    assert change.kept_edits == []


def test_three_dated_values_are_a_table_and_no_contradiction(mill):
    read(mill, "a", "2020-05-01", FIRST.format("In 2019 the output of La Rance was 480 GWh."))
    read(mill, "b", "2021-03-01", "In 2020 the output of La Rance was 500 GWh.")
    read(mill, "d", "2023-03-01", "In 2022 the output of La Rance was 520 GWh.")
    read(mill, "c", "2022-03-01", "In 2021 the output of La Rance was 510 GWh.")
    rows = ["| 2019 | 480 GWh |", "| 2020 | 500 GWh |", "| 2021 | 510 GWh |", "| 2022 | 520 GWh |"]
    assert section(mill, "Over time") == ["| when | output |", "| --- | --- |", *rows]
    assert status(mill) == "status: current"
    read(mill, "b", "2021-03-01", "The barrage of La Rance is 750 metres long.")
    assert rows[1] not in section(mill, "Over time")


def test_a_source_read_again_changes_nothing(disputed):
    before = disputed.read(PAGE)
    read(disputed, "b", "2024-03-01", "La Rance has a capacity of 320 MW.")
    assert disputed.read(PAGE) == before


@pytest.mark.parametrize(
    "said",
    [
        "The Sihwa plant has a capacity of 254 MW.",
        "Critics claim that La Rance has a capacity of 100 MW.",
        "La Rance has a capacity of 0.24 GW.",
        "La Rance has a capacity of about 240 MW.",
    ],
)
def test_what_is_no_contradiction(mill, said):
    read(mill, "a", "1970-05-01", FIRST.format("La Rance has a capacity of 240 MW."))
    read(mill, "b", "2024-03-01", said)
    assert "Contradictions" not in mill.read(PAGE)
    assert "*(" not in mill.read(PAGE)


def test_a_bullet_of_two_sources_is_said_in_the_words_that_stay(mill):
    read(mill, "a", "1970-05-01", FIRST.format("La Rance opened in November 1966."))
    read(mill, "b", "2024-03-01", "In November 1966, La Rance was opened.")
    assert re.search(r"La Rance opened in November 1966\.(\[\^\w+\]){2}", mill.read(PAGE))
    change = read(mill, "a", "1970-05-01", FIRST.format("The barrage of La Rance is 750 metres long."))
    (line,) = [line for line in facts(mill).splitlines() if "1966" in line]
    assert line.startswith("- In November 1966, La Rance was opened.[^")
    assert (len(change.restated), change.kept_edits) == (1, [])


def test_what_a_person_wrote_behind_a_footnote_stays_when_its_claim_goes(mill):
    read(mill, "a", "1970-05-01", FIRST.format("The barrage of La Rance is 750 metres long."))
    mill.write(PAGE, mill.read(PAGE).replace('750 metres long."', '750 metres long." I measured 752.'))
    read(mill, "a", "1970-05-01", FIRST.format("La Rance opened in November 1966."))
    assert "]: I measured 752.\n" in mill.read(PAGE)


def test_a_bullet_that_is_overtaken_is_marked_where_it_stands(mill):
    read(mill, "a", "1970-05-01", "La Rance is a tidal power station in Brittany.")
    read(
        mill,
        "b",
        "1971-05-01",
        "La Rance lies on the estuary of the Rance. The barrage of La Rance is 750 metres long.",
    )
    read(mill, "c", "1972-05-01", "La Rance has a capacity of 240 MW.")
    (before,) = [line for line in facts(mill).splitlines() if "750 metres" in line]
    read(mill, "d", "2024-03-01", "The barrage of La Rance is now 700 metres long.")
    (after,) = [line for line in facts(mill).splitlines() if "750 metres" in line]
    assert after.startswith(f"{before} *(")


def test_what_stands_is_not_disputed_anew_when_its_source_has_grown(disputed):
    text = disputed.read(PAGE)
    start, end = text.index("## Contradictions"), text.index("\n[^")
    disputed.write(PAGE, text[:start] + text[end + 1 :])
    read(disputed, "b", "2024-03-01", "La Rance has a capacity of 320 MW. The barrage of La Rance is 750 metres long.")
    assert "750 metres" in disputed.read(PAGE)
    assert "Contradictions" not in disputed.read(PAGE)
