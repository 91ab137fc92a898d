"""propose: an ingest on a git branch of its own; what the person works on is as it was, whatever happens."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat

import mill
import pytest
import repository
from processes import MEASURED
from repository import git

from quern import proposals
from quern.records import Change, Source
from quern.vault import Vault

OLD = """\
---
date: 1966-11-26
---
# Plants

Sihwa Lake is a tidal power station in Korea. Sihwa Lake opened in 1966 with a capacity of 240 MW.
"""
NEW = """\
---
date: 2024-03-01
---
# News

After refurbishment Sihwa Lake has a capacity of 320 MW. Sihwa Lake lies between Siheung and Ansan.
"""
OTHER = "# Visits\n\nSihwa Lake employs 28 people. Sihwa Lake has 24 turbines.\n"
PAGE = "wiki/entities/Sihwa Lake.md"
BRANCH = "review/news"
DATE = "2026-05-01"
READ = '"$BIN/extract" raw/new.md >../claims'
MILL = (
    'export QUERN_VAULT=../copy; "$BIN/link" ../claims | "$BIN/summarize" | "$BIN/merge" | "$BIN/index" | '
    '{ "$BIN/lint" - || [ $? -eq 1 ]; } | "$BIN/logappend" >../made'
)
BEGIN, PROPOSE = '"$BIN/propose" --begin ../copy', '"$BIN/propose" --vault ../copy ../made'


@pytest.fixture(scope="module")
def committed(tmp_path_factory):
    """A vault with one source in the wiki, committed, and another one in raw/ that nobody has committed."""
    folder = repository.lay_out(tmp_path_factory.mktemp("committed") / "vault", commit=False)
    repository.write(folder, {"raw/old.md": OLD})
    assert repository.ingest(folder, "raw/old.md").returncode == 0
    repository.commit_all(folder, "old")
    repository.write(folder, {"raw/new.md": NEW})
    return folder


@pytest.fixture
def here(committed, tmp_path):
    return shutil.copytree(committed, tmp_path / "vault")


def run(folder, *commands, **settings):
    settings = {"BIN": str(mill.BIN)} | settings
    return repository.shell("; ".join(commands), folder, DATE, **settings)


def proposed(folder, **settings):
    """The proposal of the new source."""
    done = run(folder, BEGIN, READ, f"( {MILL} )", PROPOSE, **settings)
    assert done.returncode == 0, done.stderr.decode()
    made = json.loads(done.stdout.splitlines()[-1])
    assert made["kind"] == "proposal"
    return made, done.stderr.decode()


def merge(folder):
    """Take the branch over, as a person does."""
    git(folder, "add", "raw/new.md")
    git(folder, "commit", "-q", "--allow-empty", "-m", "the source")
    git(folder, "merge", "-q", "--no-edit", BRANCH)


def own(folder):
    """All that is the person's: what they see, what git knows of it, and every branch but ours."""
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    kept = {path: data for path, data in files.items() if not path.startswith((".cache", ".quern", ".git/objects"))}
    # Removing a branch of ours, as a test does, leaves git an empty list of packed ones.
    return {path: data for path, data in kept.items() if "review" not in path and path != ".git/packed-refs"}


def messy(folder):
    """Leave edits in the working tree and in the index, on pages that the source changes too."""
    text = (folder / PAGE).read_text()
    (folder / PAGE).write_text(text + "\nNot yet committed.\n")
    (folder / "log.md").write_text((folder / "log.md").read_text() + "\n")
    repository.write(folder, {"wiki/Mine.md": "# Mine\n", "notes.md": "x\n"})
    git(folder, "add", "wiki/Mine.md")


def test_the_branch_has_the_ingest_and_the_person_what_they_had(here):
    messy(here)
    before = own(here)
    made, said = proposed(here, **MEASURED)
    assert own(here) == before
    assert said == (
        "propose: 3 files of the wiki changed since the last commit: the branch starts from that, without the changes\n"
    )
    assert made["unsaved"] == ["raw/new.md"]
    assert git(here, "rev-parse", f"{BRANCH}^") == git(here, "rev-parse", "HEAD")
    assert git(here, "rev-parse", BRANCH).strip() == made["commit"]
    changed = git(here, "diff", "--name-only", "HEAD", BRANCH).splitlines()
    assert changed == ["log.md", "raw/new.md", PAGE, "wiki/index.md", "wiki/sources/news.md"]
    page = git(here, "show", f"{BRANCH}:{PAGE}")
    assert "320 MW" in page
    assert "Not yet committed" not in page


def test_the_message_says_what_the_source_says_and_how_the_pages_change(here):
    proposed(here)
    subject, _, body = git(here, "log", "-1", "--format=%B", BRANCH).partition("\n\n")
    assert subject == "[2026-05-01] ingest | News"
    assert body.startswith("After refurbishment Sihwa Lake has a capacity of 320 MW.\n\n- source: raw/new.md")
    assert "- updated: [[Sihwa Lake]]\n- claims: 2 added, 1 superseded" in body
    assert f"\n    --- {PAGE}\n    +++ {PAGE}\n    @@\n" in body
    assert re.search(r"\n    \+.*Sihwa Lake lies between Siheung and Ansan\.", body)
    assert "lead_of" not in body
    assert not re.search(r"^(---|\+\+\+|@@|diff)", body, re.MULTILINE)
    trailers = git(here, "log", "-1", "--format=%(trailers:only)", BRANCH)
    assert re.fullmatch(
        r"Source: raw/new\.md \(\w{12}\)\nEngine: rules\nAgent: miller\nTransaction: \w{12}\n\n?", trailers
    )
    assert git(here, "log", "-1", "--format=%an <%ae>, %cn", BRANCH) == "miller <miller@quern>, Grace\n"


def test_a_message_that_would_be_too_long_says_how_much_it_leaves_out(here, monkeypatch):
    run(here, BEGIN, READ, f"( {MILL} )")
    monkeypatch.setattr(proposals, "LARGEST", 100)
    for key, value in repository.SETTINGS.items():
        monkeypatch.setenv(key, value)
    rows = [json.loads(line) for line in (here.parent / "made").read_text().splitlines()]
    sources = [Source(**{k: v for k, v in row.items() if k != "kind"}) for row in rows if row["kind"] == "source"]
    changes = [Change(**{k: v for k, v in row.items() if k != "kind"}) for row in rows if row["kind"] == "change"]
    proposals.propose(Vault(here.parent / "copy"), sources, changes)
    body = git(here, "log", "-1", "--format=%B", BRANCH)
    assert "\n\n1 page changes by more than is shown here.\n\nSource: " in body
    assert "+++" not in body


def test_merged_it_gives_what_a_direct_ingest_gives_and_nothing_is_left_to_do(here, tmp_path):
    direct = shutil.copytree(here, tmp_path / "direct")
    assert repository.ingest(direct, "raw/new.md", DATE).returncode == 0
    proposed(here)
    merge(here)
    assert mill.differences(mill.picture(here), mill.picture(direct)) == []
    assert git(here, "status", "--porcelain") == ""
    done = mill.run("plan", "raw/new.md", vault=here)
    assert done.returncode == 1
    assert b"in the wiki already" in done.stderr


def test_several_sources_are_one_commit_which_undo_takes_back_whole(here):
    repository.write(here, {"raw/other.md": OTHER})
    before = mill.picture(here)
    read = '{ "$BIN/extract" raw/new.md; "$BIN/extract" raw/other.md; } >../claims'
    done = run(here, BEGIN, read, f"( {MILL} )", PROPOSE)
    assert done.returncode == 0, done.stderr.decode()
    repository.commit_all(here, "sources")
    git(here, "merge", "-q", "--no-edit", BRANCH)
    assert "24 turbines" in (here / PAGE).read_text()
    assert (here / "wiki/sources/visits.md").exists()
    done = run(here, '"$BIN/undo"')
    assert done.returncode == 0, done.stderr.decode()
    after = mill.picture(here)
    assert {path for path in before if before[path] != after[path]} == {"log.md"}
    assert after.keys() == before.keys()
    assert b"## [2026-05-01] undo | News and 1 more\n" in after["log.md"]
    assert run(here, '"$BIN/undo"').returncode == 2


def test_it_merges_with_what_has_come_to_main_meanwhile(here):
    run(here, f'"{mill.BIN / "resolve"}" --register')
    proposed(here)
    repository.write(here, {"raw/other.md": OTHER})
    assert repository.ingest(here, "raw/other.md", "2026-05-02").returncode == 0
    repository.commit_all(here, "other")
    merge(here)
    page = (here / PAGE).read_text()
    assert all(words in page for words in ("320 MW", "Siheung", "28 people", "24 turbines", "240 MW"))
    assert "\nsources: 3\nclaims: 6\n" in page
    entries = re.findall(r"^## .*", (here / "log.md").read_text(), re.MULTILINE)
    assert sorted(entries) == [f"## [2026-0{d}] ingest | {t}" for d, t in
                               (("4-02", "Plants"), ("5-01", "News"), ("5-02", "Visits"))]  # fmt: skip
    before = mill.picture(here)
    # The lead was made for what either side knew; `make outdated` makes it anew.
    found = {json.loads(line)["code"] for line in mill.run("lint", vault=here).stdout.splitlines()}
    assert found <= {"lead-outdated"}
    assert mill.run("index", vault=here).returncode == 0
    assert mill.picture(here) == before


def test_a_vault_that_asks_for_commits_gets_none_on_the_branch_it_is_on(here):
    text = (here / "schema.yaml").read_text().replace("commit: false", "commit: true")
    (here / "schema.yaml").write_text(text)
    before = own(here)
    proposed(here)
    assert own(here) == before


def test_a_vault_below_the_top_of_its_repository(committed, tmp_path):
    top = tmp_path / "top"
    vault = shutil.copytree(committed, top / "my notes", ignore=shutil.ignore_patterns(".git"))
    git(top, "init", "-q", "-b", "main")
    for key, value in repository.IDENTITY:
        git(top, "config", key, value)
    git(top, "add", ".", ":!my notes/raw/new.md")
    git(top, "commit", "-q", "-m", "all")
    proposed(vault)
    changed = git(top, "diff", "--name-only", "HEAD", BRANCH).splitlines()
    assert f"my notes/{PAGE}" in changed
    assert all(path.startswith("my notes/") for path in changed)


def without_git(folder):
    shutil.rmtree(folder / ".git")


def unborn(folder):
    without_git(folder)
    git(folder, "init", "-q")
    for key, value in repository.IDENTITY:
        git(folder, "config", key, value)


def nameless(folder):
    for key, _ in repository.IDENTITY:
        git(folder, "config", "--unset", key)
    git(folder, "config", "user.useConfigOnly", "true")


def ignoring(folder):
    git(folder, "rm", "-q", "--cached", "log.md")
    (folder / ".gitignore").write_text("log.md\n")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (without_git, "this is no git repository"),
        (unborn, "git has no commit yet from which a branch could start"),
        (nameless, "git does not know who you are: git config user.name NAME; git config user.email ADDRESS"),
        (ignoring, "git is told to ignore log.md, so no branch can hold it"),
    ],
)
def test_where_no_branch_can_be_made_one_line_says_so_and_nothing_is_written(here, spoil, said):
    spoil(here)
    before = own(here)
    done = run(here, BEGIN)
    assert done.returncode == 2
    assert re.fullmatch(rf"propose: (\S+: )?{re.escape(said)}.*\n", done.stderr.decode())
    assert own(here) == before
    assert not (here.parent / "copy").exists()


def test_a_branch_of_that_name_is_not_touched(here):
    git(here, "branch", BRANCH)
    before = git(here, "rev-parse", BRANCH)
    done = run(here, BEGIN, READ, f"( {MILL} )", PROPOSE)
    assert done.returncode == 2
    assert done.stderr.decode() == (
        f"propose: there is a branch {BRANCH} already: merge it, or remove it (git branch -D {BRANCH}), "
        "then run again\n"
    )
    assert git(here, "rev-parse", BRANCH) == before


def test_a_source_that_changes_meanwhile_is_not_proposed(here):
    run(here, BEGIN, READ, f"( {MILL} )")
    (here / "raw/new.md").write_text(NEW + "More.\n")
    done = run(here, PROPOSE)
    assert (done.returncode, done.stderr.decode()) == (2, "propose: raw/new.md: changed while it was read: run again\n")
    assert BRANCH not in git(here, "branch", "-a")


def test_what_is_no_copy_is_said(here):
    done = run(here, f'{READ}; "$BIN/propose" ../claims')
    assert done.returncode == 2
    assert b"not a copy that 'propose --begin' laid out" in done.stderr


def test_nothing_changed_makes_no_branch(here):
    done = run(here, BEGIN, READ, PROPOSE.replace("made", "claims"))
    assert done.returncode == 1
    assert BRANCH not in git(here, "branch", "-a")


@pytest.mark.parametrize("command", [BEGIN, PROPOSE])
def test_killed_at_any_question_to_git_it_leaves_what_the_person_had(command, here, tmp_path):
    messy(here)
    before = own(here)
    if command is PROPOSE:
        run(here, BEGIN, READ, f"( {MILL} )")
    fake = tmp_path / "fake" / "git"
    fake.parent.mkdir()
    real = shutil.which("git")
    fake.write_text(f"""#!/bin/sh
echo >>"{tmp_path}/asked"
[ "$(wc -l <"{tmp_path}/asked")" -eq "$KILL_AT" ] || exec {real} "$@"
[ -z "$AFTER" ] || {real} "$@" >/dev/null
kill -9 $PPID
""")
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    path = os.pathsep.join([str(fake.parent), os.environ["PATH"]])
    for half in range(2, 200):
        (tmp_path / "asked").unlink(missing_ok=True)
        if command is BEGIN:
            shutil.rmtree(here.parent / "copy", ignore_errors=True)
        done = run(here, command, PATH=path, KILL_AT=str(half // 2), AFTER="1" if half % 2 else "")
        assert own(here) == before
        if done.returncode == 0:
            break
        assert done.returncode == -9
        if BRANCH in git(here, "branch", "-a"):
            # Killed when git had done the last thing that it was asked: the branch is whole.
            assert "320 MW" in git(here, "show", f"{BRANCH}:{PAGE}")
            git(here, "branch", "-q", "-D", BRANCH)
    assert half > 10
    assert (BRANCH in git(here, "branch", "-a")) == (command is PROPOSE)
    assert git(here, "fsck", "--no-dangling") == ""
