"""Where the schema asks for it, a run is one commit of what it wrote."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess

import mill
import pytest
import repository
from repository import git, hook, ingest, lay_out, write

TIDES = "# Tides\n\nThe Rance barrage is a tidal power station in Brittany.\nThe Rance barrage opened in 1966.\n"
MORE = "# More tides\n\nThe Rance barrage has 24 turbines.\nThe Rance barrage supplied 500 GWh in 2004.\n"


@pytest.fixture
def repo(tmp_path):
    folder = lay_out(tmp_path / "my notes")
    write(folder, {"raw/tides.md": TIDES, "raw/more.md": MORE})
    return folder


def files(folder, commit="HEAD"):
    shown = git(folder, "show", "-z", "--name-only", "--format=", commit)
    return {path for path in shown.split("\0") if path}


def test_an_ingest_is_one_commit_of_what_it_wrote(repo):
    write(repo, {"notes.md": "mine", "wiki/Mine.md": "mine"})
    git(repo, "add", "notes.md")
    assert ingest(repo, "raw/tides.md").returncode == 0
    entry = (repo / "log.md").read_text().splitlines()[0]
    message = git(repo, "log", "-1", "--format=%s%n%an <%ae>%n%cn <%ce>%n%(trailers:only)").splitlines()
    assert f"## {message[0]}" == entry
    assert message[1:3] == ["miller <miller@quern>", "Grace <grace@example.org>"]
    assert message[3].startswith("Source: raw/tides.md (")
    assert message[4:6] == ["Engine: rules", "Agent: miller"]
    assert message[6].startswith("Transaction: ")
    wrote = files(repo)
    assert {"raw/tides.md", "log.md", "wiki/index.md"} < wrote
    assert wrote.isdisjoint({"raw/more.md", "notes.md", "wiki/Mine.md"})
    assert git(repo, "status", "--porcelain") == "A  notes.md\n?? raw/more.md\n?? wiki/Mine.md\n"
    assert git(repo, "rev-list", "--count", "HEAD") == "2\n"


def test_a_run_that_changes_nothing_is_no_commit(repo):
    ingest(repo, "raw/tides.md")
    ingest(repo, "raw/tides.md", "2026-04-03")
    assert git(repo, "rev-list", "--count", "HEAD") == "2\n"


def test_each_source_of_a_stream_is_a_commit_and_each_agent_its_author(repo):
    ingest(repo, "raw/tides.md")
    ingest(repo, "raw/more.md", QUERN_AGENT="Ada <ada@example.org>")
    shown = git(repo, "log", "--format=%s|%an <%ae>").splitlines()
    assert shown[0] == "[2026-04-02] ingest | More tides|Ada <ada@example.org>"
    assert shown[1] == "[2026-04-02] ingest | Tides|miller <miller@quern>"
    segment = " && ".join(f'"{mill.BIN / "segment"}" {source}' for source in ("raw/a.md", "raw/b.md"))
    write(repo, {"raw/a.md": TIDES.replace("1966", "1967"), "raw/b.md": MORE.replace("24", "25")})
    stream = f"{{ {segment}; }} | {mill.stages((*mill.THINKING, *mill.WRITING))}"
    assert repository.shell(stream, repo).returncode == 0
    assert git(repo, "rev-list", "--count", "HEAD") == "5\n"
    assert "raw/b.md" in files(repo)
    assert "raw/a.md" in files(repo, "HEAD~1")


def test_the_user_may_be_the_agent(repo):
    ingest(repo, "raw/tides.md", QUERN_AGENT="Grace")
    assert git(repo, "log", "-1", "--format=%an <%ae>") == "Grace <grace@example.org>\n"


def test_a_page_made_by_another_program_is_committed_with_its_entry(repo, run):
    page = "wiki/concepts/Tide.md"
    write(repo, {page: "---\ntitle: Tide\ntype: concept\n---\n\n# Tide\n\nIt rises.\n", "wiki/Mine.md": "mine\n"})
    known = {"kind": "source", "id": "a" * 12, "slug": "tides", "path": "raw/tides.md", "title": "Tides"}
    source = known | {"sha256": hashlib.sha256(TIDES.encode()).hexdigest()}
    change = {"kind": "change", "transaction": "", "path": page, "title": "Tide", "type": "concept", "op": "create"}
    change |= {"source": "a" * 12, "before": None, "after": None}
    stream = "".join(f"{json.dumps(record)}\n" for record in (source, change)).encode()
    done = run("logappend", "-", stdin=stream, vault=repo, env=repository.SETTINGS)
    assert (done.status, done.err) == (0, "")
    assert files(repo) == {page, "log.md", "raw/tides.md"}
    assert git(repo, "log", "-1", "--format=%s") == "[2026-04-02] ingest | Tides\n"


def test_an_ignored_source_stays_out(repo):
    write(repo, {".gitignore": repository.IGNORED + "/raw/\n"})
    assert ingest(repo, "raw/tides.md").returncode == 0
    assert not any(path.startswith("raw/") for path in files(repo))


def test_edits_that_were_not_committed_are_a_commit_of_their_own_before_it(repo):
    ingest(repo, "raw/tides.md")
    page = next(path for path in (repo / "wiki").rglob("*Rance*.md"))
    name = page.relative_to(repo).as_posix()
    edited = page.read_text() + "\nI was there in May.\n"
    page.write_text(edited)
    assert ingest(repo, "raw/more.md").returncode == 0
    shown = git(repo, "log", "-2", "--format=%s|%an").splitlines()
    assert shown == ["[2026-04-02] ingest | More tides|miller", "[2026-04-02] edits before ingest | More tides|Grace"]
    assert git(repo, "show", f"HEAD~1:{name}") == edited
    assert files(repo, "HEAD~1") == {name}
    assert name in files(repo)
    assert git(repo, "status", "--porcelain") == ""


def test_a_hook_that_says_no(repo, run):
    hook(repo, "pre-commit", "echo 'not on a Sunday' >&2; exit 1")
    done = ingest(repo, "raw/tides.md")
    assert done.returncode == 2
    [said] = done.stderr.decode().splitlines()
    assert said.startswith("logappend: not committed: git commit: not on a Sunday; mend that, then: ")
    assert (repo / "log.md").read_text().count("## ") == 1
    assert (repo / "wiki/sources").is_dir()
    assert git(repo, "status", "--porcelain", "--untracked-files=all").count("?? ") > 4
    wrote = mill.picture(repo)
    # The next run does not begin before that is mended.
    again = ingest(repo, "raw/more.md")
    assert again.returncode == 2
    assert b"merge: not committed: git commit: not on a Sunday" in again.stderr
    assert mill.picture(repo) == wrote
    hook(repo, "pre-commit", "exit 0")
    command = said.partition("mend that, then: ")[2]
    subprocess.run(command, shell=True, check=True, env=mill.environment(**repository.SETTINGS))  # noqa: S602
    assert git(repo, "log", "-1", "--format=%s") == "[2026-04-02] ingest | Tides\n"
    assert mill.picture(repo) == wrote
    done = run("commit", vault=repo, env=repository.SETTINGS)
    assert (done.status, done.err) == (
        1,
        "commit: nothing to commit: the last run is committed, or the schema asks for none\n",
    )


def test_make_makes_the_commit_that_is_owed_though_nothing_is_to_be_read(repo, make):
    hook(repo, "pre-commit", "exit 1")
    settings = repository.SETTINGS | {"QUERN_AGENT": "miller"}
    done = make("ingest", VAULT=str(repo), SRC=str(repo / "raw/tides.md"), env=settings)
    assert done.status == 2
    assert done.err.count("not committed: git commit: exit status 1") == 1
    assert make("ingest", VAULT=str(repo), SRC=str(repo / "raw/tides.md"), env=settings).status == 2
    hook(repo, "pre-commit", "exit 0")
    assert make("ingest", VAULT=str(repo), SRC=str(repo / "raw/tides.md"), env=settings).status == 0
    assert git(repo, "log", "-1", "--format=%s") == "[2026-04-02] ingest | Tides\n"


def test_what_a_person_committed_by_hand_is_not_committed_again(repo, run):
    hook(repo, "commit-msg", "exit 1")
    assert ingest(repo, "raw/tides.md").returncode == 2
    repository.commit_all(repo, "by hand")
    assert run("commit", vault=repo, env=repository.SETTINGS).status == 0
    assert git(repo, "log", "-1", "--format=%s") == "by hand\n"


def test_hooks_see_what_is_committed_and_may_sign_it_off(repo):
    hook(repo, "pre-commit", 'git diff --cached --name-only >"$(git rev-parse --git-dir)/seen"')
    hook(repo, "commit-msg", 'echo "Signed-off-by: Grace" >>"$1"')
    assert ingest(repo, "raw/tides.md").returncode == 0
    assert "wiki/index.md" in (repo / ".git/seen").read_text()
    assert "Signed-off-by: Grace" in git(repo, "log", "-1", "--format=%b")


def test_a_commit_is_signed_if_the_users_are(repo):
    program = repo.parent / "gpg"
    program.write_text(
        "#!/bin/sh\ncat >/dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\necho '-----BEGIN PGP SIGNATURE-----'\n"
        "echo\necho 'by Grace'\necho '-----END PGP SIGNATURE-----'\n"
    )
    program.chmod(0o755)
    git(repo, "config", "commit.gpgSign", "true")
    git(repo, "config", "gpg.program", str(program))
    assert ingest(repo, "raw/tides.md").returncode == 0
    assert "gpgsig -----BEGIN PGP SIGNATURE-----" in git(repo, "cat-file", "commit", "HEAD")
    program.write_text("#!/bin/sh\ncat >/dev/null\nexit 1\n")
    done = ingest(repo, "raw/more.md")
    assert done.returncode == 2
    assert b"not committed: git commit: error: gpg failed to sign the data" in done.stderr


def test_a_run_that_was_killed_before_its_commit_is_committed_by_the_next(repo):
    hook(repo, "pre-commit", "exit 1")
    ingest(repo, "raw/tides.md")
    hook(repo, "pre-commit", "exit 0")
    assert ingest(repo, "raw/more.md", "2026-04-03").returncode == 0
    shown = git(repo, "log", "--format=%s").splitlines()
    assert shown == ["[2026-04-03] ingest | More tides", "[2026-04-02] ingest | Tides", "vault"]


def test_a_commit_that_was_made_before_the_kill_is_not_made_twice(repo, run):
    hook(repo, "pre-commit", "exit 1")
    ingest(repo, "raw/tides.md")
    owed = (repo / ".quern/commit.jsonl").read_bytes()
    hook(repo, "pre-commit", "exit 0")
    assert run("commit", vault=repo, env=repository.SETTINGS).status == 0
    (repo / ".quern/commit.jsonl").write_bytes(owed)
    page = next((repo / "wiki").rglob("*Rance*.md"))
    page.write_text(page.read_text() + "\nMy words.\n")
    assert run("commit", vault=repo, env=repository.SETTINGS).status == 0
    assert git(repo, "rev-list", "--count", "HEAD") == "2\n"
    assert not (repo / ".quern/commit.jsonl").exists()


def merging(repo):
    git(repo, "checkout", "-q", "-b", "other")
    git(repo, "commit", "-q", "--allow-empty", "-m", "other")
    git(repo, "checkout", "-q", "main")
    git(repo, "commit", "-q", "--allow-empty", "-m", "main")
    git(repo, "merge", "-q", "--no-commit", "--no-ff", "other")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda repo: git(repo, "config", "--unset", "user.email"), "git does not know who you are: git config user"),
        (lambda repo: (repo / ".git").rename(repo.parent / "gone"), "this is no git repository: 'git init' makes one"),
        (lambda repo: write(repo, {".gitignore": "/wiki/\n"}), "git is told to ignore wiki/index.md: see .gitignore"),
        (merging, "a merge is unfinished: finish it with git first"),
    ],
)
def test_what_cannot_be_committed_is_not_begun(repo, spoil, said):
    spoil(repo)
    before = mill.picture(repo)
    done = ingest(repo, "raw/tides.md", EMAIL="", GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="user.useConfigOnly",
                  GIT_CONFIG_VALUE_0="true", GIT_CEILING_DIRECTORIES=str(repo.parent))  # fmt: skip
    assert done.returncode == 2
    [line] = done.stderr.decode().splitlines()
    assert line.startswith("merge: schema.yaml asks for commits (git: commit), but ")
    assert said in line
    # `index` has come to its end by then, and has listed no page.
    assert {path: text for path, text in mill.picture(repo).items() if path != "wiki/index.md"} == before


def test_without_git(repo, tmp_path):
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("sh", "bash", "env", "dirname", "readlink", "python3", "realpath", "uname", "cat"):
        found = next((p for folder in os.environ["PATH"].split(":") if os.path.exists(p := f"{folder}/{name}")), None)
        if found:
            (programs / name).symlink_to(found)
    done = ingest(repo, "raw/tides.md", PATH=str(programs))
    assert done.returncode == 2
    assert b"but there is no git here: install it" in done.stderr
    assert not (repo / "log.md").exists()


def test_an_outer_git_does_not_leak(repo, tmp_path):
    other = lay_out(tmp_path / "other")
    settings = {"GIT_DIR": str(other / ".git"), "GIT_WORK_TREE": str(other), "GIT_INDEX_FILE": str(other / "index")}
    assert ingest(repo, "raw/tides.md", **settings).returncode == 0
    assert git(repo, "rev-list", "--count", "HEAD") == "2\n"
    assert git(other, "rev-list", "--count", "HEAD") == "1\n"


def test_a_vault_in_a_folder_of_a_repository(tmp_path):
    top = tmp_path / "top"
    folder = lay_out(top / "notes [1]", commit=True, identity=False)
    (folder / ".git").rename(top / ".git")
    for key, value in repository.IDENTITY:
        git(top, "config", key, value)
    write(folder, {"raw/tides.md": TIDES, "raw/t*.md": MORE})
    assert ingest(folder, "raw/tides.md").returncode == 0
    assert "notes [1]/raw/tides.md" in files(top)
    assert "notes [1]/raw/t*.md" not in files(top)
    assert {path.split("/")[0] for path in files(top)} == {"notes [1]"}


def test_nobody_is_asked_where_the_schema_is_silent(tmp_path):
    folder = lay_out(tmp_path / "vault", commit=False)
    write(folder, {"raw/tides.md": TIDES})
    hook(folder, "pre-commit", "exit 1")
    assert ingest(folder, "raw/tides.md").returncode == 0
    assert git(folder, "rev-list", "--count", "HEAD") == "1\n"
