"""init: a vault that lint has nothing to say about, and that overwrites nothing."""

from __future__ import annotations

import json
from pathlib import Path

from processes import ROOT, Run


def test_what_a_vault_consists_of(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "my notes"
    done = run("init", folder)
    assert (done.status, done.out) == (0, b"")
    assert (
        done.err == f"init: made raw/, wiki/, schema.yaml, log.md, .gitignore, .gitattributes, .obsidian/ in {folder}\n"
    )
    assert (folder / "schema.yaml").read_bytes() == (ROOT / "schema.yaml").read_bytes()
    assert (folder / ".gitattributes").read_bytes() == (ROOT / ".gitattributes").read_bytes()
    assert run("lint", vault=folder).out == b""


def test_what_is_there_stays(run: Run, tmp_path: Path) -> None:
    (tmp_path / "wiki").mkdir()
    (tmp_path / "wiki" / "Mine.md").write_text("mine")
    (tmp_path / "schema.yaml").write_text("version: 1\n")
    (tmp_path / ".gitignore").symlink_to("nowhere")
    done = run("init", tmp_path)
    assert done.err == f"init: made raw/, log.md, .gitattributes, .obsidian/ in {tmp_path}\n"
    assert (tmp_path / "schema.yaml").read_text() == "version: 1\n"
    assert (tmp_path / "wiki" / "Mine.md").read_text() == "mine"
    again = run("init", tmp_path)
    assert (again.status, again.err) == (1, f"init: {tmp_path} is a vault already; nothing changed\n")


def test_obsidian_finds_its_way(run: Run, tmp_path: Path) -> None:
    schema = (ROOT / "schema.yaml").read_text(encoding="utf-8")
    (tmp_path / "schema.yaml").write_text(schema.replace("[entity, concept]", "[entity, concept, method]"))
    assert run("init", tmp_path).status == 0
    app = json.loads((tmp_path / ".obsidian" / "app.json").read_bytes())
    assert {"build/", ".cache/", ".quern/"} <= set(app["userIgnoreFilters"])
    assert (app["newLinkFormat"], app["useMarkdownLinks"]) == ("shortest", False)
    groups = json.loads((tmp_path / ".obsidian" / "graph.json").read_bytes())["colorGroups"]
    folders = ["entities", "concepts", "methods", "sources"]
    assert [group["query"] for group in groups] == [f'path:"wiki/{folder}/"' for folder in folders]
    assert len({group["color"]["rgb"] for group in groups}) == len(folders)
    assert "/.obsidian/workspace*.json" in (tmp_path / ".gitignore").read_text().splitlines()


def test_what_a_person_set_up_in_obsidian_stays(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".obsidian").mkdir()
    (tmp_path / ".obsidian" / "app.json").write_text("{}")
    assert ".obsidian" not in run("init", tmp_path).err
    assert [path.name for path in (tmp_path / ".obsidian").iterdir()] == ["app.json"]
    assert (tmp_path / ".obsidian" / "app.json").read_text() == "{}"


def test_what_is_in_the_way(run: Run, tmp_path: Path) -> None:
    (tmp_path / "raw").write_text("a file")
    done = run("init", tmp_path)
    assert done.status == 2
    assert done.err.startswith(f"init: {tmp_path}/raw: in the way of a folder")
    (tmp_path / "file").write_text("x")
    done = run("init", tmp_path / "file")
    assert done.status == 2
    assert len(done.err.splitlines()) == 1
