"""A transaction happens whole or not at all, wherever the run that made it is stopped."""

from __future__ import annotations

import os

import pytest
import transactions
from transactions import Stopped

from quern.program import Failure
from quern.updates import transaction
from quern.updates.transaction import Pending, Write
from quern.vault import Vault

ENTRY = "## [2026-04-02] ingest | A\n\n- source: raw/a.md (0123456789ab)\n"


def wiki(tmp_path):
    vault = Vault(tmp_path)
    (tmp_path / "schema.yaml").write_text("version: 1\n")
    (tmp_path / "wiki").mkdir()
    (tmp_path / "wiki" / "old.md").write_text("old\n")
    (tmp_path / "wiki" / "gone.md").write_text("gone\n")
    (tmp_path / "log.md").write_text("# Log\n")
    vault.state.mkdir()
    return vault


def pending(vault):
    writes = [
        Write("wiki/old.md", "old\n", "old\nnew line\n"),
        Write("wiki/gone.md", "gone\n", None),
        Write("wiki/entities/New page.md", None, "new\n"),
    ]
    size = transaction.log_size(vault)
    return Pending(transaction.identity(writes, size), "ingest", "2026-04-02", "a", size, writes)


def snapshot(vault):
    return {
        path.relative_to(vault.root).as_posix(): path.read_bytes()
        for path in sorted(vault.root.rglob("*"))
        if path.is_file()
    }


STEPS = ("replace", "fsync", "unlink", "write", "ftruncate", "chmod", "mkdir")


def stop_at(monkeypatch, step):
    """Stop the run just before its n-th call that touches the disk."""
    count = iter(range(10_000))

    def wrap(name):
        real = getattr(os, name)

        def call(*args, **kwargs):
            if next(count) == step:
                raise Stopped
            return real(*args, **kwargs)

        monkeypatch.setattr(os, name, call)

    for name in STEPS:
        wrap(name)
    return count


def test_a_run_stopped_at_any_step_leaves_the_old_wiki_or_ends_as_the_whole_run_after_the_next_one(
    tmp_path, monkeypatch
):
    (tmp_path / "whole").mkdir()
    whole = wiki(tmp_path / "whole")
    before = snapshot(whole)
    transactions.run(whole, pending(whole), ENTRY)
    after = snapshot(whole)
    outcomes = set()
    for step in range(200):
        (tmp_path / str(step)).mkdir()
        vault = wiki(tmp_path / str(step))
        with monkeypatch.context() as patch:
            stop_at(patch, step)
            try:
                transactions.run(vault, pending(vault), ENTRY)
                finished = True
            except Stopped:
                finished = False
        transactions.recover(vault, ENTRY)
        left = snapshot(vault)
        assert left in (before, after)
        outcomes.add(left == after)
        if finished:
            break
    assert outcomes == {True, False}
    assert finished
    assert step > 10


def test_an_entry_half_written_is_written_whole_and_once(tmp_path):
    for cut in range(len(ENTRY) + 2):
        (tmp_path / str(cut)).mkdir()
        vault = wiki(tmp_path / str(cut))
        made = pending(vault)
        transaction.decide(vault, made)
        with vault.log.open("ab") as log:
            log.write(("\n" + ENTRY)[:cut].encode())
        transactions.recover(vault, ENTRY)
        assert vault.log.read_text() == "# Log\n\n" + ENTRY


def test_a_page_that_a_person_edits_while_a_run_is_unfinished_keeps_both(tmp_path):
    vault = wiki(tmp_path)
    (vault.wiki / "old.md").write_text("a\nb\nc\nd\ne\n")
    writes = [Write("wiki/old.md", "a\nb\nc\nd\ne\n", "a\nb\nc\nd\ne\nfrom the run\n")]
    made = Pending("0", "ingest", "2026-04-02", "a", 6, writes)
    transaction.decide(vault, made)
    (vault.wiki / "old.md").write_text("from a person\na\nb\nc\nd\ne\n")
    transactions.recover(vault, ENTRY)
    assert (vault.wiki / "old.md").read_text() == "from a person\na\nb\nc\nd\ne\nfrom the run\n"


def test_two_edits_of_the_same_line_are_refused_and_nothing_is_overwritten(tmp_path):
    vault = wiki(tmp_path)
    made = pending(vault)
    transaction.decide(vault, made)
    (vault.wiki / "old.md").write_text("mine\n")
    with pytest.raises(Failure, match=r"wiki/old.md: .*same lines"):
        transaction.apply(vault, made)
    assert (vault.wiki / "old.md").read_text() == "mine\n"
    assert transaction.read(vault) == made


def test_a_page_that_a_person_deletes_while_a_run_is_unfinished_stays_away(tmp_path):
    vault = wiki(tmp_path)
    made = pending(vault)
    transaction.decide(vault, made)
    (vault.wiki / "old.md").unlink()
    transactions.recover(vault, ENTRY)
    assert not (vault.wiki / "old.md").exists()


@pytest.mark.parametrize("turn", range(4))
def test_files_are_put_in_place_in_one_order_whatever_order_they_come_in(turn):
    paths = ["wiki/concepts/B.md", "wiki/entities/A.md", "wiki/sources/a.md", "wiki/index.md"]
    come = paths[turn:] + paths[:turn]
    assert [write.path for write in transaction.ordered(dict.fromkeys(come, (None, "x")))] == paths


def test_a_full_disk_shows_before_the_decision_and_leaves_no_trace(tmp_path, monkeypatch):
    vault = wiki(tmp_path)
    before = snapshot(vault)

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            transaction.decide(vault, pending(vault))
    assert snapshot(vault) == before
    assert transaction.read(vault) is None


@pytest.mark.parametrize("path", ["../x.md", "wiki/../../x.md", "wiki/a link.md", "wiki/a folder/x.md"])
def test_a_path_that_leads_out_of_the_vault_is_refused(path, tmp_path):
    for name in ("elsewhere", "vault"):
        (tmp_path / name).mkdir()
    vault = wiki(tmp_path / "vault")
    (vault.wiki / "a link.md").symlink_to(tmp_path / "elsewhere/x.md")
    (vault.wiki / "a folder").symlink_to(tmp_path / "elsewhere")
    made = Pending("0", "ingest", "2026-04-02", "a", 0, [Write(path, None, "x")])
    with pytest.raises(Failure, match="out of the vault"):
        transaction.decide(vault, made)
    assert transaction.read(vault) is None


@pytest.mark.parametrize("text", ["", '{"kind":"write","path":"wiki/a.md","before":null,"after":"x"}\n'])
def test_what_is_no_transaction_is_named_and_left_alone(text, tmp_path):
    vault = Vault(tmp_path)
    vault.state.mkdir()
    (vault.state / "pending.jsonl").write_text(text)
    with pytest.raises(Failure, match=r"\.quern/pending\.jsonl:1: no transaction: put it back from a copy"):
        transaction.finish(vault)
    assert (vault.state / "pending.jsonl").read_text() == text
