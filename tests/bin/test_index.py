"""index as a process."""

from __future__ import annotations

import os
import pty
import subprocess

import pytest
from processes import ROOT, environment
from small_wiki import FILES, INDEX, lay


@pytest.fixture
def small(vault):
    lay(vault, FILES | {"wiki/index.md": "# Index\n\n## Concepts\n\n- [[Gone]]\n"})
    return vault


def index(vault):
    return (vault / "wiki/index.md").read_text()


STREAM = b'{"kind":"song", "la": 1.0}\n{"kind":"change","transaction":"t","odd":1}\n'


def test_without_input(run, small):
    done = run("index", vault=small)
    assert (done.status, done.out, done.err) == (0, b"", "")
    assert index(small) == INDEX


@pytest.mark.parametrize("by", ["pipe", "file"])
def test_records_pass_through(run, small, by, tmp_path):
    (tmp_path / "in.jsonl").write_bytes(STREAM)
    arguments = ["-"] if by == "pipe" else [tmp_path / "in.jsonl"]
    done = run("index", *arguments, stdin=STREAM if by == "pipe" else b"", vault=small)
    assert done.status == 0
    assert done.out == STREAM.replace(b'", "la": 1.0', b'","la":1.0')
    assert index(small) == INDEX


def test_at_a_terminal_nothing_is_read(small):
    controller, terminal = pty.openpty()
    try:
        done = subprocess.run(
            [ROOT / "bin" / "index"],
            stdin=terminal,
            capture_output=True,
            cwd=small,
            env=environment(),
            timeout=60,
            check=False,
        )
    finally:
        os.close(controller)
        os.close(terminal)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert index(small) == INDEX


def test_what_is_as_it_should_be_is_not_written(run, small):
    run("index", vault=small)
    before = (small / "wiki/index.md").stat()
    run("index", vault=small)
    assert (small / "wiki/index.md").stat().st_ino == before.st_ino


def test_a_wiki_without_pages(run, vault):
    assert run("index", vault=vault).status == 0
    assert index(vault) == "# Index\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_wiki_that_cannot_be_written(run, small):
    (small / "wiki").chmod(0o555)
    try:
        done = run("index", vault=small)
    finally:
        (small / "wiki").chmod(0o755)
    done.assert_failed()


def test_a_broken_record_leaves_the_index(run, small):
    before = index(small)
    done = run("index", stdin=b"{\n", vault=small)
    assert (done.status, done.out) == (2, b"")
    assert done.err.startswith("index: <stdin>:1: not JSON")
    assert index(small) == before
