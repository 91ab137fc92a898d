"""report: at most ten lines for a person."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path
from typing import Any

import orjson
import pytest
from processes import ROOT, Run

LEDGER = """---
title: Tide notes
type: source
engine: {engine}
---

# Tide notes

The tide turns twice a day. ([[#^a|1]]) It took 240 MW at La Rance. ([[#^b|2]] [[#^c|3]]) A third. ([[#^d|4]])
"""


def source(id_: str = "a1", title: str = "Tide notes") -> dict[str, Any]:
    return {"kind": "source", "id": id_, "slug": id_, "path": f"raw/{id_}.md", "sha256": "0" * 64, "title": title}


def change(
    path: str, op: str = "update", type_: str = "concept", source_id: str = "a1", **lists: list[str]
) -> dict[str, Any]:
    title = path.removeprefix("wiki/").removesuffix(".md")
    keys = {"transaction": "t", "path": path, "title": title, "type": type_, "op": op, "source": source_id}
    return {"kind": "change", **keys, "before": None, "after": "x", **lists}


def finding(severity: str = "warning") -> dict[str, Any]:
    return {
        "kind": "finding",
        "code": "broken-link",
        "severity": severity,
        "path": "wiki/X.md",
        "line": 3,
        "message": "no page Y",
    }


def lines(*records: dict[str, Any]) -> bytes:
    return b"".join(orjson.dumps(record) + b"\n" for record in records)


def test_one_source(run: Run, vault: Path, tmp_path: Path) -> None:
    (vault / "wiki" / "sources").mkdir()
    (vault / "wiki" / "sources" / "a1.md").write_text(LEDGER.format(engine="rules"), encoding="utf-8")
    stream = lines(
        source(),
        change("wiki/Tide.md", "create"),
        change("wiki/Ebb.md", disputed=["c1"]),
        change("wiki/Flood.md", superseded=["c2"]),
        change("wiki/Same.md", "unchanged"),
        change("wiki/sources/a1.md", "create", "source"),
        finding(),
        {"kind": "strange"},
    )
    done = run("report", "-", vault=vault, stdin=stream)
    assert done.status == 0
    assert done.text.splitlines() == [
        "Tide notes (raw/a1.md)",
        "  The tide turns twice a day.",
        "  It took 240 MW at La Rance.",
        "created 1 page: Tide",
        "updated 2 pages: Ebb, Flood",
        "disagrees with what stands on: Ebb",
        "overtakes what stood on: Flood",
        "lint: 0 errors, 1 warning; first: wiki/X.md:3: no page Y",
        "look at: wiki/sources/a1.md (log.md has the whole list)",
        "engine: rules, which only quotes; prose needs a model, and `make model` fetches one",
    ]
    (tmp_path / "in.jsonl").write_bytes(stream)
    assert run("report", tmp_path / "in.jsonl", vault=vault).out == done.out


def test_another_engine_is_not_said_to_quote(run: Run, vault: Path) -> None:
    (vault / "wiki" / "sources").mkdir()
    (vault / "wiki" / "sources" / "a1.md").write_text(LEDGER.format(engine="llm"), encoding="utf-8")
    done = run("report", vault=vault, stdin=lines(source(), change("wiki/sources/a1.md", "create", "source")))
    assert "engine" not in done.text


def test_many_sources_take_no_more_lines_than_one(run: Run, vault: Path) -> None:
    records = []
    for number in range(40):
        records += [
            source(f"s{number}", f"Title {number}\nof two lines"),
            change(f"wiki/P{number}.md", "create", source_id=f"s{number}"),
        ]
    done = run("report", vault=vault, stdin=lines(*records))
    assert len(done.text.splitlines()) <= 10
    assert done.text.startswith("40 sources: Title 0 of two lines, Title 1 of two lines")
    assert "created 40 pages: P0, P1, P2, P3, P4, P5 and 34 more\n" in done.text


def test_nothing_changed(run: Run, vault: Path) -> None:
    assert (
        run("report", vault=vault, stdin=lines(source(), change("wiki/X.md", "unchanged"))).text == "nothing changed\n"
    )


def test_findings_alone_are_a_table(run: Run, vault: Path) -> None:
    odd = finding() | {"code": "strange"}
    more = odd | {"line": 300, "message": "no page Z", "fix": "write it"}
    done = run("report", vault=vault, stdin=lines(odd, finding("error"), more))
    assert done.text.splitlines() == [
        "error  broken-link (1): a link must lead to a file, heading or block that is there",
        "  wiki/X.md:3  no page Y",
        "",
        "warning  strange (2)",
        "  wiki/X.md:3    no page Y",
        "  wiki/X.md:300  no page Z (write it)",
        "",
        "lint: 1 error, 2 warnings",
    ]


@pytest.mark.parametrize(
    ("settings", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colours_are_for_terminals(vault: Path, tmp_path: Path, settings: dict[str, str], coloured: bool) -> None:
    (tmp_path / "in.jsonl").write_bytes(lines(finding("error"), finding("hint")))
    here, there = pty.openpty()
    kept = {key: value for key, value in os.environ.items() if key != "NO_COLOR"} | {"TERM": "xterm"} | settings
    with os.fdopen(there, "wb") as terminal:
        command = [ROOT / "bin" / "report", "--vault", vault, tmp_path / "in.jsonl"]
        subprocess.run(command, stdout=terminal, env=kept, check=True)
        text = os.read(here, 4096).decode()
    os.close(here)
    assert ("\x1b[1;31merror\x1b[0m  \x1b[1mbroken-link\x1b[0m (1)" in text) is coloured
    assert ("\x1b" in text) is coloured
    assert text.endswith("lint: 1 error, 0 warnings, 1 hint\r\n")


def test_of_nothing_it_says_nothing(run: Run, vault: Path) -> None:
    assert run("report", vault=vault).out == b""


def test_a_source_page_outside_the_vault_is_not_read(run: Run, vault: Path) -> None:
    done = run("report", vault=vault, stdin=lines(source(), change("../../etc/passwd", "create", "source")))
    assert done.status == 2
    assert done.err == "report: ../../etc/passwd: this path leads out of the vault\n"
