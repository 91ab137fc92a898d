"""undo: the last run is taken back to the byte, the log says so, and what was undone can be read again."""

from __future__ import annotations

import shutil

import mill
import repository
from repository import git, ingest, lay_out, write

A = "# Tides\n\nThe Rance barrage is a tidal power station in Brittany.\nThe Rance barrage opened in 1966.\n"
B = "# More tides\n\nThe Rance barrage has 24 turbines.\nThe Rance barrage supplied 500 GWh in 2004.\n"


def pages(folder):
    return {path: data for path, data in mill.picture(folder).items() if path.startswith("wiki/")}


def test_undo(tmp_path):
    folder = lay_out(tmp_path / "vault")
    write(folder, {"raw/a.md": A, "raw/b.md": B})
    assert ingest(folder, "raw/a.md").returncode == 0
    before, log = pages(folder), (folder / "log.md").read_text()
    assert ingest(folder, "raw/b.md", "2026-04-03").returncode == 0
    after, longer = pages(folder), (folder / "log.md").read_text()
    assert after != before

    undone = mill.run("undo", "--date", "2026-04-04", vault=folder, **repository.SETTINGS)
    assert undone.returncode == 0, undone.stderr.decode()
    assert pages(folder) == before
    shorter = (folder / "log.md").read_text()
    assert shorter.startswith(longer)
    assert shorter.startswith(log)
    assert "\n## [2026-04-04] undo | " in shorter.removeprefix(longer)
    assert git(folder, "status", "--porcelain") == ""
    assert len(git(folder, "log", "--format=%s").splitlines()) == 4

    again = shutil.copytree(folder, tmp_path / "again")
    assert ingest(again, "raw/b.md", "2026-04-03").returncode == 0
    assert pages(again) == after
