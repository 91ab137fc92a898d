"""The committed wiki is what the mill makes of raw/, to the byte, and it is a sample worth showing."""

from __future__ import annotations

import json
import re
import shutil

import mill
import pytest
import sample


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return sample.build(tmp_path_factory.mktemp("sample") / "vault")


def test_is_what_the_mill_makes_of_raw(built):
    assert mill.differences(mill.picture(built), mill.picture(mill.ROOT)) == []


def test_has_nothing_wrong_but_two_figures_that_disagree(built):
    done = mill.run("lint", vault=built)
    (found,) = (json.loads(line) for line in done.stdout.splitlines())
    assert (found["code"], found["path"]) == ("contradiction", "wiki/entities/Swansea Bay tidal lagoon.md")
    assert found["message"] == "design capacity: 240 MW (2015-03-02) against design capacity: 320 MW (2023-09-14)"


def test_the_next_source_overtakes_what_stands(built, tmp_path):
    grown = shutil.copytree(built, tmp_path / "grown")
    mill.ingest(grown, sample.NEXT[1], sample.NEXT[0])
    page = (grown / "wiki" / "entities" / "MeyGen.md").read_text()
    assert re.search(
        r"^- MeyGen has delivered 50 GWh to the grid\.\[\^\w+\] \*\(90 GWh as of 2026-04-20\[", page, re.MULTILINE
    )


def test_has_a_source_page_for_all_sources_but_one(built):
    pages = sorted((built / "wiki" / "sources").glob("*.md"))
    cited = {re.search(r"^source: (.*)$", page.read_text(), re.MULTILINE)[1].strip('"') for page in pages}
    assert cited == {path for _, path in sample.STANDING}


def test_has_one_log_entry_a_source(built):
    headings = [line for line in (built / "log.md").read_text().split("\n") if line.startswith("## [")]
    assert [heading[4:14] for heading in headings] == [date for date, _ in sample.STANDING]


def test_no_bullet_begins_with_a_pronoun(built):
    forbidden = re.compile(r"- (It|This|These|They|She|He|Its|Their|Elle|Il|Elles|Ils|Ce|Cela)\b")
    lines = [line for page in mill.topic_pages(built) for line in mill.bullets(page.read_text())]
    assert [line for line in lines if forbidden.match(line)] == []


def test_the_last_source_touches_four_standing_pages(built, tmp_path):
    before = mill.picture(built)
    vault = mill.sample_vault(tmp_path / "vault")
    date, source = sample.NEXT
    mill.ingest(vault, source, date)
    after = mill.picture(vault)
    touched = [path for path, data in before.items() if path.startswith("wiki/") and after[path] != data]
    touched.remove("wiki/index.md")
    assert len(touched) >= 4, touched
