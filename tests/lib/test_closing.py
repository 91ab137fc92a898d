"""The end of a run: each entry once, whoever writes it."""

from __future__ import annotations

import json
import threading

import pytest
from small_wiki import FILES, LEDGER, LOG, lay

from quern import jsonl
from quern.jsonl import Row
from quern.records import Change, Entry, Finding, Source
from quern.updates import closing, transaction
from quern.vault import Vault

DATE = "2026-05-03"
SOURCE = Source(id="1f0c2a9b77d0", slug="tides-of-brittany", path="raw/tides.md", sha256="b" * 64, title="Tides")
FINDING = Finding(code="broken-link", severity="error", path="wiki/A.md", line=1, message="m")


@pytest.fixture
def small(vault, monkeypatch):
    monkeypatch.setenv("QUERN_AGENT", "Ada")
    lay(vault, FILES)
    (vault / ".quern").mkdir()
    return Vault(vault)


def change(path, id_="", op="update"):
    return Change(
        transaction=id_, path=path, title="T", type="concept", op=op, source=SOURCE.id, before=None, after=None
    )


def rows(*records):
    return [Row("<test>", n, json.loads(jsonl.encode(record))) for n, record in enumerate(records, 1)]


def decided(vault, path="wiki/A.md", source=SOURCE):
    """A transaction that has put its page in place and waits for its log entry; returns its id."""
    size = transaction.log_size(vault)
    text = "---\ntitle: A\ntype: concept\n---\n\n# A\n\n[[Gone]]\n"
    before = (vault.root / path).read_text() if (vault.root / path).exists() else None
    write = transaction.Write(path, before, text)
    id_ = transaction.identity([write], size)
    records = [json.loads(jsonl.encode(record)) for record in (source, change(path, id_))]
    pending = transaction.Pending(id_, "ingest", "2026-05-01", "Grace", size, [write], records)
    transaction.decide(vault, pending)
    transaction.apply(vault, pending)
    return id_


def entries(vault):
    return [entry.title for entry in closing.journal.parse(vault.log.read_text())]


def test_records_pass_through_as_they_come(small):
    row = Row("<test>", 1, {"kind": "song", "la": 1})
    stream = closing.log(iter([row]), small, DATE)
    assert next(stream) is row
    assert list(stream) == []
    assert small.log.read_text() == LOG


def test_records_made_by_hand_are_logged_with_their_findings(small):
    found = list(closing.log(rows(SOURCE, change("wiki/A.md"), FINDING, FINDING), small, DATE))
    [entry] = [item for item in found if isinstance(item, Entry)]
    assert entry == Entry(
        date=DATE,
        verb="ingest",
        title="Tides",
        bullets=[
            "source: raw/tides.md (bbbbbbbbbbbb)",
            "updated: [[A]] (bbbbbbbbbbbb)",
            "claims: 0 added (bbbbbbbbbbbb)",
            "lint: 2 errors, 0 warnings (bbbbbbbbbbbb)",
            "agent: Ada (bbbbbbbbbbbb)",
        ],
    )
    assert small.log.read_text().startswith(LOG + "\n## [2026-05-03] ingest | Tides\n\n- source: ")


def test_nothing_changed_leaves_no_entry(small):
    assert len(list(closing.log(rows(SOURCE, change("wiki/A.md", op="unchanged")), small, DATE))) == 2
    assert small.log.read_text() == LOG


def test_a_transaction_is_closed_with_what_it_says_itself(small):
    id_ = decided(small)
    *_, entry = closing.log(rows(SOURCE, change("wiki/A.md", id_)), small, DATE)
    assert (entry.date, entry.bullets[-1]) == ("2026-05-01", "agent: Grace (bbbbbbbbbbbb)")
    assert any(bullet.startswith("lint: 1 error, 3 warnings") for bullet in entry.bullets)
    assert transaction.read(small) is None


def test_whoever_closes_it_writes_the_same_bytes(small):
    decided(small)
    transaction.finish(small)
    finished = small.log.read_text()
    small.log.write_text(LOG)
    (small.root / "wiki/A.md").unlink()
    list(closing.log(rows(SOURCE, change("wiki/A.md", decided(small))), small, DATE))
    assert small.log.read_text() == finished


def test_a_transaction_that_is_open_no_more_has_its_entry(small):
    id_ = decided(small)
    transaction.finish(small)
    log = small.log.read_text()
    assert not any(isinstance(item, Entry) for item in closing.log(rows(SOURCE, change("wiki/A.md", id_)), small, DATE))
    assert small.log.read_text() == log


def test_a_stream_of_two_sources_closes_the_last(small):
    other = Source(id="a" * 12, slug="b", path="raw/b.md", sha256="c" * 64, title="Second")
    first = decided(small)
    transaction.finish(small)  # as merge does before the second
    second = decided(small, "wiki/B.md", other)
    stream = rows(SOURCE, change("wiki/A.md", first), other, change("wiki/B.md", second))
    found = [item.title for item in closing.log(stream, small, DATE) if isinstance(item, Entry)]
    assert found == ["Second"]
    assert entries(small) == ["Tides of Brittany", "Tides", "Second"]


@pytest.mark.parametrize("stream", [[], [SOURCE, change("wiki/B.md")]])
def test_a_transaction_of_another_run_is_finished(small, stream):
    decided(small)
    list(closing.log(rows(*stream), small, DATE))
    assert transaction.read(small) is None
    assert entries(small)[1:] == ["Tides"] * (1 + bool(stream))


def test_lint_is_logged_once_for_the_same_counts(small):
    *_, entry = closing.log_lint(rows(FINDING), small, DATE)
    assert entry.title == "1 error, 0 warnings"
    assert len(list(closing.log_lint(rows(FINDING), small, "2026-05-04"))) == 1
    list(closing.log_lint(rows(), small, "2026-05-05"))
    assert small.log.read_text() == (
        f"{LOG}\n## [{DATE}] lint | 1 error, 0 warnings\n\n## [2026-05-05] lint | 0 errors, 0 warnings\n"
    )


def test_lint_finishes_what_is_open_first(small):
    decided(small)
    list(closing.log_lint(rows(), small, DATE))
    assert entries(small)[1:] == ["Tides", "0 errors, 0 warnings"]


def test_own_transactions_are_left_to_the_end_of_the_pipeline(small):
    own = closing.Own()
    list(own.seen(rows(SOURCE, change("wiki/A.md", decided(small)))))
    own.finish_others(small)
    assert transaction.read(small) is not None
    closing.Own().finish_others(small)
    assert transaction.read(small) is None


def test_entries_of_many_writers_do_not_mix(small):
    def append(number):
        source = Source(id="a" * 12, slug="b", path="raw/b.md", sha256=f"{number:064}", title=f"T{number}")
        list(closing.log(rows(source, change("wiki/A.md")), small, DATE))

    threads = [threading.Thread(target=append, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(entries(small)[1:]) == [f"T{number}" for number in range(8)]
    assert list(closing.journal.problems(small.log.read_text())) == []


def test_the_ledger_s_own_page_is_named_if_it_was_written(small):
    path = "wiki/sources/tides-of-brittany.md"
    lay(small.root, {path: LEDGER})
    *_, entry = closing.log(rows(SOURCE, change(path)), small, DATE)
    assert entry.bullets[0] == "source: raw/tides.md → [[tides-of-brittany]] (bbbbbbbbbbbb)"
