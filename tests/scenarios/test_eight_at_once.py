"""Eight processes that ingest eight overlapping sources at once lose nothing, and miss no contradiction."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from itertools import permutations
from pathlib import Path

import mill
import pytest
from mill import BIN
from turning import Mill

PLANTS = ("Sihwa Lake", "Swansea Bay", "Severn Weir")
# What each source says of the plants: some of it says every other, too, and each something of its own.
SHARED = "{0} is a tidal power station. {0} has 24 turbines."
OWN = (
    "{0} lies near a harbour.",
    "{0} has a visitor centre.",
    "{0} is run by a public company.",
    "{0} employs 28 people.",
    "{0} has a lock for ships.",
    "{0} closes on Sundays.",
    "{0} cost 620 million dollars.",
    "{0} has a road on top.",
)
CAPACITY = {2: "Sihwa Lake has a capacity of 240 MW.", 6: "Sihwa Lake has a capacity of 320 MW."}
FIRST = """\
# On {0}

{0} is a tidal power station. {0} opened in 19{1}. {0} has a long wall. {0} was built in ten years.
"""
SOURCES = [f"raw/notes-{number}.md" for number in range(8)]


def lay(vault: Path) -> Path:
    for number, source in enumerate(SOURCES):
        lines = [f"{SHARED} {OWN[number]}".format(plant) for plant in PLANTS]
        lines += [CAPACITY[number]] if number in CAPACITY else []
        (vault / source).write_text(f"# Notes {number}\n\n" + "\n\n".join(lines) + "\n", encoding="utf-8")
    return vault


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    """A wiki that has a page of each plant; a name that eight sources bring at once waits on the pages of all eight."""
    vault = lay(mill.empty_vault(tmp_path_factory.mktemp("standing") / "vault"))
    here = Mill(vault)
    for number, plant in enumerate(PLANTS):
        here.write(f"raw/first-{number}.md", FIRST.format(plant, 66 + number))
        here.ingest(f"raw/first-{number}.md")
    assert [path.stem for path in mill.topic_pages(vault)] == sorted(PLANTS)
    return vault


@pytest.fixture(scope="module")
def in_turn(standing, tmp_path_factory):
    vault = shutil.copytree(standing, tmp_path_factory.mktemp("in_turn") / "vault")
    for source in SOURCES:
        mill.ingest(vault, source, "2026-04-02")
    return vault


@pytest.fixture(scope="module")
def at_once(standing, tmp_path_factory):
    vault = shutil.copytree(standing, tmp_path_factory.mktemp("at_once") / "vault")
    command = f'set -euo pipefail; "{BIN / "segment"}" "$0" | ' + mill.stages((*mill.THINKING, *mill.WRITING))
    known = {"cwd": vault, "env": mill.environment(), "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    running = [subprocess.Popen(["bash", "-c", command, source], **known) for source in SOURCES]
    for process in running:
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said.decode()
        assert mill.READER or not said  # a model is said to be asked, and what it took
    return vault


def evidence(vault: Path) -> set[tuple[str, str, str]]:
    """Every (claim, source) that stands on a source page, and on which topic page it is cited."""
    found = set()
    for path in mill.topic_pages(vault):
        for id_, rest in re.findall(r"^\[\^(\w{12})\]: (.*)$", path.read_text(), re.MULTILINE):
            found |= {(id_, slug, path.stem) for slug in re.findall(r"\[\[([^#\]]+)#\^", rest)}
    for path in sorted((vault / "wiki" / "sources").iterdir()):
        found |= {(id_, path.stem, "") for id_ in re.findall(r" \^(\w{12})$", path.read_text(), re.MULTILINE)}
    return found


def findings(vault: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in mill.run("lint", vault=vault).stdout.splitlines()]


def test_nothing_is_lost(at_once, in_turn):
    assert evidence(at_once) == evidence(in_turn)
    # Each claim stands on the page of its source and on that of its plant.
    assert len({found for found in evidence(at_once) if found[1].startswith("notes")}) > 140


def test_lint_finds_the_contradiction_and_nothing_else_but_leads_that_are_behind(at_once, in_turn):
    assert [found["code"] for found in findings(in_turn)] == ["contradiction"]
    assert {found["code"] for found in findings(at_once)} - {"lead-outdated"} == {"contradiction"}
    assert not [found for found in findings(at_once) if found["severity"] == "error"]


def test_the_leads_that_are_behind_are_made_anew_and_then_nothing_is_left_to_do(at_once):
    mill.pipe(["outdated", "summarize", *mill.WRITING], at_once)
    assert mill.run("outdated", vault=at_once).returncode == 1
    assert [found["code"] for found in findings(at_once)] == ["contradiction"]
    before = mill.picture(at_once)
    for source in SOURCES[:2]:
        mill.ingest(at_once, source, "2026-06-01")
    assert mill.differences(before, mill.picture(at_once)) == []


def test_each_source_has_one_entry_in_the_log(at_once):
    assert sorted(re.findall(r"ingest \| (Notes \d)", (at_once / "log.md").read_text())) == [
        f"Notes {n}" for n in range(8)
    ]


# ── Linked at once, and then written in one order or another ──


@pytest.fixture(scope="module")
def thoughts(tmp_path_factory):
    """What the thinking programs make of three sources, each of an empty wiki."""
    vault = lay(mill.empty_vault(tmp_path_factory.mktemp("thoughts") / "vault"))
    return {source: mill.thought(vault, source, "2026-04-02") for source in (SOURCES[2], SOURCES[4], SOURCES[6])}


def written(folder: Path, thoughts: dict[str, bytes], order: tuple[str, ...]) -> Path:
    vault = lay(mill.empty_vault(folder))
    for source in order:
        done = mill.write(vault, thoughts[source], "2026-04-02")
        assert done.returncode == 0, done.stderr.decode()
    return vault


def test_in_every_order_the_same_is_told_and_the_contradiction_is_found(thoughts, tmp_path):
    made = [written(tmp_path / str(n), thoughts, order) for n, order in enumerate(permutations(thoughts))]
    assert len({frozenset(evidence(vault)) for vault in made}) == 1
    for vault in made:
        text = (vault / "wiki/entities/Sihwa Lake.md").read_text()
        section = text.partition("\n## Contradictions\n\n")[2].split("\n\n")[0]
        assert sorted(re.findall(r"\d+ MW", section)) == ["240 MW", "320 MW"]
        assert "\nstatus: contested\n" in text
        # What was said alike and linked at once is one sentence with all its footnotes.
        assert text.count("Sihwa Lake has 24 turbines.") == 1 + text.partition("\n[^")[2].count("has 24 turbines.")


def test_the_same_order_gives_the_same_bytes(thoughts, tmp_path):
    one, other = (written(tmp_path / name, thoughts, tuple(thoughts)) for name in "ab")
    assert mill.differences(mill.picture(one), mill.picture(other)) == []
