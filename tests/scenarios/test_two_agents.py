"""two-agents: two of them keep one wiki; git tells who wrote what, and a plain `git merge` unites what both added."""

from __future__ import annotations

import mill
import repository
from repository import git, ingest, lay_out, write

PAGE = "wiki/entities/Rance barrage.md"
BASE = "# Tides\n\nThe Rance barrage is a tidal power station in Brittany.\nThe Rance barrage opened in 1966.\n"
# As many claims of either: plain git would count those of one side.
OURS = "# Machines\n\nThe Rance barrage has 24 turbines.\nThe Rance barrage employs 28 people.\n"
THEIRS = "# Output\n\nThe Rance barrage supplied 500 GWh in 2004.\nThe Rance barrage has a lock for ships.\n"
DRIVER = f"'{mill.BIN}/resolve' --driver %O %A %B %P"


def agent_of(folder, words):
    """Who wrote the evidence with these words on the page, as git knows it: what the lead says may change hands."""
    lines = enumerate((folder / PAGE).read_text().split("\n"), 1)
    [number] = [n for n, line in lines if line.startswith("[^") and words in line]
    told = git(folder, "blame", "--porcelain", f"-L{number},{number}", PAGE).splitlines()
    return next(line.removeprefix("author ") for line in told if line.startswith("author "))


def begun(tmp_path):
    folder = lay_out(tmp_path / "origin")
    write(folder, {"raw/tides.md": BASE})
    assert ingest(folder, "raw/tides.md", QUERN_AGENT="base").returncode == 0
    return folder


def test_two_agents_in_one_repository(tmp_path):
    folder = begun(tmp_path)
    write(folder, {"raw/ours.md": OURS, "raw/theirs.md": THEIRS})
    assert ingest(folder, "raw/ours.md", "2026-04-03", QUERN_AGENT="Ada's agent").returncode == 0
    assert ingest(folder, "raw/theirs.md", "2026-04-04", QUERN_AGENT="Grace's agent").returncode == 0
    assert git(folder, "log", "--format=%an").splitlines()[:3] == ["Grace's agent", "Ada's agent", "base"]
    assert agent_of(folder, "opened in 1966") == "base"
    assert agent_of(folder, "has 24 turbines") == "Ada's agent"
    assert agent_of(folder, "supplied 500 GWh") == "Grace's agent"


def test_two_clones_with_equal_counts_merge(tmp_path):
    origin = begun(tmp_path)
    sides = []
    for name, text, date in (("ours", OURS, "2026-04-03"), ("theirs", THEIRS, "2026-04-04")):
        git(origin, "clone", "-q", str(origin), str(tmp_path / name))
        side = tmp_path / name
        for key, value in (*repository.IDENTITY, ("merge.quern.driver", DRIVER)):
            git(side, "config", key, value)
        write(side, {f"raw/{name}.md": text})
        assert ingest(side, f"raw/{name}.md", date, QUERN_AGENT=name).returncode == 0
        sides.append(side)
    ours, theirs = sides
    said = [mill.claims((side / PAGE).read_text()) for side in sides]
    assert len(said[0]) == len(said[1])
    git(ours, "fetch", "-q", str(theirs), "main:theirs")
    git(ours, "merge", "--no-edit", "-q", "theirs")
    text = (ours / PAGE).read_text()
    assert mill.claims(text) == said[0] | said[1]
    assert f"\nclaims: {len(said[0] | said[1])}\n" in text
    assert "\nsources: 3\n" in text
    log = (ours / "log.md").read_text()
    titles = [line for line in log.split("\n") if line.startswith("## [")]
    assert sorted(line.rpartition("| ")[2] for line in titles) == ["Machines", "Output", "Tides"]
    assert log.count("- agent: ") == 3
