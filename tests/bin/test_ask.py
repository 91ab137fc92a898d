"""ask and show as programs: what goes in and out, and what they refuse in one line."""

from __future__ import annotations

import json

import mill
import pytest
from processes import ROOT

QUESTION = "What is the capacity of La Rance?"


@pytest.fixture
def vault(tmp_path):
    """The sample, of which one can ask something."""
    return mill.sample_vault(tmp_path / "vault")


def test_an_answer_is_a_record_and_is_shown(vault, run):
    done = run("ask", QUESTION, "--date", "2026-05-02", vault=vault)
    assert done.status == 0, done.err
    answer = json.loads(done.text)
    assert (answer["kind"], answer["question"], answer["date"]) == ("answer", QUESTION, "2026-05-02")
    assert all(said["claims"] for said in answer["sentences"])
    shown = run("show", stdin=done.out, vault=vault)
    assert shown.status == 0
    assert shown.text.startswith(f"# {QUESTION}\n")
    assert "240 MW[^" in shown.text


def test_what_is_not_known_is_status_1_and_is_shown(vault, run):
    done = run("ask", "What is the capital of Peru?", vault=vault)
    assert (done.status, done.err) == (1, "")
    shown = run("show", stdin=done.out, vault=vault)
    assert shown.status == 1
    assert "The wiki does not know." in shown.text


def test_a_question_comes_from_stdin_too(vault, run):
    assert json.loads(run("ask", "-", stdin=f"{QUESTION}\n".encode(), vault=vault).text)["question"] == QUESTION


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([""], "ask: nothing is asked: ask 'a question in words'"),
        (["   "], "ask: nothing is asked: ask 'a question in words'"),
        (["why is it so " * 800], "ask: the question has 10399 characters, and at most 2000 can be asked: "),
        ([QUESTION, "--sentences", "6000"], "ask: Invalid value for '--sentences': 6000 is not in the range 1<=x<=40."),
        ([QUESTION, "--as-of", "yesterday"], "ask: 'yesterday' is not a date like 2026-04-02"),
        ([QUESTION, "--show-prompt"], "ask: no prompt to show: the rules ask no model"),
    ],
)
def test_what_cannot_be_asked_is_one_line_and_writes_nothing(vault, run, arguments, message):
    before = mill.picture(vault)
    done = run("ask", *arguments, vault=vault)
    assert (done.status, done.text, len(done.err.splitlines())) == (2, "", 1)
    assert done.err.startswith(message)
    assert mill.picture(vault) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--as", "chart"], "show: a chart is a picture: name a file for it (--out NAME.png)"),
        (
            ["--as", "chart", "-o", "x.svg"],
            "show: a chart is a picture: name a file for it (--out NAME.png), not x.svg",
        ),
        (["--as", "chart", "-o", "x.png"], "show: no chart: no figures are compared in it"),
        (["--as", "table"], "show: no claim tells of something that could be compared"),
        (["-o", "wiki/answers/x.md"], "show: wiki/answers/x.md: nothing but merge writes into wiki/"),
        (["-o", "raw/x.md"], "show: raw/x.md: nothing but merge writes into raw/"),
    ],
)
def test_what_cannot_be_shown_is_one_line_and_writes_nothing(vault, run, arguments, message):
    answer = run("ask", QUESTION, vault=vault).out
    before = sorted(path for path in vault.rglob("*") if ".cache" not in path.parts)
    done = run("show", *arguments, stdin=answer, vault=vault)
    assert (done.status, done.text, len(done.err.splitlines())) == (2, "", 1)
    assert done.err.startswith(message)
    assert sorted(path for path in vault.rglob("*") if ".cache" not in path.parts) == before


def test_an_answer_goes_through_the_pipe_into_the_wiki(vault, run):
    answer = run("ask", QUESTION, "--date", "2026-05-02", vault=vault).out
    done = mill.write(vault, answer, "2026-05-02")
    assert done.returncode == 0, done.stderr.decode()
    assert (vault / "wiki" / "answers" / "What is the capacity of La Rance.md").is_file()
    assert f"## [2026-05-02] query | {QUESTION}" in (vault / "log.md").read_text()
    assert json.loads(done.stdout.splitlines()[-1])["verb"] == "query"


def test_a_deck_is_one_that_marp_takes(vault, run, tmp_path):
    """Marp itself is asked by hand (see docs/show.md); here the deck is held to what it wants of one."""
    answer = run("ask", QUESTION, vault=vault).out
    done = run("show", "--as", "slides", "-o", str(tmp_path / "deck.md"), stdin=answer, vault=vault)
    assert done.err == f"{tmp_path / 'deck.md'}\n"
    text = (tmp_path / "deck.md").read_text()
    assert text.startswith("---\nmarp: true\n")
    assert all(slide.strip() for slide in text.split("\n---\n"))


def test_make_asks_and_keeps(make, clone):
    for name in ("wiki", "raw"):
        (clone / name).mkdir(exist_ok=True)
    (clone / "raw" / "tide-notes.md").write_bytes((ROOT / "raw" / "tide-notes.md").read_bytes())
    assert make("ingest", SRC="raw/tide-notes.md").status == 0
    done = make("ask", Q="What is the capacity of La Rance?", AS="table", SAVE="1")
    assert done.status == 0, done.err
    assert "240 MW[^" in done.text
    assert '# What is $(HOME) of "Rance"?' in make("ask", Q='What is $(HOME) of "Rance"?').text
    assert list((clone / "wiki" / "answers").glob("*.md"))
    assert make("ask", Q="").status == 2
    assert make("ask", Q="What is the capital of Peru?").status == 0
    assert not list((clone / "build").glob("answer-*"))
