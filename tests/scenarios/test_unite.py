"""Two pages that turn out to be one thing: nothing that stood on either is lost, and nothing is said twice."""

from __future__ import annotations

import shutil

import keeping
import mill
import pytest
import small_wiki
from keeping import keep, read

ONE, OTHER = "wiki/entities/La Rance.md", "wiki/concepts/Rance barrage.md"
FIRST = """\
# Plants

La Rance is a tidal power station in Brittany. La Rance opened in 1966 with a capacity of 240 MW.

La Rance has 24 turbines. La Rance supplies about 500 GWh a year.
"""
SECOND = """\
# Barrages

Rance barrage is a dam across the estuary of the Rance. Rance barrage carries a road of four lanes.

Rance barrage has a lock for ships. Rance barrage was built in six years by 400 workers.

Sihwa Lake is a tidal power station in Korea. Sihwa Lake is larger than Rance barrage.
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A vault in which two sources made two pages of one thing; nobody changes it."""
    vault = mill.empty_vault(tmp_path_factory.mktemp("made") / "vault")
    for name, text in (("plants", FIRST), ("barrages", SECOND)):
        (vault / f"raw/{name}.md").write_text(text)
        mill.ingest(vault, f"raw/{name}.md", "2026-04-02")
    found = {page.name: page.relative_to(vault).as_posix() for page in mill.topic_pages(vault)}
    if found["Rance barrage.md"] != OTHER:
        (vault / OTHER).parent.mkdir(exist_ok=True)
        (vault / found["Rance barrage.md"]).rename(vault / OTHER)
        mill.run("index", vault=vault)
    return vault


@pytest.fixture
def wiki(made, tmp_path):
    """A copy of it for one test."""
    return shutil.copytree(made, tmp_path / "wiki")


def edit(vault, path, old, new):
    text = read(vault, path)
    assert old in text
    (vault / path).write_text(text.replace(old, new, 1))


def test_the_claims_of_both_stand_on_one_page(wiki):
    had = keeping.evidence(wiki)
    both = keeping.rests_on(wiki / ONE) | keeping.rests_on(wiki / OTHER)
    records = keep(wiki, "unite", "La Rance", "Rance barrage")
    assert not (wiki / OTHER).exists()
    assert keeping.rests_on(wiki / ONE) == both
    assert keeping.evidence(wiki) == had
    assert "\n- Rance barrage has a lock for ships.[^" in read(wiki, ONE)
    assert f"claims: {len({id_ for id_, _ in both})}\n" in read(wiki, ONE)
    assert "sources: 2\n" in read(wiki, ONE)
    deleted = next(record for record in records if record.get("op") == "delete")
    assert (deleted["path"], deleted["after"], len(deleted["moved"])) == (OTHER, None, len(both) - 4)
    assert "## [2026-06-01] unite | Rance barrage -> La Rance\n" in read(wiki, "log.md")


def test_the_lead_of_one_stays_and_that_of_the_other_becomes_facts(wiki):
    lead = read(wiki, ONE).partition("# La Rance\n\n")[2].partition("\n")[0]
    keep(wiki, "unite", "La Rance", "Rance barrage")
    assert read(wiki, ONE).partition("# La Rance\n\n")[2].partition("\n")[0] == lead
    assert "\n- Rance barrage is a dam across the estuary of the Rance.[^" in read(wiki, ONE)


def test_after_make_outdated_lint_finds_nothing(wiki):
    before = keeping.faults(wiki)
    keep(wiki, "unite", "La Rance", "Rance barrage")
    keeping.refresh(wiki)
    assert [fault for fault in keeping.faults(wiki) if fault not in before] == []


def test_links_and_source_pages_follow(wiki):
    (wiki / "wiki/concepts/Notes.md").write_text(
        "See [[Rance barrage]], [[concepts/Rance barrage|the dam]], [[Rance barrage#Facts]],\n"
        "[it](Rance%20barrage.md).\n"
        "Not `[[Rance barrage]]`.\n"
    )
    keep(wiki, "unite", "La Rance", "Rance barrage")
    assert read(wiki, "wiki/concepts/Notes.md") == (
        "See [[La Rance]], [[entities/La Rance|the dam]], [[La Rance#Facts]],\n[it](../entities/La%20Rance.md).\n"
        "Not `[[Rance barrage]]`.\n"
    )
    ledger = read(wiki, "wiki/sources/barrages-source.md")
    assert "[[Rance barrage" not in ledger
    assert 'line 5: "Rance barrage has a lock for ships." → [[La Rance]]\n' in ledger
    assert "[[Rance barrage" not in read(wiki, "wiki/index.md")


def test_names_become_aliases_and_new_sources_find_the_page(wiki):
    edit(wiki, OTHER, "aliases: [", "aliases: [Barrage de la Rance, ")
    keep(wiki, "unite", "La Rance", "Rance barrage")
    assert "aliases: [Rance barrage, Barrage de la Rance, Rance]\n" in read(wiki, ONE)
    (wiki / "raw/more.md").write_text(
        "# Rance barrage\n\nRance barrage was inspected in 2025 by divers. Rance barrage was painted in 2024.\n"
    )
    mill.ingest(wiki, "raw/more.md", "2026-06-02")
    assert "was inspected in 2025 by divers." in read(wiki, ONE)
    assert not (wiki / OTHER).exists()


def test_what_both_say_is_said_once_with_the_footnotes_of_both(vault):
    small_wiki.lay(vault, keeping.FILES)
    other = (
        keeping.FILES["wiki/concepts/Barrage.md"]
        .replace("tides-of-brittany#", "guide#")
        .replace("Tides of Brittany", "Guide")
    )
    small_wiki.lay(vault, {"wiki/concepts/Barrage.md": other})
    records = keep(vault, "unite", "La Rance", "Barrage")
    text = read(vault, "wiki/entities/La Rance.md")
    assert text.count("La Rance lies near the Barrage.") == 1
    note = f"[^{keeping.OTHER_ID}]: [[tides-of-brittany#^{keeping.OTHER_ID}|Tides of Brittany]], line 4: "
    more = f' · [[guide#^{keeping.OTHER_ID}|Guide]], line 4: "It lies near the Barrage."\n'
    assert f'{note}"It lies near the Barrage."{more}' in text
    assert records[0]["united"] == [keeping.OTHER_ID]
    # The two no longer link to each other, and the source page names the page once.
    assert f"- La Rance lies near the Barrage.[^{keeping.OTHER_ID}]\n" in text
    assert '"It lies near the Barrage." → [[La Rance]]\n' in read(vault, "wiki/sources/tides-of-brittany.md")


def test_what_people_wrote_is_kept(wiki):
    # Which sentences are the lead is for who reads to say.
    said = mill.bullets(read(wiki, OTHER))[0]
    edited = said.replace("Rance barrage", "Rance barrage, as I saw,", 1)
    edit(wiki, OTHER, said, edited)
    edit(
        wiki,
        OTHER,
        "## Facts\n",
        "A word of mine.\n\n## History\n\nOld.\n\n### Early\n\nOlder.\n\n## Visit\n\n- Bring boots.\n\n## Facts\n",
    )
    edit(wiki, OTHER, "type: ", "visited: 2025\nplace: here\ntags: [dam]\ntype: ")
    edit(wiki, ONE, "## Facts\n", "## History\n\nMine.\n\n## Facts\n")
    edit(wiki, ONE, "type: ", "place: there\ntags: [power]\ntype: ")
    (wiki / "wiki/concepts/Notes.md").write_text(
        "[[Rance barrage#History]] [[Rance barrage#Visit]] [[Rance barrage#Rance barrage]]\n"
    )
    keep(wiki, "unite", "La Rance", "Rance barrage")
    text = read(wiki, ONE)
    assert f"\n{edited}\n" in text
    assert "\n## Visit\n\n- Bring boots.\n" in text
    assert (
        "\n## From Rance barrage\n\nA word of mine.\n\n- place: here\n\n### History\n\nOld.\n\n#### Early\n\nOlder.\n"
        in text
    )
    assert "\n## History\n\nMine.\n" in text
    assert "visited: 2025\n" in text
    assert "place: there\n" in text
    assert "tags: [power, dam]\n" in text
    assert read(wiki, "wiki/concepts/Notes.md") == (
        "[[La Rance#From Rance barrage#History]] [[La Rance#Visit]] [[La Rance#La Rance]]\n"
    )
    assert "broken-link" not in dict(keeping.faults(wiki))


def test_a_lead_by_a_person_comes_below(wiki):
    lead = read(wiki, OTHER).partition("# Rance barrage\n\n")[2].partition("\n")[0]
    edit(wiki, OTHER, lead, "My own opening words.")
    keep(wiki, "unite", "La Rance", "Rance barrage")
    assert "\n## From Rance barrage\n\nMy own opening words.\n" in read(wiki, ONE)


def test_a_page_written_by_hand_is_united_too(wiki):
    (wiki / "wiki/Dam.md").write_text("Dams hold water.[^1]\n\n- One\n  - nested\n\n[^1]: My notes.\n")
    edit(wiki, ONE, "## Facts\n", "Kept.[^1]\n\n## Facts\n")
    (wiki / ONE).write_text(read(wiki, ONE) + "[^1]: Other notes.\n")
    keep(wiki, "unite", "La Rance", "Dam")
    text = read(wiki, ONE)
    assert "\n## From Dam\n\nDams hold water.[^1-2]\n\n- One\n  - nested\n" in text
    assert "\n[^1]: Other notes.\n[^1-2]: My notes.\n" in text
    assert "aliases: [Dam]\n" in text


def test_what_a_person_took_off_either_page_stays_away(wiki):
    line = mill.bullets(read(wiki, OTHER))[0]
    edit(wiki, OTHER, line + "\n", "")
    keep(wiki, "unite", "La Rance", "Rance barrage")
    (wiki / "raw/barrages.md").write_text(SECOND + "\nRance barrage is 750 metres long.\n")
    mill.ingest(wiki, "raw/barrages.md", "2026-06-02")
    assert "is 750 metres long" in read(wiki, ONE)
    assert line not in read(wiki, ONE)


def test_values_over_time_and_what_is_disputed_are_listed_together(vault):
    """Rows of one table are in one table, in the order of their dates."""
    small_wiki.lay(vault, keeping.FILES)
    made = {}
    for path, dates, value in (
        ("wiki/entities/La Rance.md", ("2001", "2019"), keeping.ID),
        ("wiki/concepts/Barrage.md", ("2010", "2020"), keeping.OTHER_ID),
    ):
        rows = "".join(f"| {date} | 480 GWh[^{value}] |\n" for date in dates)
        head = "| when | output |\n| --- | --- |\n"
        other = f"\n| when | height |\n| --- | --- |\n| 1999 | 8 m[^{value}] |\n" if value == keeping.OTHER_ID else ""
        made[path] = f"## Contradictions\n\n- length: 750 m[^{value}]\n\n## Over time\n\n{head}{rows}{other}"
        text = read(vault, path)
        (vault / path).write_text(text.replace("\n[^", f"\n{made[path]}\n[^", 1))
    keep(vault, "unite", "La Rance", "Barrage")
    one, two = f"[^{keeping.ID}]", f"[^{keeping.OTHER_ID}]"
    assert (
        f"## Contradictions\n\n- length: 750 m{one}\n- length: 750 m{two}\n\n## Over time\n\n"
        f"| when | output |\n| --- | --- |\n| 2001 | 480 GWh{one} |\n| 2010 | 480 GWh{two} |\n"
        f"| 2019 | 480 GWh{one} |\n| 2020 | 480 GWh{two} |\n\n"
        f"| when | height |\n| --- | --- |\n| 1999 | 8 m{two} |\n"
    ) in read(vault, "wiki/entities/La Rance.md")


def test_neither_keeps_apart_what_is_one(wiki):
    edit(wiki, ONE, "type: ", 'distinct_from: ["[[Rance barrage]]", "[[Sihwa Lake]]"]\ntype: ')
    edit(wiki, OTHER, "type: ", 'distinct_from: ["[[La Rance]]"]\ntype: ')
    keep(wiki, "unite", "La Rance", "Rance barrage")
    assert 'distinct_from: ["[[Sihwa Lake]]"]\n' in read(wiki, ONE)


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("La Rance", "La Rance", "unite: wiki/entities/La Rance.md: 'La Rance' and 'La Rance' are names of this page"),
        ("La Rance", "plants-source", "unite: wiki/sources/plants-source.md: is a source page"),
        ("La Rance", "Nothing", "unite: no page of this path, file name, title or alias: Nothing"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(wiki, one, other, said):
    before = mill.picture(wiki)
    done = mill.run("unite", one, other, vault=wiki)
    assert done.returncode == 2
    assert done.stderr.decode().startswith(said)
    assert done.stderr.count(b"\n") == 1
    assert mill.picture(wiki) == before


def test_an_unfinished_conflict_stops_it(wiki):
    small_wiki.lay(wiki, {OTHER: read(wiki, OTHER) + "<<<<<<< ours\n"})
    done = mill.run("unite", "La Rance", "Rance barrage", vault=wiki)
    assert (done.returncode, done.stderr.decode().split(":")[1].strip()) == (2, OTHER)
