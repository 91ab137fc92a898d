"""rename, unite and split beside git, other programs and crashes: one commit each, undone to the byte, never half."""

from __future__ import annotations

import json
import shutil
import subprocess

import keeping
import mill
import pytest
import repository
import small_wiki
from repository import git

PAGE, BARRAGE = "wiki/entities/La Rance.md", "wiki/concepts/Barrage.md"
SPLIT = json.dumps({"kind": "split", "title": "Rance dam", "claims": [keeping.OTHER_ID]}).encode()
VERBS = {
    "rename": (("La Rance", "Rance power station"), b""),
    "unite": (("La Rance", "Barrage"), b""),
    "split": (("La Rance",), SPLIT),
}


def lay(folder):
    small_wiki.lay(folder, keeping.FILES)
    assert mill.run("index", vault=folder).returncode == 0
    return folder


@pytest.fixture
def repo(tmp_path):
    folder = lay(repository.lay_out(tmp_path / "repo"))
    repository.commit_all(folder, "wiki")
    return folder


def pages(folder):
    return {path: data for path, data in mill.picture(folder).items() if path.startswith("wiki/")}


@pytest.mark.parametrize("verb", VERBS)
def test_it_is_one_commit_and_undo_gives_the_bytes_back(repo, run, verb):
    before = pages(repo)
    words, stdin = VERBS[verb]
    done = run(verb, *words, vault=repo, stdin=stdin, env=repository.SETTINGS)
    assert (done.status, done.err) == (0, "")
    run("logappend", "-", vault=repo, env=repository.SETTINGS)
    assert git(repo, "status", "--porcelain") == ""
    assert git(repo, "log", "-1", "--format=%s").startswith(f"[2026-04-02] {verb} | ")
    assert pages(repo) != before
    assert run("undo", vault=repo, env=repository.SETTINGS).status == 0
    assert pages(repo) == before


@pytest.mark.parametrize("verb", VERBS)
def test_killed_at_any_write_it_ends_as_if_nothing_had_happened(tmp_path, verb):
    words, stdin = VERBS[verb]
    begin = lay(mill.empty_vault(tmp_path / "begin"))
    whole = shutil.copytree(begin, tmp_path / "whole")
    assert mill.run(verb, *words, vault=whole, stdin=stdin).returncode == 0
    assert mill.run("logappend", "-", vault=whole).returncode == 0
    wanted = mill.picture(whole)
    crash = {"QUERN_CRASH_IN": verb, "PYTHONPATH": str(mill.ROOT / "tests" / "crash")}
    decided = 0
    for number in range(1, 80):
        vault = shutil.copytree(begin, tmp_path / f"crash{number}")
        killed = mill.run(verb, *words, vault=vault, stdin=stdin, QUERN_CRASH_AT=str(number), **crash)
        if not (vault / ".quern/pending.jsonl").exists():
            assert (killed.returncode, pages(vault)) == (137, pages(begin)), number
            assert mill.run(verb, *words, vault=vault, stdin=stdin).returncode == 0
        decided += killed.returncode == 137 and (vault / ".quern/pending.jsonl").exists()
        assert mill.run("logappend", "-", vault=vault).returncode == 0
        assert mill.picture(vault) == wanted, number
        shutil.rmtree(vault)
        if killed.returncode == 0:
            break
    assert killed.returncode == 0
    assert decided > 3


@pytest.mark.parametrize("verb", VERBS)
def test_what_it_says_can_be_piped_and_nothing_else_is_on_stdout(tmp_path, verb):
    vault = lay(mill.empty_vault(tmp_path / "vault"))
    words, stdin = VERBS[verb]
    done = mill.run(verb, *words, vault=vault, stdin=stdin)
    assert {json.loads(line)["kind"] for line in done.stdout.splitlines()} == {"change"}
    assert done.stderr == b""


def test_at_a_terminal_the_entry_is_appended_at_once(tmp_path):
    vault = lay(mill.empty_vault(tmp_path / "vault"))
    command = ["script", "-qec", f"'{mill.BIN / 'rename'}' Barrage Dam", "/dev/null"]
    try:
        subprocess.run(command, cwd=vault, env=mill.environment(), capture_output=True, timeout=60, check=True)
    except FileNotFoundError:
        pytest.skip("no script(1)")
    assert "rename | Barrage -> Dam" in (vault / "log.md").read_text()
    assert not (vault / ".quern/pending.jsonl").exists()


def test_two_people_renaming_at_once_are_one_after_the_other(tmp_path):
    vault = lay(mill.empty_vault(tmp_path / "vault"))
    started = [
        subprocess.Popen([mill.BIN / "rename", old, new], cwd=vault, env=mill.environment(), stdout=subprocess.DEVNULL)
        for old, new in (("La Rance", "Rance power station"), ("Barrage", "Dam"))
    ]
    assert [process.wait(60) for process in started] == [0, 0]
    mill.run("logappend", "-", vault=vault)
    assert "[[Rance power station|La Rance]] lies near" in (vault / "wiki/concepts/Dam.md").read_text()
    assert "lies near the [[Dam|Barrage]]" in (vault / "wiki/entities/Rance power station.md").read_text()
