"""agents: AGENTS.md says what is so, and what a person wrote around it stays."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from processes import ROOT, Run

CALLED = re.compile(r"bin/([a-z]+)")
MADE = re.compile(r"`make ([a-z-]+)")


def vault(folder: Path, schema: str = "version: 1\n") -> Path:
    (folder / "schema.yaml").write_text(schema, encoding="utf-8")
    return folder


def test_ours_is_current(run: Run) -> None:
    """If this fails: make docs."""
    done = run("agents", "--print", vault=ROOT)
    assert done.status == 0
    assert f"-->\n\n{done.text}\n<!-- quern: end -->\n" in (ROOT / "AGENTS.md").read_text(encoding="utf-8")
    assert (ROOT / "CLAUDE.md").read_text(encoding="utf-8") == "@AGENTS.md\n"


def test_every_command_that_it_names_is_there(run: Run) -> None:
    text = run("agents", "--print", vault=ROOT).text
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = set(re.findall(r"^  ([a-z-]+)", listed, re.MULTILINE))
    assert set(MADE.findall(text)) <= targets
    programs = {path.name for path in (ROOT / "bin").iterdir()}
    assert set(CALLED.findall(text)) <= programs
    assert programs - set(CALLED.findall(text)) == {"each", "plan", "report", "tally", "init"}


def test_what_the_schema_says_is_in_it(run: Run, tmp_path: Path) -> None:
    schema = """\
pages: {types: [entity, method]}
guidance: {general: Ships are in italics., types: {method: How something is done | step by step.}}
git: {commit: true}
models: {small: {llama: {path: x.gguf}}}
"""
    text = run("agents", "--print", vault=vault(tmp_path, schema)).text
    assert "| `wiki/methods/` | method | How something is done \\| step by step. |" in text
    assert "## What this wiki is for\n\nShips are in italics.\n" in text
    assert "`make undo` takes the last one back." in text
    assert "(in `schema.yaml`: `small`)" in text
    assert f"`{ROOT}`" in text or "in `~" in text


def test_what_people_wrote_around_it_stays(run: Run, tmp_path: Path) -> None:
    here = vault(tmp_path)
    (here / "AGENTS.md").write_text("# Mine\n\nBe brief.\n", encoding="utf-8")
    (here / "CLAUDE.md").write_text("Think first.\n", encoding="utf-8")
    done = run("agents", vault=here)
    assert (done.status, done.out, done.err) == (0, b"", "agents: wrote AGENTS.md and CLAUDE.md\n")
    text = (here / "AGENTS.md").read_text(encoding="utf-8")
    assert text.startswith("# Mine\n\nBe brief.\n\n<!-- quern: begin. ")
    assert (here / "CLAUDE.md").read_text(encoding="utf-8") == "Think first.\n\n@AGENTS.md\n"

    (here / "AGENTS.md").write_text(text + "\nAnd be kind.\n", encoding="utf-8")
    again = run("agents", vault=here)
    assert (again.status, again.err) == (1, "agents: AGENTS.md is up to date\n")

    vault(here, "guidance: Ships are in italics.\n")
    assert run("agents", vault=here).err == "agents: wrote AGENTS.md\n"
    after = (here / "AGENTS.md").read_text(encoding="utf-8")
    assert after.startswith("# Mine\n\nBe brief.\n\n<!-- quern: begin. ")
    assert after.endswith("<!-- quern: end -->\n\nAnd be kind.\n")
    assert "Ships are in italics." in after
    assert after.count("quern: begin") == 1
