"""`reviewed:` on a page: it stays while sources agree with the page, and goes, by name, when one does not."""

from __future__ import annotations

import orjson
import pytest

from quern import claims, journal, jsonl, pages, schema
from quern.jsonl import Row
from quern.records import Add, Change, Claim, End, Name, Page, Relation, Source, Span
from quern.updates import headers, merging, properties, transaction
from quern.vault import Vault

PATH = "wiki/entities/La Rance.md"
LINE = "reviewed: {by: Ada Byron, on: 2026-04-03}\n"


def source(name):
    id_ = name * 12
    return Source(id=id_, slug=name, path=f"raw/{name}.md", sha256=name * 64, title=name.upper())


def claim(name, text):
    spans = [Span(start=0, end=1, place="line 3")]
    id_ = claims.claim_id(text, text)
    names = [Name(name="La Rance", type="entity")]
    return Claim(
        id=id_, source=name * 12, passage=f"{name}-1", text=text, quote=text, spans=spans, names=names, role="figure"
    )


CAPACITY = claim("a", "La Rance has a capacity of 240 MW.")
COST = claim("b", "La Rance cost 620 million francs.")
REFURBISHED = claim("b", "La Rance has had a capacity of 320 MW since its refurbishment.")


def merge(vault, name, *said, relations=()):
    """The change of the page that a source brings, which says these claims."""
    adds = [Add(claim=c.id, source=c.source) for c in said]
    page = Page(
        path=PATH, title="La Rance", type="entity", source=name * 12, adds=adds, is_new=name == "a",
        relations=list(relations),
    )  # fmt: skip
    records = enumerate([source(name), *said, page, End(source=source(name).id)], 1)
    rows = [Row("t", line, orjson.loads(jsonl.encode(record))) for line, record in records]
    done = list(merging.merge(rows, vault, schema.load(vault), "2026-04-09"))
    transaction.finish(vault)
    return next(change for change in done if isinstance(change, Change) and change.path == PATH)


@pytest.fixture
def standing(vault):
    """A page with one fact."""
    vault = Vault(vault)
    merge(vault, "a", CAPACITY)
    return vault


def la_rance(vault):
    return (vault.root / PATH).read_text(encoding="utf-8")


def review(vault, line=LINE):
    text = la_rance(vault)
    (vault.root / PATH).write_text(text.replace("status: current\n", f"status: current\n{line}"), encoding="utf-8")
    assert line in la_rance(vault)


def against(is_):
    return Relation(
        claim=REFURBISHED.id,
        other=CAPACITY.id,
        relation=is_,
        attribute="capacity",
        value="320 MW",
        other_value="240 MW",
    )


def test_it_stays_as_it_is_while_sources_only_add(standing):
    review(standing)
    change = merge(standing, "b", COST)
    assert change.added == [COST.id]
    assert change.unreviewed == []
    assert LINE in la_rance(standing)


@pytest.mark.parametrize("is_", ["contradicts", "supersedes"])
def test_it_goes_by_name_when_a_source_disagrees(standing, is_):
    review(standing)
    change = merge(standing, "b", REFURBISHED, relations=[against(is_)])
    assert change.unreviewed == ["Ada Byron (2026-04-03)"]
    assert "reviewed" not in la_rance(standing)
    assert "- unreviewed: [[La Rance]], which Ada Byron (2026-04-03) had reviewed (" in standing.log.read_text()


def test_nothing_is_told_of_a_page_that_nobody_has_reviewed(standing):
    assert merge(standing, "b", REFURBISHED, relations=[against("contradicts")]).unreviewed == []
    assert "unreviewed" not in standing.log.read_text()


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("reviewed: {by: Ada, on: 2026-04-03}\n", ["Ada (2026-04-03)"]),
        ("reviewed:\n  by: Ada\n  on: 2026-04-03\n", ["Ada (2026-04-03)"]),
        ("reviewed:\n  - {by: Ada, on: 2026-04-03}\n  - {by: Grace}\n", ["Ada (2026-04-03)", "Grace"]),
        ("reviewed: {on: 2026-04-03}\n", ["somebody (2026-04-03)"]),
        ("reviewed: Ada\n", ["Ada"]),
    ],
)
def test_it_is_read_and_dropped_however_it_is_written(standing, written, told):
    review(standing, written)
    before = pages.parse(la_rance(standing))
    assert properties.reviewers(before) == told
    assert merge(standing, "b", REFURBISHED, relations=[against("contradicts")]).unreviewed == told
    after = pages.parse(la_rance(standing))
    assert not after.problems
    assert "reviewed" not in after.front_values
    assert "Grace" not in la_rance(standing)


def test_an_empty_key_of_a_template_is_no_review(standing):
    review(standing, "reviewed:\n")
    assert merge(standing, "b", REFURBISHED, relations=[against("contradicts")]).unreviewed == []


def test_a_name_cannot_break_the_log():
    change = Change(
        transaction="t", path=PATH, title="La Rance", type="entity", op="update", source="a" * 12, before=None,
        after="x", disputed=["c1"], unreviewed=["A\n## [2026-01-01] ingest | x [[y]] (z)"],
    )  # fmt: skip
    entry = journal.entry(source("a"), [change], [], [], agent="Ada", date="2026-04-09")
    assert list(journal.parse(journal.render(entry))) == [entry]
    assert not list(journal.problems(journal.render(entry)))


def test_the_review_of_a_page_is_not_that_of_the_page_it_goes_into():
    kept = pages.parse("---\ntitle: A\n---\n\n# A\n")
    left = pages.parse(f"---\ntitle: B\n{LINE}---\n\n# B\n")
    front, lines, text = headers.joined((kept, "wiki/A.md"), (left, "wiki/B.md"))
    assert "reviewed" not in front
    assert not any("Ada" in line for line in (*lines, *text))
