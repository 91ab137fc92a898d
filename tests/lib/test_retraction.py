"""What a retraction does to one page and another, in one process; the whole of it is in tests/scenarios."""

from __future__ import annotations

import pytest
from turning import Mill

from quern import checks, pages, schema, wiki
from quern.program import Failure
from quern.updates import retraction, transaction

LA_RANCE, SWANSEA = "wiki/entities/La Rance.md", "wiki/entities/Swansea Bay.md"
A = (
    "# Plants\n\nLa Rance is a tidal power station in Brittany. La Rance opened in 1966 and supplies a town.\n\n"
    "Those who live there are proud of what has been built.\n\n"
)
B = "# Turbines\n\nLa Rance was built by EDF. La Rance has a lock for ships.\n\n"


@pytest.fixture
def here(vault):
    return Mill(vault)


def read(here, **texts):
    """Read these sources, one after another; a name is that of a file in raw/."""
    for name, text in texts.items():
        here.write(f"raw/{name}.md", text)
        here.ingest(f"raw/{name}.md")


def retract(here, name):
    """Take a source back; the changes by path."""
    told = retraction.retract(here.vault, schema.load(here.vault), "2026-05-01", name)
    transaction.finish(here.vault)
    return {change.path: change for change in told[1:]}


def is_sound(here):
    """Nothing is wrong once the leads are up to date."""
    here.refresh("2026-05-01")
    with wiki.open(here.vault) as catalogue:
        found = checks.check_vault(here.vault, catalogue, schema.load(here.vault))
    assert [str(finding) for finding in found if finding.code != "orphan-page"] == []
    assert here.outdated() == []


def section(here, title, path=LA_RANCE):
    return next((found for found in pages.parse(here.read(path)).sections if found.title == title), None)


def test_a_contradiction_with_the_source_that_goes_is_none_any_more(here):
    read(here, a=A + "La Rance has a capacity of 240 MW.\n", b=B + "La Rance has a capacity of 320 MW.\n")
    assert section(here, "Contradictions")
    assert "status: contested\n" in here.read(LA_RANCE)
    before = here.read(LA_RANCE)
    retract(here, "raw/b.md")
    after = here.read(LA_RANCE)
    assert section(here, "Contradictions") is None
    assert "status: current\n" in after
    assert "240 MW" in after
    assert "320 MW" not in after
    is_sound(here)
    here.ingest("raw/b.md")
    again = here.read(LA_RANCE)
    assert pages.parse(again).lines[6:] == pages.parse(before).lines[6:]


def test_a_mark_goes_with_the_claim_that_it_cites(here):
    read(here, a=A + "La Rance has a capacity of 240 MW.\n")
    read(here, b=B + "After refurbishment, La Rance now has a capacity of 320 MW.\n")
    (line,) = [line for line in here.read(LA_RANCE).split("\n") if "240 MW" in line and line.startswith("- ")]
    assert "*(" in line
    retract(here, "raw/b.md")
    assert "*(" not in here.read(LA_RANCE)
    assert "240 MW" in here.read(LA_RANCE)
    is_sound(here)


def test_a_claim_that_only_a_mark_cites_goes_with_the_sentence_that_it_has_overtaken(here):
    old = "La Rance has a capacity of 240 MW.\n"
    new = "After refurbishment, La Rance now has a capacity of 320 MW.\n"
    read(here, a=A + old, b=B + old + new, c="# More\n\nLa Rance lies near a town.\n\n" + new)
    text = here.read(LA_RANCE)
    (said,) = [line for line in text.split("\n") if line.startswith("- ") and new.strip() in line]
    here.write(LA_RANCE, text.replace(said + "\n", ""))
    retract(here, "raw/a.md")
    assert "*(capacity: 320 MW" in here.read(LA_RANCE)
    retract(here, "raw/b.md")
    assert "MW" not in here.read(LA_RANCE).partition("\n[^")[0]
    assert "\nclaims: 1\n" in here.read(LA_RANCE)
    is_sound(here)


def test_a_page_off_which_a_person_took_the_other_source_goes_and_is_no_page_that_a_person_deleted(here):
    read(here, a=A, b=B)
    with wiki.open(here.vault) as catalogue:
        theirs = set(catalogue.sheet("wiki/sources/turbines.md").claims)
    kept = [line for line in here.read(LA_RANCE).split("\n") if not any(id_ in line for id_ in theirs)]
    here.write(LA_RANCE, "\n".join(kept))
    here.refresh()
    changes = retract(here, "raw/a.md")
    assert changes[LA_RANCE].op == "delete"
    assert "[[La Rance" not in here.read("wiki/sources/turbines.md")
    is_sound(here)
    here.ingest("raw/a.md")
    assert "La Rance opened in 1966 and supplies a town." in here.read(LA_RANCE)


BOTH = (
    "# Visit\n\nLa Rance is a tidal power station. Swansea Bay is a tidal lagoon. Swansea Bay was refused in 2018.\n\n"
    "La Rance and Swansea Bay have locks for ships.\n\n" + "The visitors talked of many other things. " * 20
)


def related(here, path):
    found = section(here, "Related", path)
    return [] if found is None else [line for line in here.read(path).split("\n")[found.start + 1 : found.end] if line]


def relate(here, path, *files):
    """Let a page lead to others, as merge writes it where no sentence names them."""
    links = " · ".join(f"[[{file}]]" for file in files)
    page = here.read(path).replace("[[Swansea Bay|Swansea Bay]]", "Swansea Bay")
    here.write(path, page.replace("\n[^", f"\n## Related\n\n- {links}\n\n[^", 1))


def test_a_related_page_that_only_this_source_gave_is_none_any_more_and_a_persons_link_stays(here):
    read(here, a=A, v=BOTH)
    assert "and [[Swansea Bay|Swansea Bay]] have locks" in here.read(LA_RANCE)
    relate(here, LA_RANCE, "Swansea Bay", "Mine")
    here.write("wiki/Mine.md", "# Mine\n\nA page of my own.\n")
    here.write(SWANSEA, here.read(SWANSEA).replace("\n[^", "\n## Mine\n\nMy words.\n\n[^", 1))
    retract(here, "raw/v.md")
    assert (here.folder / SWANSEA).exists()
    assert related(here, LA_RANCE) == ["- [[Mine]]"]
    is_sound(here)


def test_a_related_page_that_another_source_gives_too_stays(here):
    read(here, a=A, v=BOTH, w=BOTH.replace("# Visit", "# Again"))
    relate(here, LA_RANCE, "Swansea Bay")
    retract(here, "raw/v.md")
    assert related(here, LA_RANCE) == ["- [[Swansea Bay]]"]
    is_sound(here)


def test_a_list_of_related_pages_leads_to_none_that_goes(here):
    read(here, a=A, v=BOTH.replace("La Rance is a tidal power station. ", "").replace("La Rance and ", ""))
    relate(here, LA_RANCE, "Swansea Bay")
    changes = retract(here, "raw/v.md")
    assert {path: change.op for path, change in changes.items()} == {
        LA_RANCE: "update",
        SWANSEA: "delete",
        "wiki/sources/visit.md": "delete",
    }
    assert section(here, "Related") is None
    is_sound(here)


WOVEN = "La Rance and [[Swansea Bay|Swansea Bay]] have locks for ships."
# A link that shows other words is the person's.
MINE = "I know that La Rance and [[Swansea Bay|Swansea Bay]], or [[Swansea Bay|the bay]], have locks for ships."


def change_sentence(here, place):
    """Let a person change the sentence that names the other page: in the lead, under the facts, or in a note of their
    own in which it rests on nothing; what stands there then.
    """
    text = here.read(LA_RANCE)
    sentence = WOVEN + text.partition(WOVEN)[2].partition("\n")[0]
    assert sentence in text.partition("## Facts")[0]
    if place == "lead":
        text = text.replace(WOVEN, MINE)
    else:
        mine = f"- {MINE}" if place == "note" else f"- {sentence.replace(WOVEN, MINE)}"
        text = text.replace(sentence, "").replace("## Facts\n\n", f"## Facts\n\n{mine}\n")
    here.write(LA_RANCE, text)


@pytest.mark.parametrize("place", ["lead", "bullet", "note"])
def test_a_link_that_was_woven_goes_with_its_page_though_a_person_changed_the_sentence(here, place):
    read(here, a=A, v=BOTH)
    change_sentence(here, place)
    retract(here, "raw/v.md")
    assert not (here.folder / SWANSEA).exists()
    assert MINE.replace("[[Swansea Bay|Swansea Bay]]", "Swansea Bay") in here.read(LA_RANCE)


def test_two_sources_of_one_title_are_told_apart_by_another_name(here):
    read(here, a=A, b=B.replace("# Turbines", "# Plants"))
    with pytest.raises(Failure, match="2 sources have this title: name one of"):
        retract(here, "Plants")
    retract(here, "raw/b.md")
    retract(here, "Plants")
    assert not list((here.folder / "wiki/sources").iterdir())


def test_a_page_in_conflict_stops_it_and_nothing_is_written(here):
    read(here, a=A, b=B)
    here.write(LA_RANCE, here.read(LA_RANCE) + "\n<<<<<<< HEAD\nx\n=======\n>>>>>>> theirs\n")
    before = here.read(LA_RANCE), here.read("wiki/index.md")
    with pytest.raises(Failure, match="conflict"):
        retract(here, "raw/a.md")
    assert (here.read(LA_RANCE), here.read("wiki/index.md")) == before
    assert not (here.folder / ".quern/pending.jsonl").exists()
