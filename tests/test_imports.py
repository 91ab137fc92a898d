"""What a program imports before it knows what it has to do: every process pays for it."""

from __future__ import annotations

import ast
import re
import subprocess

import pytest
from processes import ROOT, environment

PROGRAMS = sorted(path.name for path in (ROOT / "bin").iterdir() if path.is_file())
HEAVY = {
    "llama_cpp", "numpy", "yaml", "msgspec", "markdown_it", "rapidfuzz", "sqlite3", "sentencex", "Stemmer",
    "charset_normalizer", "orjson", "pathlib", "logging", "asyncio",
}  # fmt: skip
# The modules that ask an engine; all others must work without one.
ASKING = ("extraction.py", "summaries.py", "answers/consultation.py")


def imported(program: str) -> set[str]:
    """The top-level modules that `PROGRAM --help` imports."""
    path = ROOT / "bin" / program
    done = subprocess.run(
        [ROOT / ".venv/bin/python", "-X", "importtime", path, "--help"],
        env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines() if "|" in line}


@pytest.mark.parametrize("program", PROGRAMS)
def test_help_imports_nothing_heavy(program: str) -> None:
    found = imported(program)
    assert {"click", "quern"} <= found
    assert not found & HEAVY


def modules(path: str) -> set[str]:
    """The modules of ours that a file imports, wherever in it."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "quern":
            found |= {node.module} if node.module != "quern" else {f"quern.{name.name}" for name in node.names}
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names if name.name.split(".")[0] == "quern"}
    return found


def test_records_import_nothing_of_ours() -> None:
    for path in sorted((ROOT / "lib" / "quern" / "records").glob("*.py")):
        found = modules(f"lib/quern/records/{path.name}")
        assert {module for module in found if not module.startswith("quern.records.")} == set()


def test_what_asks_no_question_knows_no_engine() -> None:
    for path in sorted((ROOT / "lib" / "quern").rglob("*.py")):
        name = path.relative_to(ROOT / "lib" / "quern").as_posix()
        if not name.startswith("engines/") and name not in ASKING:
            assert not {module for module in modules(f"lib/quern/{name}") if module.startswith("quern.engines")}, name


def test_only_one_module_may_know_llama_cpp() -> None:
    users = [
        path.relative_to(ROOT).as_posix()
        for path in [*(ROOT / "lib").rglob("*.py"), *(ROOT / "bin").iterdir()]
        if path.is_file() and re.search(r"^\s*(import|from) llama_cpp", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert set(users) <= {"lib/quern/models/llama.py"}
