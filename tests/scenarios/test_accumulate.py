"""Three sources on one thing: what is new is added, what is said again gains a footnote, and nothing is said twice."""

from __future__ import annotations

import re

import mill
import pytest

PAGE = "wiki/entities/Sihwa Lake.md"
A = """\
# Plants

Sihwa Lake is a tidal power station in Korea. Sihwa Lake opened in 2011. Sihwa Lake has 10 turbines.

Sihwa Lake employs 28 people. Sihwa Lake cost 355 million dollars.
"""
B = """\
# Barrages

Sihwa Lake supplies about 550 GWh a year. Sihwa Lake lies between Siheung and Ansan.
"""
C = """\
# Power from the sea

In 2011 Sihwa Lake opened. Sihwa Lake employs 28 people. The Sihwa Lake has ten turbines.
"""
# The seven facts, each with the sources that say it.
FACTS = {
    "Sihwa Lake is a tidal power station in Korea.": ["plants"],
    "Sihwa Lake opened in 2011.": ["plants", "power-from-the-sea"],
    "Sihwa Lake has 10 turbines.": ["plants", "power-from-the-sea"],
    "Sihwa Lake employs 28 people.": ["plants", "power-from-the-sea"],
    "Sihwa Lake cost 355 million dollars.": ["plants"],
    "Sihwa Lake supplies about 550 GWh a year.": ["barrages"],
    "Sihwa Lake lies between Siheung and Ansan.": ["barrages"],
}


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    vault = mill.empty_vault(tmp_path_factory.mktemp("accumulate") / "vault")
    for number, text in enumerate((A, B, C), 1):
        (vault / "raw" / f"{number}.md").write_text(text, encoding="utf-8")
        mill.ingest(vault, f"raw/{number}.md", f"2026-04-0{number}")
    return vault


def told(text):
    """Each sentence of a page that cites, with the sources behind its footnotes."""
    notes = {
        id_: re.findall(r"\[\[([^#\]]+)#\^", rest)
        for id_, rest in re.findall(r"^\[\^(\w+)\]: (.*)$", text, re.MULTILINE)
    }
    body = text.partition("\n# ")[2].partition("\n[^")[0]
    cited = re.findall(r"(?:^- |^|(?<=\] ))([^\[\n]+)((?:\[\^\w{12}\])+)", body, re.MULTILINE)
    return [(words, sorted({s for id_ in re.findall(r"\w{12}", ids) for s in notes[id_]})) for words, ids in cited]


def test_the_page_has_the_seven_facts_each_once_with_the_right_citations(grown):
    assert [page.name for page in mill.topic_pages(grown)] == ["Sihwa Lake.md"]
    assert sorted(told((grown / PAGE).read_text())) == sorted(FACTS.items())


def test_each_place_is_the_line_that_says_it(grown):
    text = (grown / PAGE).read_text()
    assert ', line 5: "Sihwa Lake employs 28 people." · [[power-from-the-sea#^' in text
    assert ', line 3: "The Sihwa Lake has ten turbines."' in text


def test_nothing_is_wrong_and_nothing_is_left_to_do(grown):
    done = mill.run("lint", vault=grown)
    assert (done.returncode, done.stdout) == (0, b""), done.stdout.decode()
    assert mill.run("outdated", vault=grown).returncode == 1
    before = mill.picture(grown)
    for number in (1, 2, 3):
        mill.ingest(grown, f"raw/{number}.md", "2026-06-01")
    assert mill.differences(before, mill.picture(grown)) == []


def test_the_log_says_what_was_united(grown):
    entry = (grown / "log.md").read_text().split("\n## ")[-1]
    assert "3 united" in entry
