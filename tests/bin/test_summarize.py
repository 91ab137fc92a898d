"""The program `summarize`: real processes, by pipe and by file name."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import mill

SOURCE = {
    "kind": "source", "id": "aaaaaaaaaaaa", "slug": "tides", "path": "raw/tides.md", "sha256": "a" * 64,
    "title": "Tides", "language": "en", "words": 600, "mood": "calm",
}  # fmt: skip
UNKNOWN = {"kind": "weather", "wind": [1, 2]}


def claim(id_: str, text: str, role: str = "fact") -> dict[str, Any]:
    return {
        "kind": "claim", "id": id_, "source": SOURCE["id"], "passage": "p", "text": text, "quote": text, "spans": [],
        "names": [{"name": "La Rance", "type": "entity", "about": True, "weight": 0.5}], "role": role, "score": 0.5,
    }  # fmt: skip


CLAIMS = [
    claim("c1", "La Rance has 24 turbines."),
    claim("c2", "La Rance is a tidal power station.", "definition"),
    claim("c3", "EDF has run La Rance since 1966."),
    claim("c4", "La Rance stands in Brittany, near Saint-Malo."),
    claim("c5", "A lock lets yachts pass La Rance."),
]
PAGE = {
    "kind": "page", "path": "wiki/entities/La Rance.md", "title": "La Rance", "type": "entity",
    "source": SOURCE["id"], "is_new": True, "shown": CLAIMS[:4], "colour": "blue",
}  # fmt: skip
RECORDS = [SOURCE, *CLAIMS, UNKNOWN, PAGE]


def lines(records: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def read(out: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def covers(ids: list[str]) -> str:
    return "sha-" + hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()[:12]


def test_records_pass_and_summaries_follow(vault):
    done = mill.run("summarize", vault=vault, stdin=lines(RECORDS))
    assert (done.returncode, done.stderr) == (0, b"")
    out = read(done.stdout)
    assert [record for record in out if record["kind"] != "summary"] == RECORDS
    lead, whole = out[-2:]
    assert (lead["of"], lead["role"], lead["source"]) == (PAGE["path"], "lead", SOURCE["id"])
    assert lead["sentences"][0] == {"text": "La Rance is a tidal power station.", "claims": ["c2"]}
    assert lead["covers"] == covers(["c1", "c2", "c3", "c4"])
    assert len(lead["sentences"]) == 2
    assert (whole["of"], whole["role"], whole["engine"]) == (SOURCE["id"], "source", "rules")
    assert whole["covers"] == covers(["c1", "c2", "c3", "c4", "c5"])
    assert len(whole["sentences"]) == 4
    cited = [sentence["claims"][0] for sentence in whole["sentences"]]
    assert cited == sorted(cited)


def test_a_file_says_what_a_pipe_says(vault):
    (vault / "records.jsonl").write_bytes(lines(RECORDS))
    by_name = mill.run("summarize", "records.jsonl", vault=vault)
    assert by_name.returncode == 0
    assert by_name.stdout == mill.run("summarize", "-", vault=vault, stdin=lines(RECORDS)).stdout


def test_each_source_has_its_own_summary_and_one_without_claims_has_none(vault):
    other = {**SOURCE, "id": "bbbbbbbbbbbb"}
    empty = {**SOURCE, "id": "cccccccccccc"}
    stream = [SOURCE, CLAIMS[0], empty, other, {**CLAIMS[1], "source": other["id"]}]
    out = read(mill.run("summarize", vault=vault, stdin=lines(stream)).stdout)
    assert [(record["kind"], record.get("of")) for record in out if record["kind"] in {"source", "summary"}] == [
        ("source", None),
        ("summary", SOURCE["id"]),
        ("source", None),
        ("source", None),
        ("summary", other["id"]),
    ]


def test_a_page_with_nothing_to_show_gets_no_lead(vault):
    out = read(mill.run("summarize", vault=vault, stdin=lines([SOURCE, {**PAGE, "shown": []}])).stdout)
    assert [record["kind"] for record in out] == ["source", "page"]


def test_bad_input_is_one_line(vault):
    done = mill.run("summarize", vault=vault, stdin=lines([SOURCE]) + b'{"kind":"claim","id":1}\n')
    assert done.returncode == 2
    assert done.stderr.startswith(b"summarize: <stdin>:2: claim: ")
    assert done.stderr.count(b"\n") == 1
