"""The clone as a package: the header of the programs, the command `quern`, what is declared and what is there."""

from __future__ import annotations

import ast
import configparser
import fnmatch
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from processes import MEASURED, ROOT, environment, start

PROGRAMS = sorted(path for path in (ROOT / "bin").iterdir() if path.is_file())
HEADER = '#!/bin/sh\n\'\'\'\'exec "${0%/*}/../lib/python" "$0" "$@" # \'\'\'\n"""'
SETUP = configparser.ConfigParser()
SETUP.read(ROOT / "setup.cfg")


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.name)
def test_a_program_is_sh_and_python_at_once(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(HEADER)
    assert path.stat().st_mode & stat.S_IXUSR
    assert text.endswith('\n\n\nif __name__ == "__main__":\n    main()\n')
    assert len(text.splitlines()) <= 80
    ast.parse(text)


@pytest.mark.parametrize("name", ["plan", "lint"])
def test_a_program_runs_from_anywhere_with_nothing_activated(tmp_path: Path, name: str) -> None:
    clean = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    for command, cwd in (
        ([ROOT / "bin" / name], tmp_path),
        ([f"bin/{name}"], ROOT),
        ([f"./{name}"], ROOT / "bin"),
        (["sh", "-c", f"{name} --help"], tmp_path),
    ):
        env = clean | {"PATH": f"{ROOT}/bin:/usr/bin:/bin"} if command[0] == "sh" else clean
        done = subprocess.run([*command, "--help"], cwd=cwd, env=env, capture_output=True, text=True, check=True)
        assert f"Usage: {name}" in done.stdout


def test_a_program_runs_in_a_clone_that_is_reached_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "link to it").symlink_to(ROOT)
    assert start([tmp_path / "link to it" / "bin" / "plan", "--help"]).status == 0


def test_arguments_arrive_as_they_are(tmp_path: Path) -> None:
    done = start([ROOT / "bin" / "plan", "--", "-a 'b' $c"], cwd=ROOT)
    assert done.status == 2
    assert done.err.startswith("plan: ")


# The command quern


def quern(*args: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("quern"), *args]
    return subprocess.run(command, cwd=cwd, env=environment(**MEASURED), capture_output=True, text=True, check=False)


def test_quern_alone_lists_the_programs_with_a_sentence_each() -> None:
    done = quern()
    assert done.returncode == 0
    for path in PROGRAMS:
        sentence = path.read_text(encoding="utf-8").splitlines()[2].strip('"')
        assert re.search(rf"^  {path.name} +{re.escape(sentence)}$", done.stdout, re.MULTILINE)
    assert quern("--help").stdout == done.stdout


def test_quern_runs_a_program_under_its_own_name(tmp_path: Path) -> None:
    assert quern("plan", "--help").stdout == start([ROOT / "bin" / "plan", "--help"]).text
    done = quern("plan", "raw/nothing.md", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("plan: ")


def test_quern_knows_no_other_verb() -> None:
    done = quern("grind")
    assert done.returncode == 2
    assert done.stderr.startswith("quern: no verb 'grind'; there are: agents ")
    assert len(done.stderr.splitlines()) == 1


def test_quern_without_a_clone_says_so(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "lib" / "quern", tmp_path / "quern")
    done = start([sys.executable, "-m", "quern", "lint"], cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.status == 2
    assert "the programs live in a clone" in done.err


def test_no_program_is_put_on_path_under_a_bare_name() -> None:
    # `link` and `merge` there would hide the system's own.
    assert SETUP["options.entry_points"]["console_scripts"].split() == ["quern", "=", "quern.__main__:main"]
    assert "scripts" not in SETUP["options"]


# What is declared


def third_party(folder: str) -> set[str]:
    found = set()
    for path in (ROOT / folder).rglob("*"):
        if path.is_file() and (path.suffix == ".py" or folder == "bin"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {name.name.partition(".")[0] for name in node.names}
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    found.add(str(node.module).partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"quern"}


def test_what_is_imported_is_declared_and_the_reverse() -> None:
    module = {"markdown-it-py": "markdown_it", "pyyaml": "yaml", "pystemmer": "Stemmer"}
    module["charset-normalizer"] = "charset_normalizer"
    declared = {re.split(r"[<>=]", line)[0].lower() for line in SETUP["options"]["install_requires"].split()}
    imported = third_party("lib") | third_party("bin")
    assert imported - EXTRA.keys() == {module.get(name, name) for name in declared}


# What is imported only where it is needed, and the extra that brings it.
EXTRA = {
    "llama_cpp": "llama",
    "numpy": "llama embed",
    "matplotlib": "chart",
    "mcp": "mcp",
    "mcp_types": "mcp",
    "anyio": "mcp",
}


def test_what_only_some_need_is_an_extra() -> None:
    assert EXTRA.keys() <= third_party("lib")
    assert {extra for extras in EXTRA.values() for extra in extras.split()} | {"dev", "bench"} == set(
        SETUP["options.extras_require"]
    )


def test_each_dependency_is_explained() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").lower()
    for line in SETUP["options"]["install_requires"].split():
        assert re.split(r"[<>=]", line)[0].lower() in page


def test_the_data_of_the_library_is_packaged() -> None:
    patterns = SETUP["options.package_data"]["quern"].split()
    data = [path.relative_to(ROOT / "lib" / "quern") for path in (ROOT / "lib" / "quern").rglob("*") if path.is_file()]
    for path in data:
        if path.suffix not in (".py", ".pyc"):
            assert any(fnmatch.fnmatch(path.as_posix(), pattern.replace("**/", "")) for pattern in patterns), path


def test_pyproject_says_only_how_to_build() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3
    assert lines[0] == "[build-system]"


def test_every_ruff_exception_has_a_reason() -> None:
    text = (ROOT / "ruff.toml").read_text(encoding="utf-8")
    for line in text.splitlines():
        if re.match(r'\s+"[A-Z]+\d*",|"\S+" = \[', line):
            assert re.search(r"# \S+", line), line


def test_git_keeps_raw_as_it_is_and_unites_logs() -> None:
    def attributes(path: str) -> str:
        return subprocess.run(
            ["git", "check-attr", "text", "eol", "merge", "--", path],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    assert "text: unset" in attributes("raw/x.md")
    assert "eol: lf" in attributes("wiki/x.md")
    assert "eol: lf" in attributes("log.md")
    assert "merge: union" in attributes("log.md")


def test_git_ignores_what_can_be_made_again() -> None:
    for path in (".venv", "build/x", ".cache/x", ".quern/lock", "lib/quern.egg-info/x"):
        assert subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT, check=False).returncode == 0, path


def test_nothing_is_too_long() -> None:
    for path in (ROOT / "lib").rglob("*.py"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert len(lines) <= 450, path
        for node in ast.walk(ast.parse("\n".join(lines))):
            if isinstance(node, ast.FunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 60, f"{path}: {node.name}"


def test_nothing_names_this_machine() -> None:
    here = os.fspath(ROOT)
    for path in [*(ROOT / "lib").rglob("*.py"), *PROGRAMS, *(ROOT / "docs").glob("*.md"), ROOT / "Makefile"]:
        assert here not in path.read_text(encoding="utf-8"), path
