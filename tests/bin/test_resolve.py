"""Two clones that read different sources merge with plain git; and without our driver `resolve` does the same."""

from __future__ import annotations

import json
import subprocess

import mill
import pytest
import repository
from processes import ROOT, environment
from repository import commit_all, git, ingest, lay_out, write

from quern import journal

BASE = "# Tides\n\nThe Rance barrage is a tidal power station in Brittany.\nThe Rance barrage opened in 1966.\n"
OURS = {
    "raw/one.md": "# One\n\nThe Rance barrage has 24 turbines.\nThe Rance barrage carries a road of four lanes.\n",
    "raw/two.md": "# Two\n\nThe Rance barrage belongs to EDF.\nSlack water is the time between two tides.\n",
}
THEIRS = {
    "raw/three.md": "# Three\n\nThe Rance barrage supplied 500 GWh in 2004.\nThe Rance barrage has a lock for ships.\n",
    "raw/four.md": "# Four\n\nThe Rance barrage opened in 1966.\nA tidal lagoon is a ring of wall in the sea.\n",
}
PAGE = "wiki/entities/Rance barrage.md"


def driver(folder):
    git(folder, "config", "merge.quern.driver", f"'{ROOT}/bin/resolve' --driver %O %A %B %P")


def clone(origin, folder):
    git(origin, "clone", "-q", str(origin), str(folder))
    for key, value in repository.IDENTITY:
        git(folder, "config", key, value)
    return folder


@pytest.fixture(scope="module")
def clones(tmp_path_factory):
    """Two clones of a vault, in each of which an agent has read two sources of its own."""
    tmp = tmp_path_factory.mktemp("clones")
    origin = lay_out(tmp / "origin")
    write(origin, {"raw/tides.md": BASE})
    assert ingest(origin, "raw/tides.md").returncode == 0
    sides = []
    for name, sources, date in (("ours", OURS, "2026-04-03"), ("theirs", THEIRS, "2026-04-04")):
        folder = clone(origin, tmp / name)
        write(folder, sources)
        for source in sources:
            assert ingest(folder, source, date, QUERN_AGENT=name).returncode == 0
        sides.append(folder)
    return sides


@pytest.fixture
def ours(clones, tmp_path):
    """A clone of ours that knows of theirs."""
    folder = clone(clones[0], tmp_path / "ours")
    git(folder, "fetch", "-q", str(clones[1]), "main:theirs")
    return folder


def merge(folder, *options):
    command = ["git", "merge", "--no-edit", *options, "theirs"]
    # As git sees it that was started by a hook of another repository: none of this must reach our programs.
    done = subprocess.run(command, cwd=folder, env=environment(**repository.SETTINGS), capture_output=True, check=False)
    return done.returncode, (done.stdout + done.stderr).decode()


def front(folder, path=PAGE):
    lines = (folder / path).read_text().split("---\n")[1].splitlines()
    return dict(line.split(": ", 1) for line in lines)


def said(folder, path=PAGE):
    return mill.claims((folder / path).read_text())


def entries(folder):
    found = journal.parse((folder / "log.md").read_text())
    return [(entry.date, entry.verb, entry.title, tuple(entry.bullets)) for entry in found]


def check_united(folder, clones, run):
    for path in mill.picture(clones[0]).keys() | mill.picture(clones[1]).keys():
        assert (folder / path).exists(), path
        if path.startswith(("wiki/entities", "wiki/concepts")):
            everywhere = [said(side, path) for side in clones if (side / path).exists()]
            assert said(folder, path) == set().union(*everywhere), path
    log = entries(folder)
    assert sorted(log) == sorted({*entries(clones[0]), *entries(clones[1])})
    assert sorted(title for _, _, title, _ in log) == ["Four", "One", "Three", "Tides", "Two"]
    # The counts are those of the claims that stand there, not of either side.
    values = front(folder)
    text = (folder / PAGE).read_text()
    assert int(values["claims"]) == len(said(folder))
    assert values["sources"] == "5"
    assert (values["created"], values["updated"]) == ("2026-04-02", "2026-04-04")
    assert text.count("## Facts\n") == 1
    assert len([line for line in text.splitlines() if line.startswith("[^")]) == len(said(folder))
    # The lead was made from the claims of one side, which is all that is left to do.
    findings = [json.loads(line) for line in run("lint", vault=folder).out.splitlines()]
    assert [found["code"] for found in findings] in ([], ["lead-outdated"])
    before = mill.picture(folder)
    assert run("index", vault=folder).status == 0
    if findings:
        renewed = repository.shell(mill.stages(("outdated", "summarize", *mill.WRITING)), folder, "2026-04-09")
        assert renewed.returncode == 0, renewed.stderr
        assert run("lint", vault=folder).out == b""
        assert said(folder) == mill.claims(before[PAGE].decode())
    return before


def test_the_clones_differ_as_plain_git_cannot_unite(clones):
    one, other = (front(side) for side in clones)
    assert one["sources"] == other["sources"] == "3"
    assert one["claims"] != front(clones[0], "wiki/sources/tides-source.md")["claims"]


def test_two_clones_merge_with_plain_git(ours, clones, run):
    driver(ours)
    status, told = merge(ours)
    assert status == 0, told
    assert git(ours, "status", "--porcelain") == ""
    before = mill.picture(ours)
    assert run("index", vault=ours).status == 0
    assert mill.differences(before, mill.picture(ours)) == []
    check_united(ours, clones, run)
    # What was read is read: nothing is to do on either side.
    assert run("plan", "--all", vault=ours).status == 1


def text(*pairs):
    """A page of claims (id, source)."""
    head = f"---\ntitle: Rance\ntype: entity\nsources: {len({slug for _, slug in pairs})}\nclaims: {len(pairs)}\n---\n"
    bullets = "".join(f"- Claim {id_}.[^{id_}]\n" for id_, _ in pairs)
    notes = "".join(f'[^{id_}]: [[{slug}#^{id_}|{slug}]], line 1: "Claim {id_}."\n' for id_, slug in pairs)
    return f"{head}\n# Rance\n\n## Facts\n\n{bullets}\n{notes}"


A, B, C = ("a" * 12, "base"), ("b" * 12, "ours"), ("c" * 12, "theirs")


def branches(folder, base, ours, theirs):
    """Two branches with a version of the page each; ours is checked out."""
    write(folder, {PAGE: base})
    commit_all(folder, "base")
    git(folder, "branch", "theirs")
    write(folder, {PAGE: ours})
    commit_all(folder, "ours")
    git(folder, "checkout", "-q", "theirs")
    write(folder, {PAGE: theirs})
    commit_all(folder, "theirs")
    git(folder, "checkout", "-q", "main")
    return folder


def test_equal_counts_are_counted_and_not_taken(tmp_path):
    folder = branches(lay_out(tmp_path / "vault"), text(A), text(A, B), text(A, C))
    driver(folder)
    assert (front(folder)["claims"], front(folder)["sources"]) == ("2", "2")
    assert merge(folder)[0] == 0
    assert (folder / PAGE).read_text() == text(A, B, C)
    assert (front(folder)["claims"], front(folder)["sources"]) == ("3", "3")


def test_without_the_driver_resolve_does_the_same(ours, clones, run, tmp_path):
    status, _ = merge(ours)
    assert status == 1
    assert "<<<<<<<" in (ours / PAGE).read_text()
    done = run("resolve", vault=ours, env=repository.SETTINGS)
    assert (done.status, done.out, done.err) == (0, b"", "")
    assert git(ours, "diff", "--name-only", "--diff-filter=U") == ""
    git(ours, "commit", "-q", "--no-edit")
    united = mill.picture(ours)
    check_united(ours, clones, run)
    driven = clone(clones[0], tmp_path / "driven")
    git(driven, "fetch", "-q", str(clones[1]), "main:theirs")
    driver(driven)
    merge(driven)
    run("index", vault=driven)
    assert mill.differences(united, mill.picture(driven)) == []


@pytest.mark.parametrize("options", [(), ("--no-commit",)])
def test_what_git_merged_wrongly_without_a_word_is_set_right(tmp_path, run, options):
    folder = branches(lay_out(tmp_path / "vault", commit=False), text(A), text(B, A), text(A, C))
    assert merge(folder, *options)[0] == 0
    assert front(folder)["claims"] == "2"  # git took the line that both sides have
    assert run("resolve", vault=folder, env=repository.SETTINGS).status == 0
    assert (folder / PAGE).read_text() == text(B, A, C)
    assert git(folder, "diff", "--name-only") == ""


def test_what_a_person_changed_after_the_merge_is_theirs(tmp_path, run):
    folder = branches(lay_out(tmp_path / "vault", commit=False), text(A), text(B, A), text(A, C))
    merge(folder)
    edited = (folder / PAGE).read_text() + "\nMine.\n"
    write(folder, {PAGE: edited})
    assert run("resolve", vault=folder, env=repository.SETTINGS).status == 0
    assert (folder / PAGE).read_text() == edited


def test_what_a_person_has_settled_and_not_yet_told_git_stays(tmp_path, run):
    folder = branches(lay_out(tmp_path / "vault", commit=False), text(A), text(A, B), text(A, C))
    assert merge(folder)[0] == 1
    settled = text(A, B) + "\nMine.\n"
    write(folder, {PAGE: settled})
    assert run("resolve", vault=folder, env=repository.SETTINGS).status == 0
    assert (folder / PAGE).read_text() == settled


def test_two_people_who_rewrote_a_lead_are_a_conflict_of_the_lead_alone(ours, clones, run):
    driver(ours)
    git(ours, "checkout", "-q", "theirs")
    edit_lead(ours, "Theirs, by hand.")
    commit_all(ours, "their lead")
    git(ours, "checkout", "-q", "main")
    edit_lead(ours, "Ours, by hand.")
    commit_all(ours, "our lead")
    status, told = merge(ours)
    assert status == 1, told
    lines = (ours / PAGE).read_text().splitlines()
    start, end = lines.index("<<<<<<< ours"), lines.index(">>>>>>> theirs")
    assert lines[start:end] == ["<<<<<<< ours", "Ours, by hand.", "=======", "Theirs, by hand."]
    assert git(ours, "diff", "--name-only", "--diff-filter=U") == f"{PAGE}\n"
    done = run("resolve", vault=ours, env=repository.SETTINGS)
    assert done.status == 1
    assert PAGE.encode() in done.out
    # Settled by hand it stays as it is.
    (ours / PAGE).write_text("\n".join([*lines[:start], "Both.", *lines[end + 1 :]]) + "\n")
    git(ours, "add", PAGE)
    assert run("resolve", vault=ours, env=repository.SETTINGS).status == 0
    git(ours, "commit", "-q", "--no-edit")
    assert "\nBoth.\n" in (ours / PAGE).read_text()
    check_united(ours, clones, run)


def edit_lead(folder, words):
    lines = (folder / PAGE).read_text().split("\n")
    lead = next(n for n, line in enumerate(lines) if line.startswith("# ")) + 2
    ids = "".join(f"[^{id_}]" for id_ in mill.claims(lines[lead]))
    lines[lead] = words
    at = lines.index("## Facts") + 2
    lines.insert(at, f"- Said by the lead before.{ids}")
    (folder / PAGE).write_text("\n".join(lines))


def test_a_page_that_one_side_deleted_is_left_to_a_person(ours, run):
    driver(ours)
    git(ours, "rm", "-q", PAGE)
    git(ours, "commit", "-q", "-m", "away")
    assert merge(ours)[0] == 1
    done = run("resolve", vault=ours, env=repository.SETTINGS)
    assert done.status == 1
    assert b"one side deleted this page" in done.out


def test_where_there_is_no_merge(run, tmp_path):
    folder = lay_out(tmp_path / "vault")
    done = run("resolve", vault=folder, env=repository.SETTINGS)
    assert (done.status, done.err) == (2, f"resolve: {folder}: there is no merge here: nothing to resolve\n")
    (folder / ".git").rename(tmp_path / "gone")
    done = run("resolve", vault=folder, env=repository.SETTINGS | {"GIT_CEILING_DIRECTORIES": str(tmp_path)})
    assert done.status == 2
    assert "this is no git repository" in done.err


def test_git_is_told_of_the_driver(run, tmp_path):
    folder = tmp_path / "it's 100% mine"
    git(tmp_path, "init", "-q", "-b", "main", str(folder))
    done = run("init", folder, env=repository.SETTINGS)
    assert done.err.endswith(f".gitattributes, .obsidian/, git's merge driver for pages in {folder}\n")
    assert "bin/resolve" in git(folder, "config", "merge.quern.driver")
    assert run("resolve", "--register", vault=folder, env=repository.SETTINGS).err == ""
    for key, value in repository.IDENTITY:
        git(folder, "config", key, value)
    write(folder, {PAGE: "---\ntitle: R\ntype: entity\nupdated: 2026-04-01\n---\n\n# R\n"})
    commit_all(folder, "base")
    git(folder, "branch", "theirs")
    for branch, day in (("main", "02"), ("theirs", "03")):
        git(folder, "checkout", "-q", branch)
        write(folder, {PAGE: f"---\ntitle: R\ntype: entity\nupdated: 2026-04-{day}\n---\n\n# R\n"})
        commit_all(folder, branch)
    git(folder, "checkout", "-q", "main")
    assert merge(folder)[0] == 0
    assert front(folder)["updated"] == "2026-04-03"


def test_make_setup_tells_git(make, clone):
    git(clone, "init", "-q")
    assert make("setup", env=repository.SETTINGS).status == 0
    assert git(clone, "config", "merge.quern.driver") == "bin/resolve --driver %O %A %B %P\n"
