"""outdated: as a process, alone and at the head of its pipe."""

from __future__ import annotations

import json

import mill
import pytest
import sample

PAGE = "wiki/entities/EDF.md"


@pytest.fixture
def vault(tmp_path):
    return mill.sample_vault(tmp_path / "vault")


@pytest.fixture
def behind(vault):
    """The sample, one lead of it made from other claims than those on its page."""
    text = (vault / PAGE).read_text(encoding="utf-8")
    bullet = next(line for line in text.split("\n") if line.startswith("- "))
    (vault / PAGE).write_text(text.replace(f"{bullet}\n", ""), encoding="utf-8")
    return vault


def test_the_sample_has_no_outdated_page_before_and_after_its_next_source(run, vault, grown):
    assert (run("outdated", vault=vault).status, run("outdated", vault=grown).status) == (1, 1)


def test_a_page_record_each(run, behind):
    done = run("outdated", vault=behind)
    (record,) = [json.loads(line) for line in done.out.splitlines()]
    assert (done.status, done.err) == (0, "")
    assert (record["kind"], record["path"], record["adds"], record["source"]) == ("page", PAGE, [], "")
    assert record["shown"]


def test_its_pipe_brings_the_leads_up_to_date(run, behind):
    command = f'"{mill.BIN / "outdated"}" | ' + mill.stages(("summarize", *mill.WRITING))
    done = mill.shell(command, behind, date=sample.NEXT[0])
    assert done.returncode == 0, done.stderr.decode()
    kinds = [json.loads(line)["kind"] for line in done.stdout.splitlines()]
    assert "change" in kinds
    assert kinds[-1] == "entry"
    assert run("outdated", vault=behind).status == 1
    found = run("lint", vault=behind).out.splitlines()
    assert [json.loads(line)["code"] for line in found] == ["contradiction"]
