"""judge as a program: what goes out, what it tells before it asks, what it refuses in one line."""

from __future__ import annotations

import json

import mill
import pytest
import scripted


@pytest.fixture
def vault(tmp_path):
    """The sample, in which some terms are explained nowhere."""
    return mill.sample_vault(tmp_path / "vault")


def test_findings_come_out_and_a_second_run_asks_nothing(vault):
    rules = (vault / "schema.yaml").read_text(encoding="utf-8")
    (vault / "schema.yaml").write_text(rules.replace("severity: {}", "severity: {gap: warning}"), encoding="utf-8")
    before = mill.picture(vault)
    with scripted.server(scripted.good) as url:
        scripted.use(vault, url)
        first = mill.run("judge", vault=vault)
        asked = len(url.asked)
        second = mill.run("judge", vault=vault)
        assert len(url.asked) == asked > 0
    assert (first.returncode, second.returncode) == (1, 1), first.stderr.decode()
    found = [json.loads(line) for line in first.stdout.splitlines()]
    assert {(one["kind"], one["code"], one["severity"]) for one in found} == {
        ("finding", "unexplained-term", "hint"), ("finding", "gap", "warning"),
    }  # fmt: skip
    assert second.stdout == first.stdout
    told = first.stderr.decode().splitlines()
    assert told[0].startswith("judge: in doubt: ")
    assert "tokens of prompt" in told[1]
    assert mill.picture(vault) == before


def test_a_prompt_is_shown_and_nothing_asked(vault):
    with scripted.server(scripted.good) as url:
        scripted.use(vault, url)
        done = mill.run("judge", "--show-prompt", "--calls", "2", vault=vault)
        assert url.asked == []
    assert done.returncode == 0, done.stderr.decode()
    assert b"=== system\nquern survey-1\n" in done.stdout
    assert done.stdout.count(b"<claims>") == 5


def test_without_a_model_it_is_one_line(vault):
    done = mill.run("judge", vault=vault)
    said = b"judge: no model is named in schema.yaml, and the rules cannot judge (make model fetches one)\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, b"", said)


@pytest.mark.parametrize("calls", ["0", "many"])
def test_a_number_of_calls_is_one(vault, calls):
    done = mill.run("judge", "--calls", calls, vault=vault)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"judge: Invalid value for '--calls'")
