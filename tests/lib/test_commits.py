"""A commit is owed from the log entry on and made once, wherever a run is stopped."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
import repository
import transactions
from repository import git, lay_out
from transactions import Stopped

from quern import git as git_module
from quern.program import Failure
from quern.updates import commits, transaction
from quern.updates.transaction import Pending, Write
from quern.vault import Vault

ENTRY = "## [2026-04-02] ingest | A\n\n- source: raw/a.md (0123456789ab)\n- engine: rules (0123456789ab)\n"


@pytest.fixture
def vault(tmp_path, monkeypatch):
    for key, value in repository.SETTINGS.items():
        monkeypatch.setenv(key, value)
    folder = lay_out(tmp_path / "vault")
    (folder / ".quern").mkdir()
    return Vault(folder)


def run(vault):
    writes = [Write("wiki/A.md", None, "---\ntitle: A\ntype: concept\n---\n\n# A\n\nWords.\n")]
    size = transaction.log_size(vault)
    made = Pending(transaction.identity(writes, size), "ingest", "2026-04-02", "Ada", size, writes)
    transactions.run(vault, made, ENTRY)


def state(vault):
    shown = git(vault.root, "log", "--format=%s|%an|%b")
    return shown, git(vault.root, "status", "--porcelain"), vault.log.read_text(), sorted(os.listdir(vault.state))


def test_wherever_it_is_stopped_there_is_one_commit_in_the_end(vault, monkeypatch, tmp_path):
    reference = Vault(Path(shutil.copytree(vault.root, tmp_path / "reference")))
    fresh = shutil.copytree(vault.root, tmp_path / "fresh")
    run(reference)
    calls = 0
    real, stop_at = git_module.run, 0

    def counted(*arguments, **settings):
        nonlocal calls
        calls += 1
        if calls == stop_at:
            raise Stopped
        done = real(*arguments, **settings)
        if calls == -stop_at:
            raise Stopped
        return done

    monkeypatch.setattr(git_module, "run", counted)
    run(vault)
    total = calls
    assert total > 10
    assert state(vault) == state(reference)
    for number in (*range(1, total + 1), *range(-total, 0)):
        stopped = Vault(Path(shutil.copytree(fresh, tmp_path / f"stopped{number}")))
        calls, stop_at = 0, number
        with pytest.raises(Stopped):
            run(stopped)
        stop_at = 0
        if not stopped.log.exists() and transaction.read(stopped) is None:
            run(stopped)  # it was stopped before its decision
        else:
            transactions.recover(stopped, ENTRY)
        assert state(stopped) == state(reference), number
        assert git(stopped.root, "rev-list", "--count", "HEAD") == "2\n"


def test_a_run_stopped_between_the_debt_and_its_end_owes_once(vault, monkeypatch):
    real = commits.owe

    def owe(*arguments):
        real(*arguments)
        raise Stopped

    monkeypatch.setattr(commits, "owe", owe)
    with pytest.raises(Stopped):
        run(vault)
    assert commits.is_owed(vault)
    assert transaction.read(vault) is not None
    monkeypatch.setattr(commits, "owe", real)
    transactions.recover(vault, ENTRY)
    assert git(vault.root, "rev-list", "--count", "HEAD") == "2\n"
    assert vault.log.read_text() == ENTRY


def test_what_the_schema_asks_for_no_more_is_not_owed_any_more(vault):
    repository.hook(vault.root, "pre-commit", "exit 1")
    with pytest.raises(Failure, match="not committed: git commit: exit status 1; mend that, then: "):
        run(vault)
    assert commits.is_owed(vault)
    vault.schema.write_text(vault.schema.read_text().replace("commit: true", "commit: false"))
    transaction.finish(vault)
    assert not commits.is_owed(vault)


@pytest.mark.parametrize(
    ("agent", "author"),
    [
        ("miller", "miller <miller@quern>"),
        ("Ada Lovelace", "Ada Lovelace <ada-lovelace@quern>"),
        ("Zoë", "Zoë <zoe@quern>"),
        ("Ada <ada@example.org>", "Ada <ada@example.org>"),
        ("a<b>c\n", "a b c <a-b-c@quern>"),
        ("李", "李 <agent@quern>"),
        ("...", "agent <agent@quern>"),
        ("Grace", None),
    ],
)
def test_the_author_of_a_commit(agent, author):
    assert git_module.author(agent, "Grace") == author
