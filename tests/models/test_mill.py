"""The whole mill with real llama.cpp and models that know nothing: everything but sense."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import mill
import pytest
from models import tiny

pytestmark = pytest.mark.llama

SOURCE = """---
title: Tides of Brittany
---

The power station of La Rance opened in 1966. It has a capacity of 240 MW.

The barrage is 750 metres long, and carries a road.
"""
SCHEMA = """
models:
  tiny: {{llama: {{path: models/tiny.gguf, options: {{threads: 1}}}}}}
roles:
  extract: {{max_tokens: {most}}}
reading: {{max_unread: {unread}}}
"""


def vault_with(folder: Path, architecture: str = "llama", most: int = 600, unread: float = 1.0) -> Path:
    vault = folder / "vault"
    (vault / "raw").mkdir(parents=True)
    (vault / "models").mkdir()
    (vault / "raw" / "tides.md").write_text(SOURCE, encoding="utf-8")
    (vault / "schema.yaml").write_text(SCHEMA.format(most=most, unread=unread), encoding="utf-8")
    tiny.write(vault / "models" / "tiny.gguf", architecture)
    return vault


def calls(vault: Path) -> list[dict[str, Any]]:
    lines = (vault / ".cache" / "calls.jsonl").read_text(encoding="utf-8").splitlines()
    return [call for call in map(json.loads, lines) if call["kind"] == "call"]


def extract(vault: Path, *options: str) -> subprocess.CompletedProcess[bytes]:
    passages = mill.run("segment", "raw/tides.md", vault=vault).stdout
    return mill.run("extract", *options, vault=vault, stdin=passages)


@pytest.mark.parametrize("architecture", tiny.ARCHITECTURES)
def test_a_model_that_knows_nothing_leaves_nothing_wrong_in_the_wiki(tmp_path: Path, architecture: str) -> None:
    vault = vault_with(tmp_path, architecture)
    read = extract(vault)
    assert read.returncode in (0, 1), read.stderr.decode()
    records = [json.loads(line) for line in read.stdout.splitlines()]
    claims = [record for record in records if record["kind"] == "claim"]
    assert all(claim["quote"] in SOURCE or " … " in claim["quote"] for claim in claims)
    written = mill.shell(mill.stages(("link", "summarize", *mill.WRITING)), vault, stdin=read.stdout)
    assert written.returncode == 0, written.stderr.decode()
    page = next((vault / "wiki" / "sources").glob("*.md")).read_text(encoding="utf-8")
    refused = [record for record in records if record["kind"] == "unread" and record["sort"] == "refused"]
    assert ("status: incomplete" in page) == bool(refused)
    assert f"claims: {len(claims)}\n" in page


def test_what_may_not_be_left_out_stops_the_mill(tmp_path: Path) -> None:
    # A reply of five tokens is cut off, whatever it begins with.
    vault = vault_with(tmp_path, most=5, unread=0.05)
    done = extract(vault)
    assert (done.returncode, done.stdout) == (2, b"")
    assert "could not be read" in done.stderr.decode().splitlines()[-1]
    assert {call["finish"] for call in calls(vault)} == {"length"}


def test_the_shared_part_is_evaluated_by_the_first_process_only(tmp_path: Path) -> None:
    vault = vault_with(tmp_path, most=5)
    extract(vault)
    first = calls(vault)
    extract(vault, "--fresh")
    later = calls(vault)[len(first) :]
    assert (first[0]["reused_tokens"], len(first) > 1, len(later)) == (0, True, len(first))
    assert len({call["reused_tokens"] for call in [*first[1:], *later]}) == 1
    assert later[0]["reused_tokens"] > 0.6 * later[0]["prompt_tokens"]
    assert len(list((vault / ".cache" / "prefix").iterdir())) == 1


def test_a_context_is_as_large_as_the_stage_needs_and_one_twice_as_large_is_told(tmp_path: Path) -> None:
    vault = vault_with(tmp_path, most=5)
    extract(vault)
    done = mill.run("usage", vault=vault)
    (found,) = map(json.loads, done.stdout.splitlines())
    largest = max(call["prompt_tokens"] + call["max_tokens"] for call in calls(vault))
    assert (found["needed"], found["context"]) == (largest, -(-largest // 1024) * 1024)
    assert done.stderr == b""
    schema = vault / "schema.yaml"
    schema.write_text(schema.read_text().replace("tiny.gguf,", "tiny.gguf, n_ctx: 16384,"), encoding="utf-8")
    since = max(call["time"] for call in calls(vault))
    extract(vault, "--fresh")
    done = mill.run("usage", "--since", since + "1", vault=vault)
    (found,) = map(json.loads, done.stdout.splitlines())
    assert (found["needed"], found["context"]) == (largest, 16384)
    told = f"usage: tiny: 16384 tokens of context are loaded, and no call needed more than {largest}"
    assert done.stderr.decode().startswith(told)


def test_a_model_that_is_not_there_is_never_done_without(tmp_path: Path) -> None:
    vault = vault_with(tmp_path)
    (vault / "models" / "tiny.gguf").unlink()
    done = extract(vault)
    assert (done.returncode, done.stdout) == (2, b"")
    assert "models/tiny.gguf: models: tiny: no such file" in done.stderr.decode().splitlines()[-1]
    (vault / "models" / "tiny.gguf").write_bytes(b"GGUF" + bytes(100))
    done = extract(vault)
    assert (done.returncode, done.stdout) == (2, b"")
    assert "llama.cpp cannot load it" in done.stderr.decode().splitlines()[-1]


def test_ctrl_c_ends_a_stage_at_once(tmp_path: Path) -> None:
    vault = vault_with(tmp_path, "mamba", most=9000)
    passages = mill.run("segment", "raw/tides.md", vault=vault).stdout
    # A runner in the background of a shell ignores it, and hands that down.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [mill.BIN / "extract"], cwd=vault, env=mill.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    signal.signal(signal.SIGINT, before)
    assert process.stdin
    process.stdin.write(passages)
    process.stdin.close()
    kept = vault / ".cache" / "prefix"
    deadline = time.monotonic() + 60
    while not (kept.is_dir() and os.listdir(kept)) and time.monotonic() < deadline:
        time.sleep(0.01)
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130
    assert time.monotonic() - begun < 1.5
    assert process.stdout
    assert process.stdout.read() == b""


def test_the_claims_are_evaluated_for_the_first_question_only(tmp_path: Path) -> None:
    vault = vault_with(tmp_path)
    rules = vault / "schema.yaml"
    asked = rules.read_text(encoding="utf-8").replace("extract: {", "ask: {max_tokens: 5}\n  extract: {")
    rules.write_text("engine: rules\n", encoding="utf-8")
    mill.ingest(vault, "raw/tides.md", "2026-04-02")
    rules.write_text(asked, encoding="utf-8")
    for question in ("How long is the barrage?", "When did La Rance open?"):
        done = mill.run("ask", question, vault=vault)
        # What begins the reply of a model that knows nothing is no answer, be it cut off or empty.
        assert done.returncode in (1, 2), done.stdout
    first, *_, last = calls(vault)
    assert (first["role"], first["reused_tokens"]) == ("ask", 0)
    assert last["reused_tokens"] > 0.8 * last["prompt_tokens"]
