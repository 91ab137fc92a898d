"""A source taken back: exactly its evidence goes, people's words stay, and reading it again brings everything back."""

from __future__ import annotations

import json
import re

import mill
import pytest
from processes import MEASURED

LA_RANCE, SWANSEA = "wiki/entities/La Rance.md", "wiki/entities/Swansea Bay.md"
WALES, PLANTS, TURBINES = "raw/wales.md", "raw/plants.md", "raw/turbines.md"
LEDGER = "wiki/sources/wales-source.md"
TEXTS = {
    WALES: """\
# Wales

Swansea Bay is a tidal lagoon in Wales. Swansea Bay was planned with 16 turbines.

Swansea Bay was refused in 2018. Swansea Bay was to cost 1.3 billion pounds.
""",
    PLANTS: """\
# Plants

La Rance is a tidal power station in Brittany. La Rance opened in 1966 with a capacity of 240 MW.

La Rance has 24 turbines. La Rance supplies about 500 GWh a year.
""",
    TURBINES: """\
# Turbines

La Rance has 24 turbines. La Rance was the first of its kind.

La Rance was shown to the planners of Swansea Bay in 2014. La Rance was built by EDF.
""",
}


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """A vault that has read the three sources, one after another."""
    vault = mill.empty_vault(tmp_path_factory.mktemp("three") / "vault")
    for day, (path, text) in enumerate(TEXTS.items(), 1):
        put(vault, path, text)
        mill.ingest(vault, path, f"2026-04-0{day}")
    is_sound(vault)
    assert [path.name for path in mill.topic_pages(vault)] == ["La Rance.md", "Swansea Bay.md"]
    return vault


@pytest.fixture
def vault(three, tmp_path):
    """A copy of it for one test."""
    folder = mill.empty_vault(tmp_path / "vault")
    for path, data in mill.picture(three).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def put(vault, path, text):
    (vault / path).write_text(text, encoding="utf-8")


def read(vault, path):
    return (vault / path).read_text(encoding="utf-8")


def retract(vault, name, date="2026-05-01"):
    """What `make retract` does; the changes of the retraction by path, and the log entries."""
    verb, refresh = [("retract", name), *mill.WRITING[1:]], ["outdated", "summarize", *mill.WRITING]
    told = b""
    for programs in (verb, refresh):
        done = mill.pipe(programs, vault, date=date)
        assert done.returncode == 0, done.stderr.decode()
        told += done.stdout
    records = [json.loads(line) for line in told.splitlines()]
    changes = {row["path"]: row for row in records if row["kind"] == "change" and row["source"]}
    return changes, [row for row in records if row["kind"] == "entry"]


def is_sound(vault):
    done = mill.run("lint", vault=vault)
    assert (done.returncode, done.stdout) == (0, b""), done.stdout.decode()
    assert mill.run("outdated", vault=vault).returncode == 1


def dateless(vault):
    """The wiki without the days on which its pages were written."""
    pages = {path: data.decode() for path, data in mill.picture(vault).items() if path.startswith("wiki/")}
    return {path: re.sub(r"^(created|updated): .*$", "", text, flags=re.MULTILINE) for path, text in pages.items()}


def claim_of(vault, path, words):
    """The id of the claim with these words on a source page."""
    return re.search(rf"^- {re.escape(words)} \^(\w+)$", read(vault, path), re.MULTILINE)[1]


def note_of(vault, path, id_):
    return re.search(rf"^\[\^{id_}\]: (.*)$", read(vault, path), re.MULTILINE)[1]


def test_what_only_this_source_says_goes_and_what_others_say_too_loses_a_footnote(vault):
    shared = claim_of(vault, "wiki/sources/turbines-source.md", "La Rance has 24 turbines.")
    sole = claim_of(vault, "wiki/sources/turbines-source.md", "La Rance was the first of its kind.")
    before = read(vault, LA_RANCE)
    changes, (entry, *_) = retract(vault, TURBINES)
    after = read(vault, LA_RANCE)
    assert {shared, sole} <= set(changes[LA_RANCE]["retracted"])
    assert "La Rance has 24 turbines." in after
    assert "turbines-source#" not in after
    assert note_of(vault, LA_RANCE, shared).startswith("[[plants-source#^")
    assert "first of its kind" not in after
    assert mill.claims(before) - mill.claims(after) == set(changes[LA_RANCE]["retracted"]) - {shared}
    assert changes["wiki/sources/turbines-source.md"]["op"] == "delete"
    assert not (vault / "wiki/sources/turbines-source.md").exists()
    assert "turbines-source" not in read(vault, "wiki/index.md")
    assert (vault / TURBINES).exists()
    assert (entry["verb"], entry["title"]) == ("retract", "Turbines")
    assert "\n## [2026-05-01] retract | Turbines\n" in read(vault, "log.md")
    is_sound(vault)


def test_nothing_else_changes(vault):
    before = mill.picture(vault)
    changes, _ = retract(vault, TURBINES)
    after = mill.picture(vault)
    differing = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert differing == {*changes, "wiki/index.md", "log.md"}
    assert changes.keys() == {LA_RANCE, "wiki/sources/turbines-source.md"}


def test_a_page_that_rests_on_nothing_else_goes_and_sentences_that_lead_there_keep_their_words(vault):
    shown = "- La Rance was shown to the planners of {} in 2014."
    assert shown.format("[[Swansea Bay|Swansea Bay]]") in read(vault, LA_RANCE)
    changes, (entry, *more) = retract(vault, WALES)
    assert {path: (row["op"], len(row["retracted"])) for path, row in changes.items()} == {
        SWANSEA: ("delete", 4),
        LEDGER: ("delete", 4),
        LA_RANCE: ("update", 0),
    }
    assert not (vault / SWANSEA).exists()
    assert shown.format("Swansea Bay") in read(vault, LA_RANCE)
    assert "[[Swansea Bay" not in "".join(dateless(vault).values())
    assert any(said.startswith("deleted: [[Swansea Bay]]") for said in entry["bullets"])
    assert any(said.startswith("claims: 4 retracted") for said in entry["bullets"])
    assert more == []
    is_sound(vault)


def test_the_lead_that_lost_its_sentence_is_made_of_those_that_stand(vault):
    assert re.search(
        r"^# La Rance\n\nLa Rance is a tidal power station in Brittany", read(vault, LA_RANCE), re.MULTILINE
    )
    _, entries = retract(vault, PLANTS)
    assert "Brittany" not in read(vault, LA_RANCE)
    assert re.search(r"^# La Rance\n\nLa Rance \w+", read(vault, LA_RANCE), re.MULTILINE)
    assert [entry["verb"] for entry in entries] == ["retract", "refresh"]
    is_sound(vault)


def test_without_the_rest_of_the_pipe_the_pages_are_outdated_and_the_next_run_logs_it(vault):
    done = mill.run("retract", PLANTS, vault=vault, date="2026-05-01")
    assert (done.returncode, done.stderr) == (0, b"")
    assert "retract | Plants" not in read(vault, "log.md")
    assert "plants-source" not in read(vault, "wiki/index.md")
    mill.run("index", vault=vault, date="2026-05-02")
    assert "## [2026-05-01] retract | Plants" in read(vault, "log.md")
    listed = mill.run("outdated", vault=vault).stdout.splitlines()
    assert LA_RANCE in {json.loads(line)["path"] for line in listed}


def test_the_last_source_read_again_brings_the_same_bytes(vault):
    before = dateless(vault)
    retract(vault, TURBINES)
    mill.ingest(vault, TURBINES, "2026-05-02")
    assert mill.differences(_bytes(dateless(vault)), _bytes(before)) == []
    is_sound(vault)


def test_a_page_that_went_comes_back_to_the_byte(vault):
    before = dateless(vault)
    retract(vault, WALES)
    mill.ingest(vault, WALES, "2026-05-02")
    after = dateless(vault)
    assert after[SWANSEA] == before[SWANSEA]
    assert after[LEDGER] == before[LEDGER]
    # Links are woven only into sentences as they are written.
    assert after[LA_RANCE] == before[LA_RANCE].replace("[[Swansea Bay|Swansea Bay]]", "Swansea Bay")


def test_the_only_source_read_again_brings_the_same_bytes(tmp_path):
    vault = mill.empty_vault(tmp_path / "one")
    put(vault, PLANTS, TEXTS[PLANTS])
    mill.ingest(vault, PLANTS, "2026-04-01")
    before = {path: data for path, data in mill.picture(vault).items() if path.startswith("wiki/")}
    retract(vault, PLANTS)
    assert [path for path in mill.picture(vault) if path.startswith("wiki/")] == ["wiki/index.md"]
    is_sound(vault)
    mill.ingest(vault, PLANTS, "2026-04-01")
    after = {path: data for path, data in mill.picture(vault).items() if path.startswith("wiki/")}
    assert mill.differences(after, before) == []


@pytest.mark.parametrize("source", [PLANTS, TURBINES, WALES])
def test_any_source_read_again_brings_its_claims_back_to_their_pages(vault, source):
    before = {path: mill.claims(text) for path, text in dateless(vault).items()}
    retract(vault, source)
    slug = re.sub(r"raw/(\w+)\.md", r"\1-source", source)
    assert f"[[{slug}" not in "".join(dateless(vault).values())
    is_sound(vault)
    mill.ingest(vault, source, "2026-05-02")
    assert {path: mill.claims(text) for path, text in dateless(vault).items()} == before
    is_sound(vault)


def _bytes(texts):
    return {path: text.encode() for path, text in texts.items()}


# What people wrote


def test_a_page_on_which_a_person_wrote_stays_without_the_claims(vault):
    put(
        vault,
        SWANSEA,
        read(vault, SWANSEA).replace("\n## Facts", "\nMy own words, *kept*.\n\n## Facts") + "\n## Mine\n\n- a note\n",
    )
    changes, _ = retract(vault, WALES)
    page = read(vault, SWANSEA)
    assert changes[SWANSEA]["op"] == "update"
    assert "My own words, *kept*.\n" in page
    assert "## Mine\n\n- a note\n" in page
    assert mill.claims(page) == set()
    assert "status: incomplete\n" in page
    assert "claims: 0\n" in page
    assert "## Facts" not in page
    assert "lead_of" not in page
    is_sound(vault)
    mill.ingest(vault, WALES, "2026-05-02")
    again = read(vault, SWANSEA)
    assert "status: current\n" in again
    assert "My own words, *kept*.\n" in again
    assert "16 turbines" in again


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("type: entity\n", "type: entity\nmine: 1\n"),
        ("refused in 2018", "refused in the year 2018"),
        ("is a tidal lagoon in Wales", "is the tidal lagoon of Wales"),
    ],
)
def test_every_sign_of_a_person_keeps_a_page(vault, old, new):
    text = read(vault, SWANSEA)
    assert old in text
    put(vault, SWANSEA, text.partition("\n[^")[0].replace(old, new, 1) + "\n[^" + text.partition("\n[^")[2])
    retract(vault, WALES)
    assert new.strip() in read(vault, SWANSEA)


def test_links_that_people_wrote_to_a_page_that_goes_stay_and_lint_names_them(vault):
    put(
        vault,
        LA_RANCE,
        read(vault, LA_RANCE).replace("\n## Facts", "\nSee [[Swansea Bay]], which is larger.\n\n## Facts"),
    )
    retract(vault, WALES)
    assert "See [[Swansea Bay]], which is larger.\n" in read(vault, LA_RANCE)
    found = [json.loads(line) for line in mill.run("lint", vault=vault).stdout.splitlines()]
    assert [(row["code"], row["path"]) for row in found] == [("broken-link", LA_RANCE)]


def test_words_of_a_person_on_the_source_page_are_not_taken_along(vault):
    put(
        vault,
        "wiki/sources/wales-source.md",
        read(vault, "wiki/sources/wales-source.md") + "\n## Mine\n\nDo not trust this.\n",
    )
    before = mill.picture(vault)
    done = mill.run("retract", WALES, vault=vault)
    line = read(vault, "wiki/sources/wales-source.md").split("\n").index("## Mine") + 1
    said = f"retract: wiki/sources/wales-source.md:{line}: a person wrote this, and the source page goes"
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().startswith(said)
    assert done.stderr.count(b"\n") == 1
    assert mill.picture(vault) == before


def test_a_bullet_that_a_person_took_away_stays_away_after_another_source_is_retracted(vault):
    line = next(line for line in read(vault, LA_RANCE).split("\n") if "built by EDF" in line and line.startswith("- "))
    put(vault, LA_RANCE, read(vault, LA_RANCE).replace(line + "\n", ""))
    retract(vault, WALES)
    mill.ingest(vault, WALES, "2026-05-02")
    assert line not in read(vault, LA_RANCE)


# Two wordings of one claim


def said_on(vault, words):
    """The lines of the page, but for footnotes, that hold these words."""
    return [line for line in read(vault, LA_RANCE).split("\n") if words in line and not line.startswith("[^")]


def test_a_sentence_in_the_words_of_the_source_that_goes_is_said_in_those_of_the_other(tmp_path):
    vault = mill.empty_vault(tmp_path / "two")
    put(vault, PLANTS, TEXTS[PLANTS])
    put(vault, TURBINES, TEXTS[TURBINES].replace("La Rance has 24 turbines.", "La Rance also has 24 turbines."))
    mill.ingest(vault, PLANTS, "2026-04-01")
    mill.ingest(vault, TURBINES, "2026-04-02")
    (united,) = said_on(vault, "has 24 turbines")
    assert re.search(r"La Rance has 24 turbines\.\[\^\w+\]\[\^\w+\]", united)
    changes, _ = retract(vault, PLANTS)
    (line,) = said_on(vault, "has 24 turbines")
    assert "La Rance also has 24 turbines." in line
    assert len(changes[LA_RANCE]["restated"]) == 1
    is_sound(vault)
    assert mill.run("retract", TURBINES, vault=vault).returncode == 0
    assert not (vault / LA_RANCE).exists()


# How it is called


@pytest.mark.parametrize("name", ["raw/wales.md", "wiki/sources/wales-source.md", "wales-source", "Wales", "wales"])
def test_a_source_is_named_by_path_page_slug_or_title(vault, name):
    assert mill.run("retract", name, vault=vault, **MEASURED).returncode == 0
    assert not (vault / "wiki/sources/wales-source.md").exists()


def test_a_source_is_named_by_id(vault):
    id_ = re.search(r"^id: \"?(\w+)", read(vault, "wiki/sources/wales-source.md"), re.MULTILINE)[1]
    assert mill.run("retract", id_, vault=vault).returncode == 0
    assert not (vault / "wiki/sources/wales-source.md").exists()


def test_twice_is_once_and_says_so(vault):
    retract(vault, WALES)
    before = mill.picture(vault)
    done = mill.run("retract", WALES, vault=vault, date="2026-05-09")
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr.decode() == "retract: raw/wales.md: not in the wiki: nothing to retract\n"
    assert mill.picture(vault) == before


def test_a_name_that_is_none_is_refused(vault):
    done = mill.run("retract", "no such thing", vault=vault)
    said = "retract: no such thing: no such source: give its path in raw/, or the name, id or title of its page\n"
    assert (done.returncode, done.stdout, done.stderr.decode()) == (2, b"", said)


# Killed


def test_killed_at_any_step_the_next_run_ends_with_the_same_bytes(vault, tmp_path):
    whole = _copy(vault, tmp_path / "whole")
    crash = {"PYTHONPATH": str(mill.ROOT / "tests" / "crash"), "QUERN_CRASH_IN": "retract"}
    count = tmp_path / "count"
    done = mill.run("retract", PLANTS, vault=whole, date="2026-05-01", QUERN_CRASH_COUNT=str(count), **crash)
    assert done.returncode == 0, done.stderr.decode()
    mill.run("index", vault=whole, date="2026-05-01")
    steps = int(count.read_text())
    assert steps > 10
    for step in sorted({1, 2, *range(3, steps, 5), steps}):
        folder = _copy(vault, tmp_path / f"at-{step}")
        killed = mill.run("retract", PLANTS, vault=folder, date="2026-05-01", QUERN_CRASH_AT=str(step), **crash)
        assert killed.returncode == 137
        if not (folder / ".quern" / "pending.jsonl").exists() and (folder / "wiki/sources/plants-source.md").exists():
            # Nothing had been decided.
            assert mill.picture(folder) == mill.picture(vault), step
            mill.run("retract", PLANTS, vault=folder, date="2026-05-01")
        mill.run("index", vault=folder, date="2026-05-01")
        assert mill.differences(mill.picture(folder), mill.picture(whole)) == [], step


def _copy(vault, folder):
    mill.empty_vault(folder)
    for path, data in mill.picture(vault).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder
