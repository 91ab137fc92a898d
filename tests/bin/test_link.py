"""The program `link`: real processes, by pipe and by file name."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import mill

SOURCE = {
    "kind": "source", "id": "aaaaaaaaaaaa", "slug": "tides", "path": "raw/tides.md", "sha256": "a" * 64,
    "title": "Tides", "language": "en", "words": 600, "mood": "calm",
}  # fmt: skip
SPAN = {"start": 0, "end": 5, "place": "line 1"}
UNKNOWN = {"kind": "weather", "wind": [1, 2]}


def claim(id_: str, text: str, name: str, weight: float = 0.9, **more: Any) -> dict[str, Any]:
    return {
        "kind": "claim", "id": id_, "source": SOURCE["id"], "passage": "p", "text": text, "quote": text,
        "spans": [SPAN], "names": [{"name": name, "type": "entity", "about": True, "weight": weight}], **more,
    }  # fmt: skip


RECORDS = [
    SOURCE,
    claim("c1", "La Rance is a tidal power station.", "La Rance", role="definition", colour="blue"),
    UNKNOWN,
    claim("c2", "EDF owns it.", "EDF", 0.01),
]


def lines(records: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def read(out: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_records_pass_untouched_and_pages_and_candidates_follow(vault):
    done = mill.run("link", vault=vault, stdin=lines(RECORDS))
    assert (done.returncode, done.stderr) == (0, b"")
    out = read(done.stdout)
    assert out[:4] == RECORDS
    assert [(record["kind"], record.get("path", record.get("name"))) for record in out[4:]] == [
        ("page", "wiki/entities/La Rance.md"),
        ("candidate", "EDF"),
    ]
    assert out[4]["adds"] == [{"claim": "c1", "source": SOURCE["id"]}]


def test_a_file_says_what_a_pipe_says(vault):
    (vault / "records.jsonl").write_bytes(lines(RECORDS))
    by_name = mill.run("link", "records.jsonl", vault=vault)
    assert by_name.returncode == 0
    assert by_name.stdout == mill.run("link", "-", vault=vault, stdin=lines(RECORDS)).stdout


def test_each_record_passes_before_the_next_comes(vault):
    with subprocess.Popen(
        [mill.BIN / "link"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=vault, env=mill.environment()
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(lines([SOURCE]))
        process.stdin.flush()
        assert json.loads(process.stdout.readline()) == SOURCE


def test_nothing_is_written(vault):
    before = sorted(path for path in vault.rglob("*") if path.is_file())
    mill.run("link", vault=vault, stdin=lines(RECORDS))
    after = sorted(path for path in vault.rglob("*") if path.is_file() and ".cache" not in path.parts)
    assert after == before


def test_a_page_that_stands_is_found(vault):
    page = vault / "wiki" / "entities" / "Rance barrage.md"
    page.parent.mkdir(parents=True)
    page.write_text("---\ntitle: Rance barrage\ntype: entity\naliases: [La Rance]\n---\n\n# Rance barrage\n")
    out = read(mill.run("link", vault=vault, stdin=lines(RECORDS)).stdout)
    (found,) = [record for record in out if record["kind"] == "page"]
    assert (found["path"], found["is_new"]) == ("wiki/entities/Rance barrage.md", False)


def test_a_bad_line_is_named(vault):
    done = mill.run("link", vault=vault, stdin=lines([SOURCE]) + b"{oops\n")
    assert done.returncode == 2
    assert done.stderr.decode().startswith("link: <stdin>:2: not JSON")
    assert len(done.stderr.splitlines()) == 1


def test_a_claim_without_its_source_is_named(vault):
    done = mill.run("link", vault=vault, stdin=lines([RECORDS[1]]))
    assert done.returncode == 2
    assert b"<stdin>:1: a claim of source aaaaaaaaaaaa" in done.stderr


def test_a_missing_key_is_named(vault):
    broken = {key: value for key, value in RECORDS[1].items() if key != "text"}
    done = mill.run("link", vault=vault, stdin=lines([SOURCE, broken]))
    assert done.returncode == 2
    assert b"<stdin>:2: claim: " in done.stderr
    assert b"text" in done.stderr


def test_a_folder_that_is_no_vault_is_refused_by_name(tmp_path):
    done = mill.run("link", "--vault", str(tmp_path), "-", vault=tmp_path, stdin=b"")
    assert done.returncode == 2
    assert f"{tmp_path}: no schema.yaml there".encode() in done.stderr


def test_outside_any_vault_the_clone_is_the_vault(tmp_path):
    done = mill.run("link", vault=tmp_path, stdin=b"")
    assert (done.returncode, done.stderr) == (0, b"")
