"""A source that changes: what stands keeps its place, what is gone is taken back by name, what is new is added."""

from __future__ import annotations

import json
import re
import shutil

import mill
import pytest
from turning import Mill

LA_RANCE = "wiki/entities/La Rance.md"
SOURCE, LEDGER = "raw/plants.md", "wiki/sources/plants-source.md"
OLD = """\
# Plants

La Rance is a tidal power station in Brittany. La Rance opened in 1966 with a capacity of 240 MW.

La Rance has 24 turbines. La Rance supplies about 500 GWh a year.

Sihwa Lake is a tidal power station in Korea. Sihwa Lake opened in 2011 with a capacity of 254 MW.
"""
OTHER = """\
# Turbines

La Rance has 24 turbines. La Rance was the first of its kind.
"""


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """A vault that has read both sources; nobody changes it."""
    vault = mill.empty_vault(tmp_path_factory.mktemp("both") / "vault")
    put(vault, SOURCE, OLD)
    put(vault, "raw/turbines.md", OTHER)
    mill.ingest(vault, SOURCE, "2026-04-02")
    mill.ingest(vault, "raw/turbines.md", "2026-04-03")
    return vault


@pytest.fixture
def grown(both, tmp_path):
    """A copy of it for one test."""
    return shutil.copytree(both, tmp_path / "grown")


def put(vault, path, text):
    (vault / path).write_text(text, encoding="utf-8")


def read(vault, path):
    return (vault / path).read_text(encoding="utf-8")


def again(vault, text, date="2026-05-01"):
    """Let the source say something else, and read it again; the changes by path, and the log entry."""
    put(vault, SOURCE, text)
    done = mill.ingest(vault, SOURCE, date)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    changes = {record["path"]: record for record in records if record["kind"] == "change"}
    return changes, next(record for record in records if record["kind"] == "entry")


def bullet(vault, path, words):
    """The line with these words, and the footnotes that it cites with what stands behind them."""
    line = next(line for line in read(vault, path).split("\n") if words in line and not line.startswith("[^"))
    notes = dict(re.findall(r"^\[\^(\w+)\]: (.*)$", read(vault, path), re.MULTILINE))
    after = line.partition(words)[2]
    return {id_: notes[id_] for id_ in re.match(r"[^\[]*((?:\[\^\w+\])*)", after)[1].strip("[^]").split("][^") if id_}


def is_sound(vault):
    done = mill.run("lint", vault=vault)
    assert (done.returncode, done.stdout) == (0, b""), done.stdout.decode()
    assert mill.run("outdated", vault=vault).returncode == 1


def test_a_quote_that_stands_elsewhere_has_its_place_set_right(grown):
    (before,) = bullet(grown, LA_RANCE, "La Rance supplies about 500 GWh a year.")
    changes, entry = again(grown, OLD.replace("# Plants\n", "# Plants\n\nThis is what is known of two plants.\n"))
    (note,) = bullet(grown, LA_RANCE, "La Rance supplies about 500 GWh a year.").values()
    assert ', line 7: "La Rance supplies about 500 GWh a year."' in note
    assert before in read(grown, LEDGER)
    assert [changes[path]["retired"] for path in (LA_RANCE, LEDGER)] == [[], []]
    assert not any("retired" in said for said in entry["bullets"])
    is_sound(grown)


def test_a_claim_that_is_gone_is_taken_back_by_name(grown):
    (gone,) = bullet(grown, LA_RANCE, "La Rance supplies about 500 GWh a year.")
    changes, entry = again(grown, OLD.replace(" La Rance supplies about 500 GWh a year.", ""))
    assert (changes[LA_RANCE]["retired"], changes[LEDGER]["retired"]) == ([gone], [gone])
    assert gone not in read(grown, LA_RANCE) + read(grown, LEDGER)
    assert any(said.startswith("claims: 1 retired") for said in entry["bullets"])
    assert "1 retired" in read(grown, "log.md")
    is_sound(grown)


def test_a_claim_that_another_source_makes_too_loses_only_its_footnote(grown):
    assert len(next(iter(bullet(grown, LA_RANCE, "La Rance has 24 turbines.").values())).split(" · ")) == 2
    again(grown, OLD.replace("La Rance has 24 turbines. ", ""))
    (note,) = bullet(grown, LA_RANCE, "La Rance has 24 turbines.").values()
    assert note.startswith("[[turbines-source#^")
    assert " · [[" not in note
    is_sound(grown)


def test_a_new_sentence_is_added(grown):
    changes, _ = again(grown, OLD + "\nLa Rance lies between Dinard and Saint-Malo.\n")
    (new,) = bullet(grown, LA_RANCE, "La Rance lies between Dinard and Saint-Malo.")
    assert (changes[LA_RANCE]["added"], changes[LEDGER]["added"]) == ([new], [new])
    assert {path for path, change in changes.items() if change["op"] != "unchanged"} == {LA_RANCE, LEDGER}
    is_sound(grown)


def test_a_changed_sentence_is_another_claim(grown):
    (old,) = bullet(grown, LA_RANCE, "La Rance supplies about 500 GWh a year.")
    changes, _ = again(grown, OLD.replace("500 GWh", "540 GWh"))
    (new,) = bullet(grown, LA_RANCE, "La Rance supplies about 540 GWh a year.")
    assert (changes[LA_RANCE]["retired"], changes[LA_RANCE]["added"]) == ([old], [new])
    is_sound(grown)


def test_a_claim_in_the_lead_that_is_gone_leaves_a_lead_of_those_that_stand(grown):
    again(grown, OLD.replace("La Rance is a tidal power station in Brittany. ", ""))
    assert "is a tidal power station in Brittany" not in read(grown, LA_RANCE)
    assert re.search(r"^# La Rance\n\nLa Rance \w+", read(grown, LA_RANCE), re.MULTILINE)
    is_sound(grown)


def test_a_claim_that_is_made_no_more_stays_while_its_words_stand(grown):
    """What is taken from a text depends on all of it; what was taken from it stands as long as its words do."""
    words = "La Rance supplies about 500 GWh a year."
    (id_,) = bullet(grown, LA_RANCE, words)
    put(grown, SOURCE, OLD.replace("# Plants\n", "# Plants\n\nThis is what is known of two plants.\n"))
    said = mill.run("extract", SOURCE, vault=grown).stdout.splitlines(keepends=True)
    rest = b"".join(line for line in said if words.encode() not in line)
    done = mill.pipe((*mill.THINKING[1:], *mill.WRITING), grown, stdin=rest, date="2026-05-01")
    assert done.returncode == 0, done.stderr.decode()
    (note,) = bullet(grown, LA_RANCE, words).values()
    assert f', line 7: "{words}"' in note
    assert f'line 7: "{words}"' in read(grown, LEDGER)
    assert id_ in read(grown, LEDGER)
    is_sound(grown)


def test_words_whose_heading_now_names_another_thing_do_not_stand(vault):
    text = (
        "# Plants\n\n## La Rance\n\nLa Rance is a tidal power station. It opened in 1966 with a capacity of 240 MW.\n"
    )
    put(vault, SOURCE, text)
    mill.ingest(vault, SOURCE, "2026-04-02")
    assert re.search(r"^- \[?La Rance\]? opened in 1966", read(vault, LEDGER), re.MULTILINE)
    again(vault, text.replace("La Rance", "Sihwa Lake"))
    assert "La Rance" not in read(vault, LEDGER).partition("## Claims")[2]


def test_thirty_appends_to_a_journal_change_each_only_what_their_own_facts_bring(vault):
    journal, ledger = "raw/journal.md", "wiki/sources/journal-source.md"
    names = ("La Rance", "Sihwa Lake", "Swansea Bay")
    text = "# Journal\n\n" + "".join(f"{name} is a tidal power station. {name} has a barrage.\n\n" for name in names)
    seen = [
        "lamp",
        "bench",
        "clock",
        "statue",
        "fountain",
        "kiosk",
        "ladder",
        "crane",
        "tower",
        "mirror",
        "shed",
        "bridge",
        "boat",
        "garden",
        "flag",
        "bell",
        "telescope",
        "fence",
        "hut",
        "oak",
        "pond",
        "well",
        "stair",
        "chapel",
        "museum",
        "library",
        "theatre",
        "bakery",
        "market",
        "school",
    ]
    here = Mill(vault)
    here.write(journal, text)
    here.ingest(journal)
    for number in range(1, 31):
        name = names[number % 3]
        text += f"{name} has a {seen[number - 1]} near its gate.\n\n"
        here.write(journal, text)
        before = mill.picture(vault)
        here.ingest(journal, f"2026-04-{number:02}")
        after = mill.picture(vault)
        page = f"wiki/entities/{name}.md"
        changed = {path for path in after if path.startswith("wiki/") and before.get(path) != after[path]}
        new_pages = {path for path in changed if path not in before}
        assert changed - new_pages <= {page, ledger, "wiki/index.md"}, number
        # What stood on a page stands; a claim may go up into the lead as it was.
        old, new = before.get(page, b"").decode(), after.get(page, b"").decode()
        assert mill.claims(old) <= mill.claims(new)
        lost = {line for line in old.split("\n") if line.startswith(("- ", "[^"))} - set(new.split("\n"))
        assert all(line.startswith("- ") and line[2:] in new for line in lost), (number, lost)
        assert after[ledger].count(b"\n\t- ") == before[ledger].count(b"\n\t- ") + 1
        assert here.outdated() == []
    assert len(list((vault / "wiki" / "entities").iterdir())) > 1
    is_sound(vault)
