"""What one source does to the wiki: golden pages, people's edits, and the loss report."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quern import claims, jsonl, pages, schema
from quern.jsonl import Row
from quern.program import Failure
from quern.records import (
    Add,
    Candidate,
    Change,
    Claim,
    End,
    Name,
    Page,
    Relation,
    Source,
    Span,
    Summary,
    SummarySentence,
)
from quern.updates import grounds, merging, topic, transaction
from quern.vault import Vault

DAYS = {"a": "2026-04-02", "b": "2026-04-09", "c": "2026-04-16"}


def vault_at(path):
    path.mkdir(parents=True, exist_ok=True)
    (path / "schema.yaml").write_text("version: 1\n")
    (path / "raw").mkdir()
    (path / "wiki").mkdir()
    return Vault(path)


def source(name, sha=None):
    title = f"Tides {name.upper()}"
    return Source(
        id=f"{ord(name):012x}",
        slug=f"tides-{name}",
        path=f"raw/{name}.md",
        sha256=sha or f"{ord(name):064x}",
        title=title,
    )


def claim(name, text, line=3, **more):
    quote = more.pop("quote", text)
    return Claim(
        id=claims.claim_id(quote, text),
        source=f"{ord(name):012x}",
        passage=f"{name}-1",
        text=text,
        quote=quote,
        spans=[Span(start=0, end=1, place=f"line {line}")],
        names=[Name(name="La Rance")],
        **more,
    )


def page(name, standing, title="La Rance", **more):
    adds = [Add(claim=c.id, source=c.source) for c in standing]
    path = f"wiki/entities/{title}.md"
    return Page(path=path, title=title, type="entity", source=f"{ord(name):012x}", adds=adds, **more)


def lead(name, *shown, title="La Rance"):
    said = [SummarySentence(text=c.text, claims=[c.id]) for c in shown]
    covers = pages.covers_hash(c.id for c in shown)
    return Summary(
        of=f"wiki/entities/{title}.md", role="lead", source=f"{ord(name):012x}", sentences=said, covers=covers
    )


def merge(vault, name, records, sha=None):
    done = list(merging.merge(rows(source(name, sha), *records), vault, schema.load(vault), DAYS[name]))
    transaction.finish(vault)
    return {change.path: change for change in done if isinstance(change, Change)}


def rows(first, *records):
    """What merge is given of a source."""
    every = enumerate([first, *records, End(source=first.id)])
    return [Row("t", number, orjson.loads(jsonl.encode(record))) for number, record in every]


DEFINITION = claim("a", "La Rance is a tidal power station in Brittany.", 3, role="definition")
OPENED = claim("a", "[La Rance] opened in 1966.", 4, role="event", as_of="1966", quote="It opened in 1966.")
CAPACITY = claim("a", "La Rance has a capacity of 240 MW.", 5, role="figure")
COST = claim("b", "La Rance cost 620 million francs.", 9, role="figure")


@pytest.fixture
def standing(tmp_path):
    """A wiki in which one source has been read: a page with a lead and two facts."""
    vault = vault_at(tmp_path / "vault")
    facts = [DEFINITION, OPENED, CAPACITY]
    merge(vault, "a", [*facts, page("a", facts, is_new=True, aliases_add=["Rance barrage"]), lead("a", DEFINITION)])
    return vault


def la_rance(vault):
    return (vault.wiki / "entities" / "La Rance.md").read_text()


def body(text):
    return text.split("---\n", 2)[2]


def test_a_first_source_makes_a_page_with_a_lead_facts_and_evidence(standing):
    d, o, c = DEFINITION.id, OPENED.id, CAPACITY.id
    assert (
        body(la_rance(standing))
        == f"""
# La Rance

La Rance is a tidal power station in Brittany.[^{d}]

## Facts

- La Rance has a capacity of 240 MW.[^{c}]
- [La Rance] opened in 1966.[^{o}]

[^{d}]: [[tides-a#^{d}|Tides A]], line 3: "La Rance is a tidal power station in Brittany."
[^{c}]: [[tides-a#^{c}|Tides A]], line 5: "La Rance has a capacity of 240 MW."
[^{o}]: [[tides-a#^{o}|Tides A]], line 4: "It opened in 1966."
"""
    )
    front = pages.parse(la_rance(standing)).front_values
    assert front | {"lead": "", "lead_of": ""} == {
        "title": "La Rance",
        "type": "entity",
        "aliases": ["Rance barrage"],
        "aliases_found": ["Rance barrage"],
        "created": "2026-04-02",
        "updated": "2026-04-02",
        "as_of": "1966",
        "sources": "1",
        "claims": "3",
        "status": "current",
        "lead": "",
        "lead_of": "",
    }


def test_a_source_page_has_every_claim_its_evidence_and_where_it_went(standing):
    text = (standing.ledgers / "tides-a.md").read_text()
    assert (
        f"""
## Claims

- La Rance is a tidal power station in Brittany. ^{DEFINITION.id}
	- definition · line 3: "La Rance is a tidal power station in Brittany." → [[La Rance]]
- [La Rance] opened in 1966. ^{OPENED.id}
	- event, as of 1966 · line 4: "It opened in 1966." → [[La Rance]]
- La Rance has a capacity of 240 MW. ^{CAPACITY.id}
	- figure · line 5: "La Rance has a capacity of 240 MW." → [[La Rance]]
"""
        in text
    )


def test_the_same_source_again_changes_nothing(standing):
    before = {path: path.read_bytes() for path in standing.root.rglob("*.md")}
    facts = [DEFINITION, OPENED, CAPACITY]
    found = merge(standing, "a", [*facts, page("a", facts, aliases_add=["Rance barrage"]), lead("a", DEFINITION)])
    assert {change.op for change in found.values()} == {"unchanged"}
    assert {path: path.read_bytes() for path in standing.root.rglob("*.md")} == before


def test_the_same_claim_from_another_source_is_one_bullet_with_two_places(standing):
    twin = claim("b", CAPACITY.text, 7, role="figure")
    found = merge(standing, "b", [twin, page("b", [twin])])
    assert found["wiki/entities/La Rance.md"].united == [twin.id]
    text = la_rance(standing)
    assert text.count("- La Rance has a capacity of 240 MW.") == 1
    assert f'line 5: "{CAPACITY.text}" · [[tides-b#^{twin.id}|Tides B]], line 7: "{CAPACITY.text}"' in text
    assert pages.parse(text).front_values["sources"] == "2"
    assert pages.parse(text).front_values["claims"] == "3"


def test_another_wording_of_a_claim_is_a_footnote_of_its_bullet(standing):
    twin = claim("b", "240 MW is the capacity of La Rance.", 7)
    same = Relation(claim=twin.id, other=CAPACITY.id, relation="same")
    merge(standing, "b", [twin, page("b", [twin], relations=[same])])
    text = la_rance(standing)
    assert f"- La Rance has a capacity of 240 MW.[^{CAPACITY.id}][^{twin.id}]\n" in text
    assert "- 240 MW is" not in text


def test_what_a_new_lead_replaces_goes_down_and_what_it_quotes_goes_up(standing):
    better = claim("b", "La Rance is the oldest tidal power station.", 2, role="definition")
    records = [better, page("b", [better]), lead("b", better, CAPACITY)]
    found = merge(standing, "b", records)["wiki/entities/La Rance.md"]
    assert sorted(found.moved) == sorted([DEFINITION.id, CAPACITY.id])
    assert (
        body(la_rance(standing)).split("\n[^")[0]
        == f"""
# La Rance

La Rance is the oldest tidal power station.[^{better.id}] La Rance has a capacity of 240 MW.[^{CAPACITY.id}]

## Facts

- La Rance is a tidal power station in Brittany.[^{DEFINITION.id}]
- [La Rance] opened in 1966.[^{OPENED.id}]
"""
    )


def test_sentences_link_the_pages_that_they_name_once_and_share(standing):
    brittany = claim("b", "Brittany is a region; La Rance flows in Brittany.", 1, role="definition")
    operations = [page("b", [brittany]), page("b", [brittany], title="Brittany", is_new=True)]
    merge(standing, "b", [brittany, *operations])
    assert "- [[Brittany|Brittany]] is a region; La Rance flows in Brittany." in la_rance(standing)
    assert (
        "- Brittany is a region; [[La Rance|La Rance]] flows in Brittany."
        in (standing.wiki / "entities/Brittany.md").read_text()
    )


def test_a_name_that_waited_brings_its_claims_and_waits_no_more(tmp_path):
    vault = vault_at(tmp_path / "vault")
    waits = Candidate(
        source=DEFINITION.source, name="Rance", type="entity", claims=[DEFINITION.id], reason="one source"
    )
    merge(vault, "a", [DEFINITION, waits])
    assert f"- Rance (entity): [[#^{DEFINITION.id}|1]] — one source" in (vault.ledgers / "tides-a.md").read_text()
    adds = [Add(claim=DEFINITION.id, source=DEFINITION.source), Add(claim=COST.id, source=COST.source)]
    operation = Page(
        path="wiki/entities/Rance.md", title="Rance", type="entity", source=COST.source, is_new=True, adds=adds
    )
    found = merge(vault, "b", [COST, operation])
    assert found["wiki/sources/tides-a.md"].op == "update"
    text = (vault.ledgers / "tides-a.md").read_text()
    assert "Waiting" not in text
    assert '"La Rance is a tidal power station in Brittany." → [[Rance]]\n' in text
    assert (
        f"[^{DEFINITION.id}]: [[tides-a#^{DEFINITION.id}|Tides A]], line 3"
        in (vault.wiki / "entities/Rance.md").read_text()
    )


def test_a_changed_source_takes_back_what_it_no_longer_says_and_only_its_own(standing):
    twin = claim("b", OPENED.text, 8, role="event", as_of="1966", quote=OPENED.quote)
    merge(standing, "b", [twin, page("b", [twin])])
    moved = claim("a", DEFINITION.text, 30, role="definition")
    found = merge(standing, "a", [moved, page("a", [moved])], sha="f" * 64)
    assert found["wiki/entities/La Rance.md"].retired == sorted([OPENED.id, CAPACITY.id])
    text = la_rance(standing)
    assert "240 MW" not in text
    assert f'[^{OPENED.id}]: [[tides-b#^{OPENED.id}|Tides B]], line 8: "It opened in 1966."' in text
    assert f'[[tides-a#^{DEFINITION.id}|Tides A]], line 30: "' in text
    assert "240 MW" not in (standing.ledgers / "tides-a.md").read_text()


def test_two_sources_of_one_title_have_a_page_each(standing):
    other = replace(source("b"), slug="tides-a", title="Tides A")
    list(merging.merge(rows(other, COST), standing, schema.load(standing), "2026-04-09"))
    transaction.finish(standing)
    assert sorted(path.name for path in standing.ledgers.iterdir()) == [f"tides-a-{other.id[:6]}.md", "tides-a.md"]
    assert COST.text in (standing.ledgers / f"tides-a-{other.id[:6]}.md").read_text()
    assert CAPACITY.text in (standing.ledgers / "tides-a.md").read_text()


def test_a_page_made_meanwhile_under_the_same_title_is_the_page(standing):
    operation = page("b", [COST], is_new=True)
    elsewhere = Page(
        path="wiki/concepts/La Rance.md", title="La Rance", type="concept", source=COST.source, adds=operation.adds
    )
    found = merge(standing, "b", [COST, elsewhere])
    assert found["wiki/entities/La Rance.md"].added == [COST.id]
    assert not (standing.wiki / "concepts").exists()


def test_a_bullet_that_a_person_deleted_does_not_come_back_from_its_source_but_does_from_another(standing):
    path = standing.wiki / "entities" / "La Rance.md"
    path.write_text("\n".join(line for line in la_rance(standing).split("\n") if "240 MW" not in line))
    before = la_rance(standing)
    found = merge(standing, "a", [DEFINITION, OPENED, CAPACITY, page("a", [DEFINITION, OPENED, CAPACITY])])
    assert found["wiki/entities/La Rance.md"].withheld == [CAPACITY.id]
    assert la_rance(standing) == before
    twin = claim("b", CAPACITY.text, 7, role="figure")
    merge(standing, "b", [twin, page("b", [twin])])
    assert "- La Rance has a capacity of 240 MW." in la_rance(standing)


def test_the_footnote_that_a_deleted_bullet_leaves_behind_stays_true_and_goes_with_its_source(standing):
    path = standing.wiki / "entities" / "La Rance.md"
    path.write_text("\n".join(line for line in la_rance(standing).split("\n") if "- La Rance has" not in line))
    later = [replace(c, spans=[Span(start=0, end=1, place="line 40")]) for c in (DEFINITION, CAPACITY)]
    merge(standing, "a", [*later, page("a", later)], sha="e" * 64)
    assert f'[^{CAPACITY.id}]: [[tides-a#^{CAPACITY.id}|Tides A]], line 40: "{CAPACITY.text}"' in la_rance(standing)
    merge(standing, "a", [later[0], page("a", later[:1])], sha="f" * 64)
    assert CAPACITY.id not in la_rance(standing)


def test_a_page_that_a_person_deleted_stays_away(standing):
    (standing.wiki / "entities" / "La Rance.md").unlink()
    found = merge(standing, "b", [COST, page("b", [COST], is_new=True)])
    assert found["wiki/entities/La Rance.md"].withheld == [COST.id]
    assert not (standing.wiki / "entities" / "La Rance.md").exists()


def test_a_lead_that_a_person_wrote_stays(standing):
    path = standing.wiki / "entities" / "La Rance.md"
    path.write_text(
        la_rance(standing).replace("La Rance is a tidal power station", "It is, I think, a power station", 1)
    )
    found = merge(standing, "b", [COST, page("b", [COST]), lead("b", COST)])["wiki/entities/La Rance.md"]
    assert found.kept_edits == ["lead"]
    assert "\n\nIt is, I think, a power station in Brittany." in la_rance(standing)
    assert "- La Rance cost 620 million francs." in la_rance(standing)


def test_words_that_a_person_added_to_a_lead_stay_when_a_claim_unites_with_it_or_leaves_it(standing):
    path = standing.wiki / "entities" / "La Rance.md"
    mine = la_rance(standing).replace("in Brittany.", "in Brittany (my aunt lives there).", 1)
    path.write_text(
        mine.replace("\n## Facts", "and on a line\nof its own, too\n\n## Facts", 1).replace("]\n\nand", "]\nand", 1)
    )
    twin = claim("b", "A tidal power station in Brittany is La Rance.", 7)
    same = Relation(claim=twin.id, other=DEFINITION.id, relation="same")
    merge(standing, "b", [twin, page("b", [twin], relations=[same])])
    words = "La Rance is a tidal power station in Brittany (my aunt lives there)."
    assert f"{words}[^{DEFINITION.id}][^{twin.id}]\nand on a line\nof its own, too\n" in la_rance(standing)
    merge(standing, "b", [COST, page("b", [COST])], sha="e" * 64)
    merge(standing, "a", [OPENED, page("a", [OPENED])], sha="f" * 64)
    assert f"{words}\nand on a line\nof its own, too\n" in la_rance(standing)


def test_a_lead_that_lost_a_sentence_is_still_known_as_ours(standing):
    merge(standing, "b", [COST, page("b", [COST]), lead("b", DEFINITION, CAPACITY)])
    merge(standing, "a", [OPENED, DEFINITION, page("a", [OPENED, DEFINITION])], sha="f" * 64)
    text = la_rance(standing)
    assert f"\n\n{DEFINITION.text}[^{DEFINITION.id}]\n\n" in text
    found = merge(standing, "c", [claim("c", "La Rance is old.", 1), page("c", [claim("c", "La Rance is old.", 1)])])
    assert found["wiki/entities/La Rance.md"].kept_edits == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text + "\n<<<<<<< mine\n", r"La Rance.md:\d+: a merge conflict"),
        (lambda text: text.replace("type: entity", "type: [entity"), r"La Rance.md:\d+: "),
    ],
)
def test_a_page_that_cannot_be_read_for_sure_is_refused_and_nothing_is_written(standing, change, message):
    path = standing.wiki / "entities" / "La Rance.md"
    path.write_text(change(la_rance(standing)))
    before = {path: path.read_bytes() for path in standing.root.rglob("*.md")}
    with pytest.raises(Failure, match=message):
        merge(standing, "b", [COST, page("b", [COST])])
    assert {path: path.read_bytes() for path in standing.root.rglob("*.md")} == before


def test_a_page_that_is_not_utf8_is_refused(standing):
    path = standing.wiki / "entities" / "La Rance.md"
    path.write_bytes(path.read_bytes() + b"\xff")
    with pytest.raises(Failure, match=r"La Rance.md: not UTF-8"):
        merge(standing, "b", [COST, page("b", [COST])])


def test_a_merge_that_would_lose_a_claim_is_refused_and_names_it(standing, monkeypatch):
    before = {path: path.read_bytes() for path in standing.root.rglob("*.md")}
    whole = topic.Projection.lines

    def careless(self, related):
        return [line for line in whole(self, related) if "1966" not in line]

    monkeypatch.setattr(topic.Projection, "lines", careless)
    with pytest.raises(Failure, match=f"would lose 1 of its claims: {OPENED.id}"):
        merge(standing, "b", [COST, page("b", [COST])])
    assert {path: path.read_bytes() for path in standing.root.rglob("*.md")} == before


def test_records_before_any_source_pass_or_are_refused(standing):
    other = Row("t", 1, {"kind": "weather", "sky": "grey"})
    assert list(merging.merge([other], standing, schema.load(standing), "2026-04-02")) == [other]
    loose = Row("t", 4, orjson.loads(jsonl.encode(COST)))
    with pytest.raises(Failure, match="t:4: a claim before any source"):
        list(merging.merge([loose], standing, schema.load(standing), "2026-04-02"))


def test_a_dry_run_says_the_same_and_writes_nothing(standing):
    before = {path: path.read_bytes() for path in standing.root.rglob("*.md")}
    made = rows(source("b"), COST, page("b", [COST]))
    said = list(merging.merge(made, standing, schema.load(standing), "2026-04-09", write=False))
    assert [c.added for c in said if isinstance(c, Change) and c.path.endswith("La Rance.md")] == [[COST.id]]
    assert {path: path.read_bytes() for path in standing.root.rglob("*.md")} == before


# What people write, anywhere on the page, is there after the next source.

WORDS = st.text("abc äß漢 -*>|[]#:\t", min_size=1, max_size=12).filter(str.strip)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 40), WORDS), min_size=1, max_size=4))
def test_lines_that_people_write_survive_the_next_source(tmp_path_factory, edits):
    vault = vault_at(tmp_path_factory.mktemp("people") / "vault")
    facts = [DEFINITION, OPENED, CAPACITY]
    merge(vault, "a", [*facts, page("a", facts, is_new=True), lead("a", DEFINITION)])
    lines = la_rance(vault).split("\n")
    start = lines.index("# La Rance") + 1
    for at, words in edits:
        lines.insert(start + at % (len(lines) - start), f"zz {words}")
    (vault.wiki / "entities" / "La Rance.md").write_text("\n".join(lines))
    had = grounds.evidence_on(pages.parse("\n".join(lines)))
    merge(vault, "b", [COST, page("b", [COST]), lead("b", DEFINITION, COST)])
    after = la_rance(vault)
    assert [line for line in lines if line.startswith("zz ")] == [
        line for line in after.split("\n") if line.startswith("zz ")
    ]
    assert had <= grounds.evidence_on(pages.parse(after))
    assert (COST.id, "tides-b") in grounds.evidence_on(pages.parse(after))
