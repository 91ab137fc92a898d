"""The Makefile: what a person types reaches the programs as it is, and nothing half-done looks done."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import mill
import pytest
import scripted
from processes import ROOT, Run, environment, start

from quern import journal
from quern.engines import QUOTES
from quern.reports import RULES

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TEXT = "# {0}\n\n{0} is a mill that grinds grain. {0} was built in 1871 by Anna Berg in Husum.\n"

# What GNU Make 3.81, bash 3.2 or a BSD userland does not have: (what, a pattern, an example that it must find).
MISSING = [
    ("a grouped target", r"^[^\t#\n]*&:", "a.md b.md &: c"),
    (".ONESHELL", r"^\.ONESHELL", ".ONESHELL:"),
    (".SHELLFLAGS", r"^\.SHELLFLAGS", ".SHELLFLAGS := -euo pipefail -c"),
    ("a shell assignment", r"^\w+\s*!=", "today != date"),
    ("$(file)", r"\$\(file\b", "$(file >list,$^)"),
    ("$(intcmp) and its like", r"\$\((intcmp|let)\b", "$(let a,b,c)"),
    ("a double-colon assignment", r"^\w+\s*::?:=", "x ::= 1"),
    ("--eval", r"--eval\b", "$(MAKE) --eval=x"),
    ("sha256sum", r"\bsha256sum\b", "sha256sum a"),
    ("flock", r"\bflock\b", "flock lock make"),
    ("realpath", r"\brealpath\b", "$$(realpath a)"),
    ("readlink -f", r"\breadlink\s+-f", "readlink -f a"),
    ("xargs -r or -d or -a", r"\bxargs\s+-\w*[rda]", "xargs -r cat"),
    ("date -d", r"\bdate\s+(-d|--\w+)", "date -d tomorrow"),
    ("sed -i, -r or -z", r"\bsed\s+(-\w*[irzs]|--)", "sed -i s/a/b/ c"),
    ("grep -P", r"\bgrep\s+-\w*P", "grep -oP a"),
    (
        "cp --parents and other long options",
        r"\b(cp|mv|ln|rm|mkdir|touch|tail|head|sort|cut)\s+--\w",
        "cp --parents a b",
    ),
    ("head -n -1", r"\bhead\s+-n\s*-", "head -n -1"),
    ("stat -c", r"\bstat\s+-c", "stat -c %s a"),
    ("nproc", r"\bnproc\b", "-j$$(nproc)"),
    ("tac", r"\btac\b", "tac a"),
    ("mapfile", r"\b(mapfile|readarray)\b", "mapfile -t a"),
    ("an associative array", r"\bdeclare\s+-A", "declare -A a"),
    ("change of case", r"\$\$\{\w+(,,|\^\^)", "$${x,,}"),
    ("|&", r"\|&", "a |& b"),
    ("&>>", r"&>>", "a &>> b"),
    ("wait -n", r"\bwait\s+-n", "wait -n"),
]


def source(clone: Path, name: str, title: str = "Nordmühle") -> Path:
    path = clone / "raw" / name
    path.write_text(TEXT.format(title), encoding="utf-8")
    return path


def picture(clone: Path) -> dict[str, bytes]:
    """Every byte of what people keep."""
    found = {str(path): path.read_bytes() for path in clone.rglob("*") if path.is_file() and "wiki" in path.parts}
    return found | {"log.md": (clone / "log.md").read_bytes() if (clone / "log.md").exists() else b""}


def ledgers(clone: Path) -> list[str]:
    """The raw paths of the sources that are in the wiki."""
    texts = [path.read_text(encoding="utf-8") for path in (clone / "wiki" / "sources").glob("*.md")]
    return sorted(str(re.search(r'^source: "?(.*?)"?$', text, re.MULTILINE)[1]) for text in texts)


def stand_in(clone: Path, program: str, body: str) -> None:
    """Put a shell script in the place of a program."""
    path = clone / "bin" / program
    path.write_text("#!/bin/sh\n" + body, encoding="utf-8")
    path.chmod(0o755)


# What it may use


@pytest.mark.parametrize(("what", "pattern", "example"), MISSING, ids=[row[0] for row in MISSING])
def test_it_uses_nothing_that_a_mac_lacks(what: str, pattern: str, example: str) -> None:
    assert re.search(pattern, example, re.MULTILINE), "a pattern that finds nothing guards nothing"
    code = "\n".join(line for line in MAKEFILE.splitlines() if not line.lstrip().startswith("#"))
    found = re.search(pattern, code, re.MULTILINE)
    assert not found, f"{what}: {found and found[0]!r}"


def recipe_lines(make: Run) -> list[str]:
    """Every recipe line of every target, as the shell would see it."""
    shown = []
    for target in re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE):
        done = make("-n", "-B", target, SRC="x", KEEP="1", LLAMA="1")
        shown.append(done.text.replace("\\\n", " "))
    return [line for line in "".join(shown).splitlines() if line.strip()]


def test_a_line_with_a_pipe_sets_its_own_flags(make: Run) -> None:
    lines = recipe_lines(make)
    piped = [line for line in lines if re.search(r"(?<!\|)\|(?!\|)", re.sub(r"'[^']*'", "''", line))]
    assert len(piped) > 3
    assert not [line for line in piped if not line.startswith("set -euo pipefail;")]


def test_the_stream_sets_its_own_flags() -> None:
    body = re.search(r"^mill = (.*)", MAKEFILE, re.MULTILINE)
    assert body
    assert body[1].startswith("set -euo pipefail;")


def test_help_is_the_default_and_names_every_target(make: Run) -> None:
    phony = re.search(r"^\.PHONY: (.*)", MAKEFILE, re.MULTILINE)
    assert phony
    said = make()
    assert said.text == make("help").text
    assert set(re.findall(r"^  ([a-z-]+) ", said.text, re.MULTILINE)) == set(phony[1].split()) - {"stages"}


def test_a_dry_run_does_nothing(make: Run, clone: Path) -> None:
    source(clone, "x.md")
    before = sorted(clone.rglob("*"))
    for target in ("ingest", "ingest-all", "lint", "clean", "init"):
        assert make("-n", target, SRC="raw/x.md").status == 0
    assert sorted(clone.rglob("*")) == before


# Names

NAMES = [
    "a b.md",
    'it\'s "quoted".md',
    "$HOME $(touch pwned) `touch pwned` ${x}.md",
    "$(shell touch pwned).md",
    "#1 & more; 100%.md",
    "-leading dash.md",
    "Ebbe und Flut — 潮汐.md",
    "back\\slash [x] (y) *.md",
    "a=b:c,d.md",
]


def test_any_name_reaches_the_wiki(make: Run, clone: Path) -> None:
    for number, name in enumerate(NAMES):
        source(clone, name, f"Mill {number} & Sons")
    for name in NAMES[:4]:
        done = make("ingest", SRC=f"raw/{name}")
        assert done.status == 0, (name, done.err)
        assert f"(raw/{name})" in done.text
    assert f"done     {len(NAMES[4:]):5}\nskipped      4" in make("ingest-all").text
    for name in NAMES:
        assert make("ingest", SRC=f"raw/{name}").err == f"plan: raw/{name}: in the wiki already: nothing to do\n"
    assert not list(clone.rglob("pwned*"))


def test_several_sources_and_patterns(make: Run, clone: Path) -> None:
    for number, name in enumerate(("a b.md", "c.md", "d.txt", "e.txt")):
        source(clone, name, f"Mill {number}")
    assert make("ingest", SRC="'raw/a b.md' raw/c.md").status == 0
    assert ledgers(clone) == ["raw/a b.md", "raw/c.md"]
    assert make("ingest", SRC="raw/*.txt").status == 0
    assert len(ledgers(clone)) == 4


def test_the_order_of_the_sources_is_the_order_of_the_log(make: Run, clone: Path) -> None:
    for name in ("c", "a", "b"):
        source(clone, f"{name}.md", f"Mill {name.upper()}")
    assert make("-j4", "ingest", SRC="raw/c.md raw/a.md raw/b.md").status == 0
    said = (clone / "log.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \[2026-04-02\] ingest \| Mill (\w)", said, re.MULTILINE) == ["C", "A", "B"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("", "which source?"),
        ("raw/nothing.md", "no such file"),
        ("raw/*.pdf", "no such file, and nothing matches"),
        ("raw", "a folder"),
        ("outside.md", "not in raw/, where sources live; first: cp -- outside.md raw/"),
        ("raw/link.md", "not in raw/, where sources live; first: rm -- raw/link.md && cp -- outside.md raw/"),
        ("raw/it's.md", "No closing quotation"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(make: Run, clone: Path, asked: str, said: str) -> None:
    (clone / "outside.md").write_text("x")
    (clone / "raw" / "link.md").symlink_to("../outside.md")
    before = picture(clone)
    done = make("ingest", SRC=asked)
    assert done.status != 0
    lines = [line for line in done.err.splitlines() if ": *** " not in line]
    assert len(lines) == 1
    assert lines[0].startswith("plan: ")
    assert said in lines[0]
    assert picture(clone) == before


# Once, and again


def test_the_second_time_nothing_happens(make: Run, clone: Path) -> None:
    source(clone, "x.md")
    first = make("ingest", SRC="raw/x.md")
    assert first.status == 0
    assert len(first.text.splitlines()) <= 10
    before = picture(clone)
    again = make("ingest", SRC="raw/x.md", DATE="2027-01-01")
    assert (again.status, again.text, again.err) == (0, "", "plan: raw/x.md: in the wiki already: nothing to do\n")
    assert picture(clone) == before


def test_a_fresh_clone_of_a_full_vault_has_nothing_to_do(make: Run, clone: Path) -> None:
    source(clone, "x.md")
    make("ingest", SRC="raw/x.md")
    before = picture(clone)
    for name in ("build", ".cache", ".quern"):
        shutil.rmtree(clone / name)
    done = make("ingest-all")
    assert done.status == 0
    assert "skipped      1" in done.text
    assert picture(clone) == before


def test_a_changed_source_is_read_again(make: Run, clone: Path) -> None:
    path = source(clone, "x.md")
    make("ingest", SRC="raw/x.md")
    path.write_text(path.read_text(encoding="utf-8") + "\nNordmühle was sold to Karl Voss in 1912.\n", encoding="utf-8")
    assert make("ingest", SRC="raw/x.md").status == 0
    assert any("1912" in path.read_text(encoding="utf-8") for path in (clone / "wiki" / "sources").iterdir())


def test_the_same_bytes_twice_are_one_source(make: Run, clone: Path) -> None:
    source(clone, "x.md")
    shutil.copy(clone / "raw" / "x.md", clone / "raw" / "y.md")
    done = make("ingest-all")
    assert "done         1\nskipped      1  1 the same bytes as raw/x.md" in done.text
    assert "skipped      2" in make("ingest-all").text


def test_keep_keeps_what_flowed(make: Run, clone: Path) -> None:
    source(clone, "x.md")
    done = make("ingest", SRC="raw/x.md", KEEP="1")
    folder = clone / str(re.search(r"kept: (\S+)", done.err)[1])
    for name in ("link", "summarize", "merge", "index", "lint", "logappend"):
        assert (folder / f"{name}.jsonl").read_bytes().startswith(b'{"kind":"source"')
    shutil.rmtree(clone / "wiki")
    (clone / "wiki").mkdir()
    assert "kept" not in make("ingest", SRC="raw/x.md").err


FOCUS = """who's "grinding" & why: $HOME $(shell touch pwned) `touch pwned` #1; Mühlen, 潮汐 100% \\
## [2020-01-01] ingest | Not an entry [[x]]"""


def test_a_focus_is_data_and_the_log_names_it_on_one_line(make: Run, clone: Path) -> None:
    source(clone, "x.md")
    source(clone, "y.md", "Südmühle")
    done = make("ingest", SRC="raw/x.md", FOCUS=FOCUS)
    assert (done.status, done.err) == (0, "")
    done = make("ingest", SRC="raw/y.md", env={"FOCUS": "grain"})
    assert (done.status, done.err) == (0, "")
    assert "Südmühle (raw/y.md), read for: grain\n" in done.text
    log = (clone / "log.md").read_text(encoding="utf-8")
    assert [entry.title for entry in journal.parse(log)] == ["Nordmühle", "Südmühle"]
    told = [journal.told(entry, "focus") for entry in journal.parse(log)]
    assert told == [[" ".join(FOCUS.split())[: journal.FOCUS].rstrip() + "…"], ["grain"]]
    assert not list(journal.problems(log))
    assert not list(clone.rglob("pwned*"))


def test_a_focus_that_meets_nothing_is_told_and_one_that_comes_too_late(make: Run, clone: Path) -> None:
    source(clone, "x.md")
    done = make("ingest", SRC="raw/x.md", FOCUS="blue whales")
    assert done.status == 0
    assert done.err == "extract: raw/x.md: no claim in it has a word of the focus: it is read as if there were none\n"
    done = make("ingest", SRC="raw/x.md", FOCUS="grain")
    assert done.err == "plan: raw/x.md: in the wiki already: nothing to do; a focus counts only when a source is read\n"


def under_git(clone: Path) -> None:
    (clone / ".gitignore").write_text("/build/\n/.venv\n/.cache/\n/.quern/\n")
    told = "git init -q -b main; git config user.name Ada; git config user.email a@b.c; git add .; git commit -q -m all"
    subprocess.run(["sh", "-ec", told], cwd=clone, check=True)


def test_a_branch_for_review_and_then_its_merge(make: Run, clone: Path) -> None:
    source(clone, "x.md")
    under_git(clone)
    before = picture(clone)
    done = make("ingest", SRC="raw/x.md", REVIEW="branch", KEEP="", FOCUS="grain")
    assert (done.status, done.err) == (0, "")
    assert "created 1 page: Nordmühle\n" in done.text
    name = "review/nordmühle"
    told = f"on branch {name}: read it with 'git show {name}'; take it over with 'git merge {name}'\n"
    assert told in done.text.replace("nordmühle-source", "nordmühle")
    assert picture(clone) == before
    assert not list(clone.glob("build/run-*"))
    subprocess.run(["sh", "-ec", 'git merge -q "$(git branch --list "review/*" --format "%(refname:short)")"'],
                   cwd=clone, check=True)  # fmt: skip
    assert ledgers(clone) == ["raw/x.md"]
    again = make("ingest", SRC="raw/x.md", REVIEW="branch")
    assert (again.status, again.err) == (0, "plan: raw/x.md: in the wiki already: nothing to do\n")


def test_of_a_run_that_breaks_off_there_is_no_branch(make: Run, clone: Path) -> None:
    source(clone, "x.md")
    stand_in(clone, "lint", "cat; echo 'lint: broken' >&2; exit 2\n")
    under_git(clone)
    before = picture(clone)
    done = make("ingest", SRC="raw/x.md", REVIEW="branch")
    assert done.status != 0
    assert done.err.startswith("lint: broken\n")
    assert picture(clone) == before
    told = subprocess.run(["git", "branch", "--list"], cwd=clone, capture_output=True, text=True, check=True)
    assert told.stdout == "* main\n"


def test_where_there_is_no_git_nothing_is_read(make: Run, clone: Path) -> None:
    source(clone, "x.md")
    done = make("ingest", SRC="raw/x.md", REVIEW="branch", env={"GIT_CEILING_DIRECTORIES": str(clone.parent)})
    assert done.status != 0
    assert done.err.startswith("propose: ")
    assert "this is no git repository" in done.err.splitlines()[0]
    assert not list(clone.glob("build/*/claims.jsonl"))
    assert not list(clone.glob("build/run-*"))
    assert make("ingest-all", REVIEW="branch").err.startswith("make: nobody reviews a branch of everything: ")


def test_the_date_can_be_given(make: Run, clone: Path) -> None:
    source(clone, "x.md")
    make("ingest", SRC="raw/x.md", DATE="2031-05-06", env={"QUERN_DATE": "2020-01-01"})
    assert "## [2031-05-06] ingest" in (clone / "log.md").read_text(encoding="utf-8")


# Failing


def test_a_failing_stage_leaves_no_file(make: Run, clone: Path) -> None:
    source(clone, "x.md")
    stand_in(clone, "segment", "echo '{\"kind\":\"source\"}'; echo 'segment: x.md:3: broken' >&2; exit 2\n")
    # macOS's make ignores .SHELLFLAGS, so it must work without.
    with open(clone / "Makefile", "a", encoding="utf-8") as makefile:
        makefile.write(".SHELLFLAGS := -c\n")
    done = make("ingest", SRC="raw/x.md")
    assert done.status != 0
    assert done.err.startswith("segment: x.md:3: broken\n")
    assert sorted(path.name for path in clone.glob("build/*/*")) == ["source", "stderr"]
    assert not (clone / "wiki" / "sources").exists()
    assert not (clone / "log.md").exists()


def test_the_whole_mill_runs_without_shellflags(make: Run, clone: Path) -> None:
    source(clone, "x.md")
    with open(clone / "Makefile", "a", encoding="utf-8") as makefile:
        makefile.write(".SHELLFLAGS := -c\n")
    assert make("ingest", SRC="raw/x.md").status == 0
    assert ledgers(clone) == ["raw/x.md"]


@pytest.mark.parametrize("program", ["link", "summarize", "merge", "index", "lint", "logappend", "report"])
def test_a_failing_left_side_of_the_stream_is_seen(make: Run, clone: Path, program: str) -> None:
    source(clone, "x.md")
    stand_in(clone, program, f"cat >/dev/null; echo '{program}: cannot' >&2; exit 2\n")
    done = make("ingest", SRC="raw/x.md")
    assert done.status != 0
    assert f"{program}: cannot" in done.err


def test_an_unfinished_run_is_finished_by_the_next(make: Run, clone: Path) -> None:
    source(clone, "x.md")
    make("ingest", SRC="raw/x.md")
    whole = picture(clone)
    shutil.rmtree(clone / "wiki")
    (clone / "wiki").mkdir()
    (clone / "log.md").unlink()
    shutil.move(clone / "bin" / "logappend", clone / "bin" / "itself")
    stand_in(clone, "logappend", "exit 2\n")
    assert make("ingest", SRC="raw/x.md").status != 0
    assert (clone / ".quern" / "pending.jsonl").exists()
    shutil.move(clone / "bin" / "itself", clone / "bin" / "logappend")
    again = make("ingest", SRC="raw/x.md")
    assert (again.status, again.err) == (0, "plan: raw/x.md: in the wiki already: nothing to do\n")
    assert picture(clone) == whole
    # One that was stopped between two of its sources owes the index.
    (clone / ".quern" / "index").touch()
    (clone / "wiki" / "index.md").unlink()
    assert make("ingest", SRC="raw/x.md").status == 0
    assert picture(clone) == whole
    assert not (clone / ".quern" / "index").exists()


def test_findings_are_no_failure(make: Run, clone: Path) -> None:
    source(clone, "x.md")
    shutil.move(clone / "bin" / "lint", clone / "bin" / "lint-itself")
    stand_in(clone, "lint", "cat; exit 1\n")
    assert make("ingest", SRC="raw/x.md").status == 0


def test_ingest_all_goes_on_and_tells(make: Run, clone: Path) -> None:
    for name in ("a", "c"):
        source(clone, f"{name}.md", f"Mill {name.upper()}")
    (clone / "raw" / "b.md").write_bytes(b"# Broken\n\0\n")
    done = make("-j2", "ingest-all")
    assert done.status != 0
    rows = done.text.splitlines()
    assert [row.split()[:2] for row in rows[-4:-1]] == [["done", "2"], ["skipped", "0"], ["failed", "1"]]
    assert "b.md" in rows[-1]
    assert "NUL" in rows[-1]
    assert ledgers(clone) == ["raw/a.md", "raw/c.md"]
    source(clone, "b.md", "Mill B")
    again = make("ingest-all")
    assert again.status == 0
    assert [row.split()[:2] for row in again.text.splitlines()[-3:]] == [
        ["done", "1"],
        ["skipped", "2"],
        ["failed", "0"],
    ]


def test_a_source_that_breaks_the_stream_stops_no_other(make: Run, clone: Path) -> None:
    for name in ("a", "b", "c"):
        source(clone, f"{name}.md", f"Mill {name.upper()}")
    shutil.move(clone / "bin" / "link", clone / "bin" / "linkitself")
    stand_in(
        clone,
        "link",
        """cat >"$0.$$"; if grep "Mill B" "$0.$$" >/dev/null; then echo "link: no B" >&2; exit 2; fi
exec "${0}itself" - <"$0.$$"\n""",
    )
    done = make("ingest-all")
    assert done.status != 0
    assert ledgers(clone) == ["raw/a.md", "raw/c.md"]
    assert done.text.endswith("done         2\nskipped      0\nfailed       1\n  raw/b.md: link: no B\n")


def test_two_at_once_are_as_one_after_the_other(make: Run, clone: Path) -> None:
    for name in ("a", "b"):
        source(clone, f"{name}.md", f"Mill {name.upper()}")
    make("setup")
    both = [
        subprocess.Popen(["make", "ingest", f"SRC=raw/{name}.md"], cwd=clone, env=environment(), stderr=subprocess.PIPE)
        for name in ("a", "b", "a")
    ]
    for process in both:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err.decode()
    assert ledgers(clone) == ["raw/a.md", "raw/b.md"]
    said = (clone / "log.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^## \[2026-04-02\] ingest \| Mill (\w)", said, re.MULTILINE)) == ["A", "B"]
    assert "done         0\nskipped      2" in make("ingest-all").text


# A model


def test_a_model_reaches_the_programs_as_it_was_typed(make: Run, clone: Path) -> None:
    source(clone, "x.md")
    stand_in(clone, "plan", 'printf "%s" "$QUERN_MODEL" >asked; exit 2\n')
    for typed, reached in [
        ("m $HOME $(shell touch pwned) 4B.gguf",) * 2,
        ("~/m.gguf", f"{os.environ['HOME']}/m.gguf"),
        ("", ""),
    ]:
        make("ingest", SRC="raw/x.md", MODEL=typed)
        assert (clone / "asked").read_text(encoding="utf-8") == reached
    make("ingest", SRC="raw/x.md", env={"QUERN_MODEL": "from outside.gguf"})
    assert (clone / "asked").read_text(encoding="utf-8") == "from outside.gguf"
    assert not list(clone.rglob("pwned*"))


def test_doctor_is_a_table_and_a_model_is_fetched_by_its_name(make: Run, clone: Path) -> None:
    done = make("doctor")
    assert done.status == 0
    assert re.search(r"^machine +memory +[\d.]+ GB of memory", done.text, re.MULTILINE)
    done = make("doctor", MODEL="no such.gguf")
    assert done.status != 0
    assert re.search(r"^no such\.gguf +file +WRONG +\S.*no such file", done.text, re.MULTILINE)
    done = make("model", MODEL="no model")
    assert done.status != 0
    assert done.err.startswith("model: no model: one of qwen3-1.7b, ")


def test_that_no_model_is_named_is_said_once_and_at_the_end_what_one_would_bring(make: Run, clone: Path) -> None:
    schema = clone / "schema.yaml"
    schema.write_text(schema.read_text(encoding="utf-8").replace("\nengine: rules\n", ""), encoding="utf-8")
    source(clone, "x.md")
    source(clone, "y.md", "Südmühle")
    done = make("ingest", SRC="raw/x.md raw/y.md")
    assert (done.status, done.err) == (0, f"plan: {QUOTES}\n")
    assert done.text.splitlines()[-1] == RULES
    again = make("ingest", SRC="raw/x.md")
    assert (again.status, again.err) == (0, "plan: raw/x.md: in the wiki already: nothing to do\n")


def test_with_a_model_one_process_reads_all_sources(make: Run, clone: Path) -> None:
    for number in range(3):
        source(clone, f"{number}.md", f"Mill {number}")
    stand_in(clone, "each", 'cat "$1" | tr "\\n" " " >>read; echo >>read; exit 2\n')
    make("ingest-all")
    assert len((clone / "read").read_text(encoding="utf-8").splitlines()) == min(3, os.cpu_count() or 1)
    (clone / "read").unlink()
    make("ingest-all", MODEL="m.gguf")
    assert len((clone / "read").read_text(encoding="utf-8").splitlines()) == 1
    (clone / "read").unlink()
    with (clone / "schema.yaml").open("a", encoding="utf-8") as stream:
        stream.write("models: {m: {http: {url: 'http://127.0.0.1:9', model: m}}}\n")
    make("ingest-all")
    assert len((clone / "read").read_text(encoding="utf-8").splitlines()) == 1


# Other vaults


def test_a_vault_elsewhere(make: Run, clone: Path, tmp_path: Path) -> None:
    away = tmp_path / "my $notes #1"
    done = make("init", VAULT=str(away))
    assert done.status == 0, done.err
    (away / "raw" / "x y.md").write_text(TEXT.format("Nordmühle"), encoding="utf-8")
    done = make("ingest", VAULT=str(away), SRC="raw/x y.md")
    assert done.status == 0, done.err
    assert ledgers(away) == ["raw/x y.md"]
    assert make("ingest-all", VAULT=str(away)).status == 0
    assert make("lint", VAULT=str(away)).status == 0
    assert "ingest | Nordmühle" in make("log", VAULT=str(away)).text
    assert not (clone / "log.md").exists()
    assert sorted(path.name for path in away.iterdir() if not path.name.startswith(".")) == [
        "log.md", "raw", "schema.yaml", "wiki",
    ]  # fmt: skip


def test_a_tilde_is_the_home_folder(make: Run, tmp_path: Path) -> None:
    done = make("init", VAULT="~/my notes", env={"HOME": str(tmp_path)})
    assert done.status == 0
    assert (tmp_path / "my notes" / "schema.yaml").exists()


def test_the_vault_can_come_from_the_environment(make: Run, clone: Path, tmp_path: Path) -> None:
    make("init", VAULT=str(tmp_path / "v"))
    (tmp_path / "v" / "raw" / "x.md").write_text(TEXT.format("Nordmühle"), encoding="utf-8")
    assert make("ingest", SRC="raw/x.md", env={"QUERN_VAULT": str(tmp_path / "v")}).status == 0
    assert ledgers(tmp_path / "v") == ["raw/x.md"]


def test_a_vault_that_is_none(make: Run, tmp_path: Path) -> None:
    done = make("ingest", VAULT=str(tmp_path), SRC="raw/x.md")
    assert done.status != 0
    assert f"make init VAULT={tmp_path}" in done.err


def test_clean_takes_only_what_can_be_made_again(make: Run, clone: Path) -> None:
    source(clone, "x.md")
    make("ingest", SRC="raw/x.md")
    before = picture(clone)
    assert make("clean").status == 0
    assert not (clone / "build").exists()
    assert not (clone / ".cache").exists()
    assert picture(clone) == before


def test_make_lint_says_and_logs(make: Run, clone: Path) -> None:
    source(clone, "x.md")
    make("ingest", SRC="raw/x.md")
    assert make("lint").status == 0
    (clone / "wiki" / "Stray.md").write_text(
        "---\ntitle: Stray\n---\n\n# Stray\n\nSee [[Nowhere]].\n", encoding="utf-8"
    )
    done = make("lint")
    assert done.status != 0
    assert re.search(r"wiki/Stray\.md:\d+", done.text)
    logged = re.findall(
        r"^## \[2026-04-02\] lint \| (.*)", (clone / "log.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    make("lint")
    again = re.findall(r"^## \[2026-04-02\] lint \| (.*)", (clone / "log.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert again == logged
    assert logged[-1] in done.text


def test_a_look_that_breaks_off_is_not_logged(make: Run, clone: Path) -> None:
    source(clone, "x.md")
    make("ingest", SRC="raw/x.md")
    log = (clone / "log.md").read_bytes()
    stand_in(clone, "lint", "echo 'lint: broken' >&2; exit 2\n")
    done = make("lint")
    assert done.status == 2
    assert "lint: broken" in done.err
    assert (clone / "log.md").read_bytes() == log


def test_make_lint_deep_shows_and_counts_what_a_judge_finds(make: Run, tmp_path: Path) -> None:
    vault = mill.sample_vault(tmp_path / "vault")
    log = (vault / "log.md").read_text(encoding="utf-8")
    refused = make("lint", DEEP="1", VAULT=str(vault))
    assert refused.status == 2
    assert "judge: no model is named" in refused.err
    assert (vault / "log.md").read_text(encoding="utf-8") == log
    rules = (vault / "schema.yaml").read_text(encoding="utf-8")
    (vault / "schema.yaml").write_text(rules.replace("severity: {}", "severity: {gap: warning}"), encoding="utf-8")
    with scripted.server(scripted.good) as url:
        scripted.use(vault, url)
        done = make("lint", DEEP="1", CALLS="3", VAULT=str(vault))
        assert len(url.asked) == 3
    assert done.status != 0
    assert re.search(r"^warning  gap \(\d+\): ", done.text, re.MULTILINE)
    counted = re.search(r"^lint: (0 errors, [1-9]\d* warnings?)", done.text, re.MULTILINE)
    assert counted
    assert (vault / "log.md").read_text(encoding="utf-8").rstrip().endswith(f"lint | {counted[1]}")


def test_make_mend_puts_right_what_code_can_and_a_second_time_does_nothing(make: Run, clone: Path) -> None:
    source(clone, "x.md")
    make("ingest", SRC="raw/x.md")
    page = next(path for path in sorted((clone / "wiki" / "entities").glob("*.md")))
    text = page.read_text(encoding="utf-8")
    page.write_text(re.sub(r"^claims: .*", "claims: 99", text, flags=re.MULTILINE), encoding="utf-8")
    done = make("mend")
    assert (done.status, done.text.splitlines()[0]) == (0, f"updated 1 page: {page.stem}")
    assert re.search(r"^claims: ", text, re.MULTILINE)
    assert page.read_text(encoding="utf-8") == text
    before = picture(clone)
    assert make("mend").status == 0
    assert picture(clone) == before


# The environment


@pytest.fixture
def bare(clone: Path) -> Path:
    """A clone without .venv, and a Python that only writes down what it was asked for."""
    (clone / ".venv").unlink()
    fake = clone / "fake"
    fake.mkdir()
    (fake / "python3").write_text(
        f"""#!/bin/sh
here={str(fake)!r}
case "$1" in
--version) echo "Python 3.12.1" ;;
-c) exit ${{TOO_OLD:-0}} ;;
-m) echo "$*" >> "$here/asked"
    if [ "$2" = venv ]; then mkdir -p .venv/bin; cp "$0" .venv/bin/python; fi
    case "$*" in *--only-binary*) exit 1 ;; esac ;;
*) echo "$*" >> "$here/asked" ;;
esac
"""
    )
    (fake / "python3").chmod(0o755)
    for name in ("python3.14", "python3.13", "python3.12", "python3.11"):
        shutil.copy(fake / "python3", fake / name)
    return clone


def with_path(*folders: Path) -> str:
    return os.pathsep.join([*map(str, folders), "/usr/bin", "/bin"])


def asked(clone: Path) -> str:
    path = clone / "fake" / "asked"
    return path.read_text() if path.exists() else ""


def test_setup_makes_the_environment_once(make: Run, bare: Path) -> None:
    env = {"PATH": with_path(bare / "fake")}
    assert make("setup", env=env).status == 0
    first = asked(bare)
    assert "-m venv --clear .venv" in first
    assert first.count("pip install") == 1
    assert "llama" not in first
    assert make("setup", env=env).status == 0
    assert asked(bare) == first
    os.utime(bare / "setup.cfg")
    os.utime(bare / ".venv" / "ready", (1, 1))
    assert make("setup", env=env).status == 0
    assert asked(bare).count("pip install") == 2
    assert asked(bare).count("-m venv") == 1


def test_setup_with_llama_builds_it_with_a_compiler_only(make: Run, bare: Path) -> None:
    tools = bare / "tools"
    tools.mkdir()
    env = {"PATH": with_path(bare / "fake", tools)}
    stub = tools / "c++"
    (bare / "fake" / "c++").write_text("#!/bin/sh\nexit 1\n")
    (bare / "fake" / "c++").chmod(0o755)
    done = make("setup", LLAMA="1", env=env)
    assert done.status != 0
    assert "no C++ compiler" in done.err
    (bare / "fake" / "c++").unlink()
    stub.write_text("#!/bin/sh\ncat >/dev/null\n")
    stub.chmod(0o755)
    done = make("setup", LLAMA="1", env=env)
    assert done.status == 0, done.err
    assert asked(bare).splitlines()[-1].endswith("--editable .[llama]")


def test_an_old_python_is_said_in_one_line(make: Run, bare: Path) -> None:
    done = make("ingest", SRC="raw/x.md", env={"PATH": with_path(bare / "fake"), "TOO_OLD": "1"})
    assert done.status != 0
    assert "quern needs Python 3.11 or newer" in done.err.splitlines()[0]
    assert not (bare / ".venv").exists()


def test_a_program_without_an_environment_names_make_setup(bare: Path, tmp_path: Path) -> None:
    done = subprocess.run([bare / "bin" / "plan", "--help"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == f"plan: not set up yet: run 'make setup' in {bare.resolve()}\n"


def test_make_test_without_a_compiler_is_not_green(make: Run, bare: Path) -> None:
    (bare / "fake" / "c++").write_text("#!/bin/sh\nexit 1\n")
    (bare / "fake" / "c++").chmod(0o755)
    venv = bare / ".venv" / "bin"
    venv.mkdir(parents=True)
    for name in ("python", "ruff", "mypy", "coverage"):
        (venv / name).write_text(f'#!/bin/sh\necho "{name} $*"\ncase "$*" in *only-binary*) exit 1 ;; esac\n')
        (venv / name).chmod(0o755)
    done = make("test", env={"PATH": with_path(bare / "fake")})
    assert done.status != 0
    assert re.search(r"^coverage run -m pytest --quiet .*-m not llama$", done.text, re.MULTILINE)
    assert "coverage report" in done.text
    assert "not green" in done.err
    (venv.parent / "llama").touch()
    done = make("test", env={"PATH": with_path(bare / "fake")})
    assert done.status == 0, done.err
    assert "not llama" not in done.text


def test_ci_runs_make_test_and_nothing_else(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "make").write_text('#!/bin/sh\necho "make $*"; pwd -P\n')
    (tmp_path / "make").chmod(0o755)
    done = start([clone / ".ci" / "run"], PATH=with_path(tmp_path))
    assert done.text == f"make test\n{clone.resolve()}\n"
    for workflow in (ROOT / ".github" / "workflows").glob("*.yml"):
        assert ".ci/run" in workflow.read_text(encoding="utf-8")


def test_this_is_the_python_of_the_clone() -> None:
    assert Path(sys.prefix) == ROOT / ".venv", "run the tests by make test"
