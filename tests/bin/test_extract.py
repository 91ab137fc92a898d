"""The program `extract`: real processes, by pipe and by file name."""

from __future__ import annotations

import json

import mill
import pytest

ARTICLE = """---
title: La Rance
published: 2024-03-01
---

# La Rance

La Rance is a tidal power station in Brittany. It opened in November 1966.
Its capacity is **240 MW**. Have you seen La Rance?

```
run the mill
```
"""


@pytest.fixture
def article(vault):
    (vault / "raw" / "la rance.md").write_text(ARTICLE, encoding="utf-8")
    return vault


def records(out: bytes) -> list[dict]:
    return [json.loads(line) for line in out.splitlines()]


def test_a_raw_source_gives_its_record_its_claims_and_what_was_left(article):
    done = mill.run("extract", "raw/la rance.md", vault=article)
    assert (done.returncode, done.stderr) == (0, b"")
    out = records(done.stdout)
    assert [record["kind"] for record in out] == ["source", "claim", "claim", "claim", "unread", "end"]
    raw = (article / "raw" / "la rance.md").read_text(encoding="utf-8")
    assert [claim["text"] for claim in out[1:4]] == [
        "La Rance is a tidal power station in Brittany.",
        "[La Rance] opened in November 1966.",
        "[La Rance's] capacity is 240 MW.",
    ]
    for claim in out[1:4]:
        (span,) = claim["spans"]
        assert raw[span["start"] : span["end"]] == claim["quote"]
        assert claim["names"][0]["name"] == "La Rance"
        assert claim["names"][0]["about"] is True
    assert out[2]["as_of"] == "1966-11"
    assert out[4] == {"kind": "unread", "source": out[0]["id"], "place": "line 12", "why": "code", "sort": "left"}


def test_passages_by_pipe_and_by_file_say_the_same(article):
    passages = mill.run("segment", "raw/la rance.md", vault=article).stdout
    (article / "passages.jsonl").write_bytes(passages)
    whole = mill.run("extract", "raw/la rance.md", vault=article).stdout
    assert mill.run("extract", vault=article, stdin=passages).stdout == whole
    assert mill.run("extract", "-", vault=article, stdin=passages).stdout == whole
    assert mill.run("extract", "passages.jsonl", vault=article).stdout == whole


def test_unknown_records_pass_and_sources_follow_one_another(article):
    passages = mill.run("segment", "raw/la rance.md", vault=article).stdout
    strange = b'{"kind":"weather","wind":[1,2]}\n'
    extra = passages.replace(b'"kind":"source",', b'"kind":"source","mood":"calm",', 1)
    out = records(mill.run("extract", vault=article, stdin=strange + extra + passages).stdout)
    assert [record["kind"] for record in out[:2]] == ["weather", "source"]
    assert out[1]["mood"] == "calm"
    assert [record["kind"] for record in out].count("claim") == 6
    assert not any(record["kind"] == "passage" for record in out)


def test_an_empty_source_has_no_claims(vault):
    (vault / "raw" / "empty.md").write_bytes(b"")
    done = mill.run("extract", "raw/empty.md", vault=vault)
    assert done.returncode == 0
    assert [record["kind"] for record in records(done.stdout)] == ["source", "end"]
    assert done.stderr.startswith(b"extract: raw/empty.md: ")


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        (["raw/none.md"], b"", b"extract: raw/none.md: "),
        ([], b"not json\n", b"extract: <stdin>:1: not JSON"),
        ([], b'{"kind":"source","id":"x"}\n', b"extract: <stdin>:1: source: "),
        ([], b'\n{"kind":"passage","id":"x"}\n', b"extract: <stdin>:2: passage: "),
    ],
)
def test_bad_input_is_one_line(vault, arguments, stdin, said):
    done = mill.run("extract", *arguments, vault=vault, stdin=stdin)
    assert done.returncode == 2
    assert done.stderr.startswith(said)
    assert done.stderr.count(b"\n") == 1


def test_a_passage_needs_its_source(vault):
    passage = {"kind": "passage", "id": "p", "source": "s", "ordinal": 1, "headings": [], "sentences": []}
    done = mill.run("extract", vault=vault, stdin=json.dumps(passage).encode())
    assert (done.returncode, done.stderr) == (2, b"extract: <stdin>:1: a passage before its source\n")


def test_a_reader_that_has_gone_is_no_trouble(article):
    done = mill.shell(f'"{mill.BIN}/extract" "raw/la rance.md" | head -n 1', article)
    assert done.stderr == b""
    assert done.stdout.startswith(b'{"kind":"source"')


def test_what_a_source_is_read_for_counts_for_more_and_its_record_says_so(article):
    plain = records(mill.run("extract", "raw/la rance.md", vault=article).stdout)
    done = mill.run("extract", "--focus", "its capacities", "raw/la rance.md", vault=article)
    assert (done.returncode, done.stderr) == (0, b"")
    asked = records(done.stdout)
    assert asked[0] == plain[0] | {"focus": "its capacities"}
    assert [claim["id"] for claim in asked[1:4]] == [claim["id"] for claim in plain[1:4]]
    gained = [new["score"] - old["score"] for new, old in zip(asked[1:4], plain[1:4], strict=True)]
    assert gained[:2] == [0, 0]
    assert gained[2] > 0.1


def test_a_focus_that_meets_nothing_is_said_in_one_line_and_changes_nothing(article):
    plain = mill.run("extract", "raw/la rance.md", vault=article).stdout
    done = mill.run("extract", "raw/la rance.md", vault=article, QUERN_FOCUS="blue whales")
    assert done.returncode == 0
    assert done.stderr.decode() == (
        "extract: raw/la rance.md: no claim in it has a word of the focus: it is read as if there were none\n"
    )
    assert done.stdout.replace(b'"focus":"blue whales"', b'"focus":""') == plain


def test_a_focus_of_bytes_that_are_no_text_stops_nothing(article):
    done = mill.run("extract", "raw/la rance.md", vault=article, QUERN_FOCUS="capacity \udcff")
    assert (done.returncode, done.stderr) == (0, b"")
    assert records(done.stdout)[0]["focus"] == "capacity \ufffd"
