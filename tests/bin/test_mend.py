"""mend as a process, in its pipeline."""

from __future__ import annotations

import json

import mill
import pytest
from small_wiki import BARRAGE, FILES, lay

PAGE = "wiki/concepts/Barrage.md"
WRONG = BARRAGE.replace("## My notes\n", "## My notes\n\n[[Rance barrage]], [[Gone]].\n")
PIPE = f'{{ "{mill.BIN}/lint" --all || [ $? -eq 1 ]; }} | "{mill.BIN}/mend" - | ' + mill.stages(
    ("merge", "index", "logappend")
)


@pytest.fixture
def small(vault):
    lay(vault, FILES)
    lay(vault, {PAGE: WRONG})
    return vault


def test_lint_mend_merge(small):
    done = mill.shell(PIPE, small, date="2026-06-01")
    assert done.returncode == 0
    assert done.stderr.decode() == "mend: 1 for merge to mend, 0 for index; left: broken-link 1\n"
    assert (small / PAGE).read_text() == WRONG.replace("[[Rance barrage]]", "[[La Rance|Rance barrage]]")
    kinds = [json.loads(line)["kind"] for line in done.stdout.splitlines()]
    assert kinds == ["finding", "change", "entry"]
    assert "## [2026-06-01] mend | 1 link\n" in (small / "log.md").read_text()
    before = mill.picture(small)
    again = mill.shell(PIPE, small, date="2026-06-01")
    assert again.stderr.decode() == "mend: 0 for merge to mend, 0 for index; left: broken-link 1\n"
    assert mill.picture(small) == before


def test_dry_run_only_tells(run, small):
    found = run("lint", vault=small).out
    records = run("mend", "-", stdin=found, vault=small).out
    before = mill.picture(small)
    done = run("merge", "--dry-run", "-", stdin=records, vault=small)
    assert [json.loads(line).get("path") for line in done.text.splitlines()] == [PAGE, PAGE]
    assert mill.picture(small) == before


@pytest.mark.parametrize(
    ("stdin", "said"),
    [
        (b"{\n", "mend: <stdin>:1: not JSON: "),
        (b'{"kind":"finding"}\n', "mend: <stdin>:1: finding: "),
    ],
)
def test_what_cannot_be_read(run, small, stdin, said):
    run("mend", "-", stdin=stdin, vault=small).assert_failed(said)


def test_findings_about_what_is_not_there_are_passed_on(run, small):
    found = b'{"kind":"finding","code":"broken-link","severity":"error","path":"../x","line":9,"message":"m"}\n'
    assert run("mend", "-", stdin=found, vault=small).out == found
