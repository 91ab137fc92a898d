"""Every command in the README is run, as a newcomer would run it, and does what the README shows."""

from __future__ import annotations

import re
import shutil
import subprocess

import mill
import processes
import pytest


def test_the_readme_names_every_program():
    text = (mill.ROOT / "README.md").read_text()
    programs = sorted(path.name for path in mill.BIN.iterdir() if path.is_file())
    assert [name for name in programs if f"[{name}](docs/{name}.md)" not in text] == []


def test_the_readme_and_the_architecture_link_to_what_is_there():
    for page in (mill.ROOT / "README.md", mill.ROOT / "docs" / "architecture.md", mill.ROOT / "docs" / "benchmarks.md"):
        text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
        targets = re.findall(r"\]\(([^):#]+)\)", text)
        assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_architecture_names_every_module():
    text = (mill.ROOT / "docs" / "architecture.md").read_text()
    library = mill.ROOT / "lib" / "quern"
    modules = [path.stem for path in library.glob("*.py") if not path.stem.startswith("__")]
    rooms = [f"{path.parent.name}/" for path in library.glob("*/__init__.py")]
    assert [name for name in sorted(modules + rooms) if f"`{name}`" not in text] == []


@pytest.fixture
def newcomers_clone(tmp_path):
    """A clone as a newcomer has it, except that its environment is there already."""
    clone = processes.copy_clone(tmp_path / "quern")
    for name in ("raw", "wiki"):
        shutil.copytree(mill.ROOT / name, clone / name, dirs_exist_ok=True)
    shutil.copy(mill.ROOT / "log.md", clone)
    commit = "git init -q && git add . && git -c user.name=a -c user.email=a@b.c commit -qm a"
    subprocess.run(commit, shell=True, cwd=clone, check=True, capture_output=True)  # noqa: S602 - our own words
    return clone


def test_every_command_of_the_readme_does_what_it_says(newcomers_clone, tmp_path):
    commands = list(mill.console((mill.ROOT / "README.md").read_text()))
    assert len(commands) > 10
    script = "".join(f"printf '\\036%s\\n' {number}\n{command}\n" for number, (command, _) in enumerate(commands))
    home = tmp_path / "home"
    home.mkdir()
    settings = mill.environment(HOME=str(home)) | {"GIT_PAGER": "cat"}
    del settings["QUERN_DATE"]
    done = subprocess.run(
        ["bash", "-c", "set -eo pipefail\n" + script],
        cwd=newcomers_clone, env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=False,
    )  # fmt: skip
    outputs = done.stdout.decode().split("\036")[1:]
    last = commands[len(outputs) - 1][0]
    assert done.returncode == 0, f"{last}\n{outputs[-1]}"
    for (command, shown), output in zip(commands, outputs, strict=True):
        assert mill.shown_in(shown, output.split("\n", 1)[1]), f"{command}\n{output}"
