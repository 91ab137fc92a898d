"""settle: what a person decides of two claims is done, logged, and not asked again."""

from __future__ import annotations

import json
import re
import shutil

import mill
import pytest
from processes import MEASURED

PAGE = "wiki/entities/La Rance.md"
FIRST = "La Rance is a tidal power station in Brittany. The barrage of La Rance is 750 metres long.\n"
SECOND = "The barrage of La Rance is 700 metres long.\n"


@pytest.fixture(scope="module")
def disputed(tmp_path_factory):
    """A page on which two claims contradict each other; nobody changes it."""
    found = mill.empty_vault(tmp_path_factory.mktemp("disputed") / "vault")
    for day, (name, text) in enumerate((("a", FIRST), ("b", SECOND)), 1):
        (found / f"raw/{name}.md").write_text(f"# {name}\n\n{text}", encoding="utf-8")
        mill.ingest(found, f"raw/{name}.md", f"2026-04-0{day}")
    return found


@pytest.fixture
def vault(disputed, tmp_path):
    return shutil.copytree(disputed, tmp_path / "vault")


def settle(vault, *arguments):
    return mill.run("settle", *arguments, "--date", "2026-04-05", vault=vault, **MEASURED)


def sides(vault):
    """The claims that are disputed, the longer barrage first."""
    found = re.findall(r"^- long: (\d+) metres\[\^(\w+)\]", (vault / PAGE).read_text(), re.MULTILINE)
    return [id_ for _, id_ in sorted(found, reverse=True)]


def close(vault, done):
    after = mill.shell(mill.stages(mill.WRITING[1:]), vault, stdin=done.stdout, date="2026-04-05")
    assert after.returncode == 0, after.stderr.decode()


def test_both_may_be_right(vault):
    ids = sides(vault)
    done = settle(vault, "La Rance", *ids)
    assert (done.returncode, done.stderr) == (0, b"")
    close(vault, done)
    text = (vault / PAGE).read_text()
    assert "## Contradictions" not in text
    assert f'settled: ["{" ".join(sorted(ids))}"]' in text
    assert "\nstatus: current\n" in text
    assert "*(" not in text
    assert "## [2026-04-05] settle | La Rance\n" in (vault / "log.md").read_text()
    assert mill.run("lint", vault=vault).stdout == b""


def test_the_one_that_is_wrong_says_which_is_right(vault):
    one, other = sides(vault)
    done = settle(vault, PAGE, one[:5], other[:5], "--keep", other)
    assert [json.loads(line)["superseded"] for line in done.stdout.splitlines()] == [[one]]
    close(vault, done)
    text = (vault / PAGE).read_text()
    assert f"750 metres long.[^{one}] *(long: 700 metres[^{other}])*" in text
    assert mill.run("lint", vault=vault).stdout == b""


def test_a_pair_that_is_settled_is_not_brought_up_again(vault):
    close(vault, settle(vault, "La Rance", *sides(vault)))
    (vault / "raw/b.md").write_text("# b\n\nThe barrage of La Rance is old.\n", encoding="utf-8")
    mill.ingest(vault, "raw/b.md", "2026-04-06")
    (vault / "raw/b.md").write_text(f"# b\n\n{SECOND}", encoding="utf-8")
    mill.ingest(vault, "raw/b.md", "2026-04-07")
    assert "700 metres" in (vault / PAGE).read_text()
    assert "## Contradictions" not in (vault / PAGE).read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("No such page", "0000", "1111"), "no page of this path, file name, title or alias: No such page"),
        (("La Rance", "00000000", "11111111"), "cites no claim 00000000"),
        (("La Rance", "", ""), "say more of the claim"),
    ],
)
def test_what_cannot_be_done_is_one_line(vault, arguments, said):
    before = mill.picture(vault)
    done = settle(vault, *arguments)
    assert done.returncode == 2
    (line,) = done.stderr.decode().splitlines()
    assert said in line
    assert mill.differences(before, mill.picture(vault)) == []
