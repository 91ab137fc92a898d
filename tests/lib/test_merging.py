"""Many sources in one stream: each a transaction of its own, and the index with the last of them."""

from __future__ import annotations

import contextlib

import mill
import pytest
from turning import Mill, quiet, rows

from quern import checks, engines, extraction, jsonl, linking, passages, schema, summaries, wiki
from quern.linking import revisions
from quern.program import Failure
from quern.updates import contents, merging, transaction
from quern.vault import locked

DATE = "2026-04-02"
SOURCE = """\
# {0}

{0} is a lock on the Ribble. {0} opened in 1861. {0} has two gates. {0} is leased to the {0} Trust, which mends it.
"""


@pytest.fixture
def here(tmp_path):
    made = Mill(mill.empty_vault(tmp_path / "vault"))
    made.write("raw/one.md", SOURCE.format("Preston Lock"))
    made.write("raw/two.md", SOURCE.format("Samlesbury Lock"))
    return made


def stream(here, *paths):
    """What merge is given of some sources."""
    rules = schema.load(here.vault)
    engine = engines.load(rules)
    made = [row for path in paths for row in rows(passages.records(here.vault, rules, str(here.folder / path), quiet))]
    told = rows(extraction.extract(made, engine, quiet))
    with wiki.open(here.vault) as catalogue:
        planned = rows(linking.link(told, catalogue, rules, revisions.reviser(here.vault, catalogue, rules)))
    return rows(summaries.add(planned, engine, rules))


def merge(here, stream):
    return merging.merge(stream, here.vault, schema.load(here.vault), DATE)


def until_the_first_is_merged(made):
    """Take what comes of the first source of a stream."""
    next(record for record in made if getattr(record, "kind", "") == "change")


def codes(here):
    with wiki.open(here.vault) as catalogue:
        return {finding.code for finding in checks.check_vault(here.vault, catalogue, schema.load(here.vault))}


def test_between_two_sources_the_index_is_owed_and_lint_says_no_more_than_that(here):
    made = merge(here, stream(here, "raw/one.md", "raw/two.md"))
    until_the_first_is_merged(made)
    assert (here.folder / "wiki/entities/Preston Lock.md").exists()
    assert not (here.folder / "wiki/index.md").exists()
    assert codes(here) == {"unfinished-run"}
    for _ in made:
        pass
    transaction.finish(here.vault)
    assert "[[Preston Lock]]" in here.read("wiki/index.md")
    assert "[[Samlesbury Lock]]" in here.read("wiki/index.md")
    assert codes(here) == set()


def test_a_lone_source_and_its_index_are_one_transaction(here):
    made = merge(here, stream(here, "raw/one.md"))
    next(made)
    pending = transaction.read(here.vault)
    assert pending is not None
    assert "wiki/index.md" in [write.path for write in pending.writes]
    assert not contents.is_owed(here.vault)


def test_with_commits_each_source_brings_its_line_of_the_index(here, monkeypatch):
    monkeypatch.setattr(merging.commits, "wanted", lambda _: True)
    monkeypatch.setattr(merging.commits, "check", lambda _: None)
    made = merge(here, stream(here, "raw/one.md", "raw/two.md"))
    until_the_first_is_merged(made)
    assert "[[Preston Lock]]" in here.read("wiki/index.md")


def test_a_stream_that_breaks_off_leaves_a_whole_index(here):
    rows_ = stream(here, "raw/one.md", "raw/two.md")
    broken = jsonl.Row("<test>", 99, {"kind": "claim", "id": "no claim"})
    second = [row.kind for row in rows_].index("source", 1) + 1
    with pytest.raises(Failure):
        list(merge(here, [*rows_[:second], broken, *rows_[second:]]))
    assert "[[Preston Lock]]" in here.read("wiki/index.md")
    transaction.finish(here.vault)
    assert codes(here) == set()


def test_a_last_source_that_brings_nothing_leaves_a_whole_index(here):
    list(merge(here, stream(here, "raw/two.md")))
    transaction.finish(here.vault)
    list(merge(here, stream(here, "raw/one.md", "raw/two.md")))
    transaction.finish(here.vault)
    assert "[[Preston Lock]]" in here.read("wiki/index.md")
    assert codes(here) == set()


def test_a_run_that_was_stopped_owes_the_index_to_whoever_writes_next(here, monkeypatch):
    made = merge(here, stream(here, "raw/one.md", "raw/two.md"))
    until_the_first_is_merged(made)
    with monkeypatch.context() as stopped, contextlib.suppress(KeyboardInterrupt):
        # As a kill would: nothing is done at the end.
        stopped.setattr(contents, "update", _stop)
        made.throw(KeyboardInterrupt)
    transaction.finish_last(here.vault)
    assert contents.is_owed(here.vault)
    assert codes(here) == {"unfinished-run"}
    transaction.finish(here.vault)
    assert "[[Preston Lock]]" in here.read("wiki/index.md")
    assert not contents.is_owed(here.vault)
    assert codes(here) == set()


def test_an_index_that_is_owed_is_made_of_the_pages_as_they_are_by_then(here):
    with wiki.open(here.vault) as catalogue:
        with locked(here.vault):
            contents.owe(here.vault)
        here.write("wiki/concepts/Weir.md", "# Weir\n")
        assert transaction.finish(here.vault, catalogue)
    assert "[[Weir]]" in here.read("wiki/index.md")


def _stop(*_):
    raise KeyboardInterrupt


def test_records_that_break_off_anywhere_leave_nothing_of_their_source(here):
    whole = stream(here, "raw/one.md", "raw/two.md")
    second = [row.kind for row in whole].index("source", 1)
    for cut in range(second + 1, len(whole)):
        with pytest.raises(Failure, match=r"raw/two\.md: its records break off: nothing of it is written"):
            list(merge(here, whole[:cut]))
        transaction.finish(here.vault)
        assert (here.folder / "wiki/entities/Preston Lock.md").exists()
        assert "Samlesbury" not in "".join(path.read_text() for path in (here.folder / "wiki").rglob("*.md"))
    list(merge(here, whole))
    assert (here.folder / "wiki/entities/Samlesbury Lock.md").exists()


def test_no_stage_ends_a_source_that_was_not_ended_before_it(here):
    rules = schema.load(here.vault)
    told = rows(passages.records(here.vault, rules, str(here.folder / "raw/one.md"), quiet))[:-1]
    engine = engines.load(rules)
    with wiki.open(here.vault) as catalogue:
        for stage in (
            lambda given: extraction.extract(given, engine, quiet),
            lambda given: linking.link(given, catalogue, rules),
            lambda given: summaries.add(given, engine, rules),
        ):
            told = rows(stage(told))
            assert "end" not in [row.kind for row in told]
    with pytest.raises(Failure, match="break off"):
        list(merge(here, told))
