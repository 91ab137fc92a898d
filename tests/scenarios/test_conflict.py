"""Two sources that cannot both be right: none passes in silence, and what only looks so is left alone."""

from __future__ import annotations

import json
import re
import shutil

import mill
import pytest
from turning import Mill

PAGE = "wiki/entities/Sihwa Lake.md"
OLD = """\
---
date: 1966-11-26
---
# Plants

Sihwa Lake is a tidal power station in Korea. Sihwa Lake opened in 1966 with a capacity of 240 MW.
"""
NEW = """\
---
date: 2024-03-01
---
# News

{said} Sihwa Lake lies between Siheung and Ansan.
"""
LATER = """\
# Visits

Sihwa Lake employs 28 people. Sihwa Lake has 24 turbines.
"""
REFURBISHED = "After refurbishment Sihwa Lake has a capacity of 320 MW."
PLAIN = "Sihwa Lake has a capacity of 320 MW."
OTHERS = {
    "another plant": "Swansea Bay has a capacity of 320 MW.",
    "a reported position": "Critics claim that Sihwa Lake has a capacity of 320 MW.",
    "another unit": "Sihwa Lake has a capacity of 0.24 GW.",
}


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    vault = mill.empty_vault(tmp_path_factory.mktemp("first") / "vault")
    (vault / "raw" / "old.md").write_text(OLD, encoding="utf-8")
    mill.ingest(vault, "raw/old.md", "2026-04-02")
    return vault


@pytest.fixture(scope="module")
def second(first, tmp_path_factory):
    """`second(said)`: the vault after a second source that says this."""
    made = {}

    def ingest(said):
        if said not in made:
            vault = shutil.copytree(first, tmp_path_factory.mktemp("second") / "vault")
            (vault / "raw" / "new.md").write_text(NEW.format(said=said), encoding="utf-8")
            mill.ingest(vault, "raw/new.md", "2026-04-03")
            made[said] = vault
        return made[said]

    return ingest


@pytest.fixture
def disputed(second, tmp_path):
    """A vault of its own in which two sources contradict each other."""
    return shutil.copytree(second(PLAIN), tmp_path / "vault")


def read(vault, path=PAGE):
    return (vault / path).read_text(encoding="utf-8")


def id_of(vault, words):
    return re.search(re.escape(words) + r" \^(\w{12})", "".join(p.read_text() for p in sources(vault)))[1]


def sources(vault):
    return sorted((vault / "wiki" / "sources").iterdir())


def findings(vault):
    return [json.loads(line) for line in mill.run("lint", vault=vault).stdout.splitlines()]


def entry(vault):
    return read(vault, "log.md").split("\n## ")[-1]


def later(vault, name="later", text=LATER):
    """Another source, which says nothing of it, and the first two once more."""
    here = Mill(vault)
    here.write(f"raw/{name}.md", text)
    for source in (f"raw/{name}.md", "raw/new.md", "raw/old.md"):
        here.ingest(source, "2026-05-01")


def change(vault, old, new):
    text = read(vault)
    assert old in text
    (vault / PAGE).write_text(text.replace(old, new), encoding="utf-8")


def line_with(vault, words):
    return next(line for line in read(vault).split("\n") if words in line and not line.startswith("[^"))


def test_what_says_that_it_is_newer_overtakes_the_older(second):
    vault = second(REFURBISHED)
    new = id_of(vault, REFURBISHED)
    old = id_of(vault, "Sihwa Lake opened in 1966 with a capacity of 240 MW.")
    line = line_with(vault, "240 MW")
    assert line.startswith(f"- Sihwa Lake opened in 1966 with a capacity of 240 MW.[^{old}] *(capacity: 320 MW")
    assert line.endswith(f"[^{new}])*")
    assert "\nstatus: current\n" in read(vault)
    assert "## Contradictions" not in read(vault)
    assert "1 superseded" in entry(vault)
    assert findings(vault) == []


def test_a_later_date_alone_overtakes_nothing_and_both_stand_with_their_dates(second):
    vault = second(PLAIN)
    old = id_of(vault, "Sihwa Lake opened in 1966 with a capacity of 240 MW.")
    new = id_of(vault, PLAIN)
    section = read(vault).partition("\n## Contradictions\n\n")[2].split("\n\n")[0].split("\n")
    assert section == [f"- capacity: 240 MW[^{old}] (1966)", f"- capacity: 320 MW[^{new}] (2024-03-01)"]
    assert "\nstatus: contested\n" in read(vault)
    assert PLAIN in read(vault)
    assert "Sihwa Lake opened in 1966 with a capacity of 240 MW." in read(vault)


def test_lint_and_the_log_tell_of_a_contradiction(second):
    vault = second(PLAIN)
    (found,) = findings(vault)
    assert (found["code"], found["severity"], found["path"]) == ("contradiction", "warning", PAGE)
    assert found["message"] == "capacity: 240 MW (1966) against capacity: 320 MW (2024-03-01)"
    assert "2 disputed" in entry(vault)
    assert "1 warning" in entry(vault)


@pytest.mark.parametrize("what", OTHERS)
def test_what_is_no_conflict_is_none(what, second):
    vault = second(OTHERS[what])
    assert "Contradictions" not in read(vault)
    assert "*(" not in read(vault)
    assert "\nstatus: current\n" in read(vault)
    assert findings(vault) == []
    assert "disputed" not in entry(vault)
    assert "superseded" not in entry(vault)


@pytest.mark.parametrize("words", ["with a capacity of 240 MW", "has a capacity of 320 MW"])
def test_a_sentence_that_a_person_takes_away_stays_away_and_with_it_the_dispute(words, disputed):
    line = line_with(disputed, words)
    if line.startswith("- "):
        change(disputed, line + "\n", "")
    else:
        change(disputed, re.search(rf"[^.]*{words}\.\[\^\w+\] ?", line)[0], "")
    later(disputed)
    text = read(disputed)
    assert words not in text.partition("\n[^")[0]
    assert "Contradictions" not in text
    assert "\nstatus: current\n" in text
    assert "Sihwa Lake has 24 turbines." in text
    assert not [found for found in findings(disputed) if found["code"] == "contradiction"]


def test_a_dispute_that_a_person_takes_away_stays_away(disputed):
    section = re.search(r"\n## Contradictions\n\n(?:- .*\n)+", read(disputed))[0]
    change(disputed, section, "")
    later(disputed)
    text = read(disputed)
    assert "Contradictions" not in text
    assert "\nstatus: current\n" in text
    assert "capacity of 240 MW" in text
    assert "capacity of 320 MW" in text
    assert not [found for found in findings(disputed) if found["code"] == "contradiction"]


def test_a_pair_that_a_person_has_settled_is_not_disputed_again(disputed):
    old = id_of(disputed, "Sihwa Lake opened in 1966 with a capacity of 240 MW.")
    new = id_of(disputed, PLAIN)
    section = re.search(r"\n## Contradictions\n\n(?:- .*\n)+", read(disputed))[0]
    change(disputed, section, "")
    change(disputed, "status: contested\n", f"status: current\nsettled: [{old} {new}]\n")
    later(disputed)
    assert "Contradictions" not in read(disputed)
    assert f"settled: [{old} {new}]" in read(disputed)


def test_a_third_source_with_a_third_value_disputes_both(disputed):
    later(disputed, "third", "# Third\n\nSihwa Lake has a capacity of 400 MW. Sihwa Lake has 24 turbines.\n")
    section = read(disputed).partition("\n## Contradictions\n\n")[2].split("\n\n")[0]
    assert re.findall(r"\d+ MW", section) == ["240 MW", "320 MW", "400 MW"]


def test_what_a_person_writes_on_a_dispute_stays_when_its_claim_goes(disputed):
    line = line_with(disputed, "- capacity: 240 MW")
    change(disputed, line, line + " — as its plaque says")
    (disputed / "raw" / "old.md").write_text(OLD.replace(" with a capacity of 240 MW", ""), encoding="utf-8")
    later(disputed)
    assert "- capacity: 240 MW (1966) — as its plaque says" in read(disputed)
    assert not [found for found in findings(disputed) if found["severity"] == "error"]
