"""When evidence is too old, and what its page says then."""

from __future__ import annotations

import re

import pytest
from turning import Mill

from quern import checks, freshness, schema, wiki
from quern.program import Failure
from quern.vault import Vault

PAGE = "wiki/entities/Sihwa Lake.md"
TEXT = """\
---
title: Plants
published: {}
---

Sihwa Lake is a tidal power station in South Korea. Sihwa Lake opened with a capacity of 254 MW.
Sihwa Lake cost 560 billion won.
"""


@pytest.mark.parametrize(
    ("as_of", "fresh_for", "date", "stale"),
    [
        ("2024-03-01", "2 years", "2026-03-01", False),
        ("2024-03-01", "2 years", "2026-03-02", True),
        ("2024-02-29", "1 year", "2025-02-28", False),
        ("2024-02-29", "1 year", "2025-03-01", True),
        ("2024", "1 year", "2025-12-31", False),
        ("2024", "1 year", "2026-01-01", True),
        ("2024-02", "18 months", "2025-08-29", False),
        ("2024-02", "18 months", "2025-08-30", True),
        ("2026-01-01", 90, "2026-04-01", False),
        ("2026-01-01", 90, "2026-04-02", True),
        ("2026-01-01", "6 weeks", "2026-02-13", True),
        (None, "1 day", "2026-04-02", False),
        ("1999-01-01", None, "2026-04-02", False),
        ("2024-02-31", "1 day", "2026-04-02", False),
        ("9999", "2 years", "2026-04-02", False),
    ],
)
def test_evidence_is_stale_after_its_age(as_of, fresh_for, date, stale):
    assert freshness.is_stale(as_of, fresh_for, date) is stale


@pytest.fixture
def mill(vault):
    found = Mill(vault)
    text = found.read("schema.yaml")
    found.write("schema.yaml", text.replace("fresh_for: {}", "fresh_for: {entity: 2 years}"))
    return found


def codes(mill, date):
    with wiki.open(mill.vault) as catalogue:
        found = checks.check_vault(mill.vault, catalogue, schema.load(mill.vault), hints=True, date=date)
    return [(finding.code, finding.path, finding.line) for finding in found if finding.code == "stale-page"]


def read(mill, published, date):
    mill.write("raw/a.md", TEXT.format(published))
    mill.ingest("raw/a.md", date)
    return mill.read(PAGE)


def test_a_stale_page_says_so_below_its_title_and_in_its_front_matter(mill):
    text = read(mill, "2023-05-01", "2026-05-02")
    assert re.search(
        r"\n# Sihwa Lake\n\n> \[!stale\] The newest evidence is of 2023-05-01; a page of type entity is fresh for "
        r"2 years\.\n\nSihwa Lake is a tidal power station",
        text,
    )
    assert "\nstatus: stale\n" in text


def test_a_fresh_page_says_nothing(mill):
    text = read(mill, "2025-05-01", "2026-05-02")
    assert "[!stale]" not in text
    assert "\nstatus: current\n" in text


def test_new_evidence_takes_the_line_away_and_the_lead_is_still_ours(mill):
    read(mill, "2023-05-01", "2026-05-02")
    mill.write("raw/b.md", "---\npublished: 2026-05-01\n---\n\n# B\n\nSihwa Lake has ten turbines.\n")
    mill.ingest("raw/b.md", "2026-05-03")
    text = mill.read(PAGE)
    assert "[!stale]" not in text
    assert "\nstatus: current\n" in text
    assert mill.outdated() == []


def test_the_line_is_neither_lead_nor_edit(mill):
    read(mill, "2023-05-01", "2026-05-02")
    mill.write("raw/b.md", "---\npublished: 2023-06-01\n---\n\n# B\n\nSihwa Lake has ten turbines.\n")
    (change,) = [change for change in mill.ingest("raw/b.md", "2026-05-03") if change.path == PAGE]
    assert change.kept_edits == []
    assert mill.read(PAGE).count("[!stale]") == 1
    assert "evidence is of 2023-06-01" in mill.read(PAGE)


def test_a_contested_page_stays_contested(mill):
    read(mill, "2023-05-01", "2026-05-02")
    for name, figure in (("b", "254"), ("c", "354")):
        text = f"---\npublished: 2023-06-01\n---\n\n# B\n\nSihwa Lake has a capacity of {figure} MW.\n"
        mill.write(f"raw/{name}.md", text)
        mill.ingest(f"raw/{name}.md", "2026-05-03")
    assert "\nstatus: contested\n" in mill.read(PAGE)
    assert mill.read(PAGE).count("[!stale]") == 1


def test_a_page_that_has_grown_stale_is_a_finding_on_that_day(mill):
    text = read(mill, "2024-06-01", "2026-05-02")
    assert codes(mill, "2026-06-01") == []
    line = text.split("\n").index("as_of: 2024-06-01") + 1
    assert codes(mill, "2026-06-02") == [("stale-page", PAGE, line)]


@pytest.mark.parametrize("is_mine", [False, True])
def test_a_page_that_has_grown_stale_is_outdated_and_says_so_once_it_is_refreshed(mill, is_mine):
    text = read(mill, "2024-06-01", "2026-05-02")
    if is_mine:
        text = text.replace("Sihwa Lake is a tidal", "Sihwa Lake is a great tidal", 1)
        mill.write(PAGE, text)
    assert mill.outdated("2026-06-01") == []
    assert [page.path for page in mill.outdated("2026-06-02")] == [PAGE]
    (change,) = mill.refresh("2026-06-02")
    assert (change.path, change.op) == (PAGE, "update")
    says = "> [!stale] The newest evidence is of 2024-06-01; a page of type entity is fresh for 2 years."
    assert mill.read(PAGE) == text.replace("\n# Sihwa Lake\n", f"\n# Sihwa Lake\n\n{says}\n").replace(
        "status: current", "status: stale"
    )
    assert mill.outdated("2026-06-02") == []
    assert mill.refresh("2026-07-02") == []
    # What is stale depends on the schema too.
    mill.write("schema.yaml", mill.read("schema.yaml").replace("2 years", "3 years"))
    mill.refresh("2026-07-02")
    assert mill.read(PAGE) == text


def test_reading_a_source_again_on_a_later_day_changes_no_page(mill):
    text = read(mill, "2024-06-01", "2026-05-02")
    mill.ingest("raw/a.md", "2026-07-01")
    assert mill.read(PAGE) == text


def test_an_age_that_is_none_is_named(vault):
    found = Mill(vault)
    found.write("schema.yaml", "pages:\n  fresh_for: {entity: a while}\n")
    with pytest.raises(Failure, match="fresh_for: entity: 'a while' is no age such as"):
        schema.load(Vault(vault))
