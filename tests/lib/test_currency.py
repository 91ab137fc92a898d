"""Which leads are outdated: none after an ingest, and none that a person owns."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from turning import Mill

from quern import checks, schema, wiki

PAGE = "wiki/entities/Sihwa Lake.md"
FIRST = """\
# Sihwa Lake

Sihwa Lake is a tidal power station in South Korea. Sihwa Lake opened in 2011 with a capacity of 254 MW.
Sihwa Lake cost 560 billion won. Sihwa Lake replaced a plan for a closed reservoir.
"""
SECOND = """\
# Barrages

Sihwa Lake has ten turbines. Sihwa Lake floods its basin at high tide.
"""


@pytest.fixture
def mill(vault):
    return Mill(vault)


@pytest.fixture
def grown(mill):
    mill.write("raw/a.md", FIRST)
    mill.write("raw/b.md", SECOND)
    mill.ingest("raw/a.md")
    mill.ingest("raw/b.md")
    return mill


def paths(mill):
    return [page.path for page in mill.outdated()]


def codes(mill, hints=True):
    with wiki.open(mill.vault) as catalogue:
        found = checks.check_vault(mill.vault, catalogue, schema.load(mill.vault), hints=hints)
    return [(finding.code, finding.path) for finding in found if finding.code.startswith("lead-")]


def without_a_bullet(text):
    return re.sub(r"^- .*\n", "", text, count=1, flags=re.MULTILINE)


def test_nothing_is_outdated_after_an_ingest(grown):
    assert "lead_of: sha-" in grown.read(PAGE)
    assert (paths(grown), codes(grown)) == ([], [])


def test_a_lead_is_outdated_when_a_claim_has_left_its_page(grown):
    grown.write(PAGE, without_a_bullet(grown.read(PAGE)))
    assert (paths(grown), codes(grown)) == ([PAGE], [("lead-outdated", PAGE)])


def test_summarize_and_merge_bring_it_up_to_date_and_change_nothing_else(grown):
    grown.write(PAGE, without_a_bullet(grown.read(PAGE)))
    before = grown.read(PAGE)
    (change,) = grown.refresh("2026-05-01")
    assert (change.path, change.op, change.added, change.retired) == (PAGE, "update", [], [])
    assert (paths(grown), codes(grown)) == ([], [])
    after = grown.read(PAGE)
    assert set(re.findall(r"\[\^\w+\]", after)) == set(re.findall(r"\[\^\w+\]", before))
    assert "## [2026-05-01] refresh | Sihwa Lake\n" in grown.read("log.md")


def test_what_is_up_to_date_is_not_written(grown):
    before = grown.read(PAGE)
    assert (grown.refresh("2026-05-01"), grown.read(PAGE)) == ([], before)


def test_a_lead_of_which_the_claim_went_is_made_from_those_that_stand(grown):
    text = grown.read(PAGE)
    id_ = re.search(r"Korea\.\[\^(\w+)\]", text)[1]
    grown.write("raw/a.md", FIRST.replace("Sihwa Lake is a tidal power station in South Korea. ", ""))
    grown.ingest("raw/a.md", "2026-05-01")
    assert id_ not in grown.read(PAGE)
    assert re.search(r"^# Sihwa Lake\n\nSihwa Lake ", grown.read(PAGE), re.MULTILINE)
    assert (paths(grown), codes(grown)) == ([], [])


def test_a_lead_that_a_person_changed_is_a_hint_and_stays(grown):
    text = grown.read(PAGE).replace(
        "Sihwa Lake is a tidal power station", "Sihwa Lake is a great tidal power station", 1
    )
    grown.write(PAGE, without_a_bullet(text))
    assert (paths(grown), codes(grown)) == ([], [("lead-behind", PAGE)])
    assert codes(grown, hints=False) == []
    assert grown.refresh() == []
    assert "a great tidal power station" in grown.read(PAGE)


def test_a_persons_lead_is_no_finding_while_its_claims_are_the_same(grown):
    grown.write(PAGE, grown.read(PAGE).replace("is a tidal", "is a great tidal", 1))
    assert (paths(grown), codes(grown)) == ([], [])


def test_a_page_on_which_a_person_has_put_every_sentence_in_other_words_waits_for_no_lead(grown):
    text = grown.read(PAGE)
    lead = re.search(r"^# Sihwa Lake\n\n(.*)\n", text, re.MULTILINE)[1]
    grown.write(PAGE, re.sub(r"^(- .*)\.\[\^", r"\1, I say.[^", text, flags=re.MULTILINE))
    for name, before in (("a", FIRST), ("b", SECOND)):
        told = before
        for sentence in re.findall(r"[A-Z][^.]*\.", re.sub(r"\[\^\w+\]", "", lead)):
            told = told.replace(sentence, "")
        grown.write(f"raw/{name}.md", told)
        grown.ingest(f"raw/{name}.md", "2026-05-01")
    assert re.search(r"^# Sihwa Lake\n+## Facts$", grown.read(PAGE), re.MULTILINE)
    grown.refresh("2026-05-02")
    assert (paths(grown), codes(grown)) == ([], [])


def test_a_claim_that_a_person_took_off_is_not_expected_back(grown):
    grown.write(PAGE, without_a_bullet(grown.read(PAGE)))
    grown.write("raw/b.md", SECOND + "\nSihwa Lake is close to Ansan.\n")
    grown.ingest("raw/b.md", "2026-05-01")
    grown.write("raw/a.md", FIRST + "\nSihwa Lake is run by K-water.\n")
    grown.ingest("raw/a.md", "2026-05-02")
    assert (paths(grown), codes(grown)) == ([], [])


def test_a_lead_made_from_other_claims_than_the_page_has_is_not_taken(grown):
    grown.write(PAGE, without_a_bullet(grown.read(PAGE)))
    planned = grown.outdated()
    grown.write(PAGE, without_a_bullet(grown.read(PAGE)))
    before = grown.read(PAGE)
    from turning import rows

    grown.merge(rows(planned), "2026-05-01")
    assert (grown.read(PAGE), paths(grown)) == (before, [PAGE])


SENTENCES = [
    f"{name} {said}."
    for name in ("Sihwa Lake", "La Rance", "Swansea Bay")
    for said in (
        "is a tidal power station",
        "has ten turbines",
        "opened in 1966 with 240 MW",
        "lies near a large town",
        "cost 560 million euros",
        "was never built because of its price",
    )
]
TEXTS = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=8, unique=True).map("\n\n".join)
STEPS = st.lists(st.tuples(st.sampled_from("ab"), TEXTS, st.booleans()), min_size=2, max_size=5)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_nothing_is_outdated_after_any_ingest(tmp_path_factory, steps):
    import mill as real

    mill = Mill(real.empty_vault(tmp_path_factory.mktemp("vault") / "v"))
    for number, (name, text, is_edited) in enumerate(steps):
        mill.write(f"raw/{name}.md", f"# Notes {name}\n\n{text}\n")
        mill.ingest(f"raw/{name}.md", f"2026-04-{number + 1:02}")
        assert paths(mill) == []
        pages = sorted((mill.folder / "wiki" / "entities").glob("*.md"))
        if is_edited and pages:
            path = pages[0].relative_to(mill.folder).as_posix()
            mill.write(path, without_a_bullet(mill.read(path)))
            mill.refresh(f"2026-04-{number + 1:02}")
            assert paths(mill) == []
