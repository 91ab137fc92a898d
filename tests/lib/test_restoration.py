"""A page that comes back has what the source pages say when it does, and says how its claims stand to each other."""

from __future__ import annotations

import pytest
from turning import Mill, rows

from quern import restoration, schema, wiki

PAGE = "wiki/entities/La Rance.md"
A = (
    "# Plants\n\nThose who live there are proud of what has been built.\n\n"
    "La Rance is a tidal power station in Brittany. La Rance has a capacity of 240 MW. La Rance lies near a town.\n"
)
B = "# Turbines\n\nThose who live there told of it.\n\nLa Rance has a capacity of 320 MW. La Rance was built by EDF.\n"
C = "# Costs\n\nThose who live there told of it.\n\nLa Rance has a capacity of 280 MW. La Rance has a lock for ships.\n"


@pytest.fixture
def here(vault):
    """A vault of which a person has deleted the page, after two sources that disagree."""
    here = Mill(vault)
    for name, text in (("a", A), ("b", B)):
        here.write(f"raw/{name}.md", text)
        here.ingest(f"raw/{name}.md")
    (vault / PAGE).unlink()
    return here


def planned(here):
    """What restore emits."""
    with wiki.open(here.vault) as catalogue:
        rules = schema.load(here.vault)
        made = restoration.restored(here.vault, catalogue, rules, "La Rance", "entity", lambda *_: "entity")
    return rows([made])


def disputed(here):
    told = here.read(PAGE).partition("## Contradictions\n")[2].partition("\n\n[^")[0]
    return [line.partition("[^")[0] for line in told.split("\n") if line]


def test_what_disagrees_is_a_contradiction_again(here):
    here.merge(planned(here), "2026-05-01")
    assert sorted(disputed(here)) == ["- capacity: 240 MW", "- capacity: 320 MW"]
    assert here.outdated() == []


def test_what_went_to_another_page_stays_there(here):
    here.merge(planned(here), "2026-05-01")
    here.write("raw/d.md", f"{C}\nPreston Lock is a lock on the Ribble. Preston Lock opened in 1861.\n")
    here.ingest("raw/d.md")
    (here.folder / PAGE).unlink()
    here.merge(planned(here), "2026-05-02")
    assert (here.folder / "wiki/entities/Preston Lock.md").exists()
    assert "La Rance has a lock for ships." in here.read(PAGE)
    assert "Preston Lock opened" not in here.read(PAGE)


def test_what_a_source_has_said_since_restore_looked_comes_too(here):
    record = planned(here)
    here.write("raw/c.md", C)
    here.ingest("raw/c.md")
    assert not (here.folder / PAGE).exists()
    here.merge(record, "2026-05-01")
    assert "La Rance has a lock for ships." in here.read(PAGE)
    assert sorted(disputed(here)) == ["- capacity: 240 MW", "- capacity: 280 MW", "- capacity: 320 MW"]
    # The lead that was made meanwhile knew of fewer claims.
    assert [page.path for page in here.outdated()] == [PAGE]
    here.refresh("2026-05-01")
    assert here.outdated() == []


def test_what_a_source_says_no_more_since_restore_looked_does_not(here):
    record = planned(here)
    here.write("raw/b.md", B.replace("La Rance was built by EDF.", ""))
    here.ingest("raw/b.md")
    here.merge(record, "2026-05-01")
    assert "built by EDF" not in here.read(PAGE)
    assert "320 MW" in here.read(PAGE)


def test_a_page_that_has_come_back_meanwhile_stays_as_it_is(here):
    record = planned(here)
    here.merge(record, "2026-05-01")
    before = here.read(PAGE)
    here.merge(record, "2026-05-02")
    assert here.read(PAGE) == before


def test_what_another_page_has_under_that_name_by_now_is_told_how_it_stands_to_it(here):
    record = planned(here)
    here.write("wiki/entities/Rance plant.md", "---\ntitle: Rance plant\ntype: entity\naliases: [La Rance]\n---\n")
    here.write("raw/c.md", C)
    here.ingest("raw/c.md")
    here.merge(record, "2026-05-01")
    text = here.read("wiki/entities/Rance plant.md")
    assert "La Rance was built by EDF." in text
    for value in ("240 MW", "280 MW", "320 MW"):
        assert f"\n- capacity: {value}[^" in text
