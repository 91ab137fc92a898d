"""Every program is documented, and what the docs say of it is so."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from processes import ROOT, start

PROGRAMS = sorted(path.name for path in (ROOT / "bin").iterdir() if path.is_file())
SECTIONS = ["NAME", "SYNOPSIS", "INPUT", "OUTPUT", "EXIT STATUS", "EXAMPLES"]


def page(program: str) -> str:
    return (ROOT / "docs" / f"{program}.md").read_text(encoding="utf-8")


def sentence(program: str) -> str:
    return (ROOT / "bin" / program).read_text(encoding="utf-8").splitlines()[2].strip('"')


def section(text: str, title: str) -> str:
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1].strip()


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_has_a_page_of_the_usual_form(program: str) -> None:
    text = page(program)
    titles = re.findall(r"^## (.*)", text, re.MULTILINE)
    assert [title for title in titles if title in SECTIONS] == SECTIONS
    assert len(text.splitlines()) <= 90


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_page_begins_with_the_sentence_of_the_program(program: str) -> None:
    said = section(page(program), "NAME")
    assert said.splitlines()[0] == f"{program}: {sentence(program)[0].lower()}{sentence(program)[1:]}"


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_help_begins_with_that_sentence_and_shows_two_pipelines(program: str) -> None:
    text = start([ROOT / "bin" / program, "--help"]).text
    said = " ".join(text.partition("\n\n")[2].split())
    assert said.split()[:3] == sentence(program).split()[:3]
    examples = text.partition("Examples:\n")[2].partition("\n\n")[0].splitlines()
    assert len(examples) >= 2
    assert sum("|" in line or "&&" in line for line in examples) >= 1


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_option_is_on_the_page(program: str) -> None:
    text = start([ROOT / "bin" / program, "--help"]).text
    options = set(re.findall(r"^\s+(--[a-z-]+)", text, re.MULTILINE)) - {"--help"}
    assert not [option for option in options if option not in page(program)]


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_page_tells_the_exit_statuses(program: str) -> None:
    said = section(page(program), "EXIT STATUS")
    assert re.search(r"\b0\b", said)
    assert re.search(r"\b2\b", said)


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_examples_name_programs_and_options_that_exist(program: str) -> None:
    for line in section(page(program), "EXAMPLES").splitlines():
        for name in re.findall(r"\bbin/([a-z]+)", line):
            assert name in PROGRAMS, line


def test_the_readme_names_every_program() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for program in PROGRAMS:
        assert re.search(rf"docs/{program}\.md", text), program


def test_the_pages_of_the_records_are_current() -> None:
    made = records_script()
    assert (ROOT / "docs" / "records.md").read_text(encoding="utf-8") == made.page(), "run make docs"
    assert (ROOT / "docs" / "records.json").read_text(encoding="utf-8") == made.json_schema(), "run make docs"


def test_the_page_of_the_checks_is_current() -> None:
    assert (ROOT / "docs" / "checks.md").read_text(encoding="utf-8") == script("checks").page(), "run make docs"


def records_script() -> Any:
    return script("records")


def script(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"{name}_script", ROOT / "docs" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def documents() -> list[Path]:
    found = [*(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"]
    return [path for path in found if path.exists()]


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", re.sub(r"`[^`\n]*`", "", text)):
        assert (path.parent / target).exists(), target


def test_the_changelog_names_this_version() -> None:
    from quern import __version__

    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_a_release_is_not_named_by_a_tag_that_is_not_ours() -> None:
    tags = subprocess.run(["git", "tag"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    said = set(re.findall(r"^## (\d\S*)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert {tag.removeprefix("v") for tag in tags} <= said
