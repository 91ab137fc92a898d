"""The whole mill, as real processes in a vault: what it promises to people, and how it fails."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import mill
import pytest
import sample

DATE, NEXT = sample.NEXT
LATER = "2026-06-01"
CRASH = Path(__file__).with_name("crash")


@pytest.fixture
def vault(tmp_path):
    """The sample as it stands in the repository, to be milled further."""
    return mill.sample_vault(tmp_path / "vault")


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    """What the thinking programs make of the next source: the input of merge."""
    return mill.thought(mill.sample_vault(tmp_path_factory.mktemp("records") / "vault"), NEXT, DATE)


@pytest.fixture(scope="module")
def grown(tmp_path_factory, records):
    """The sample after the next source, by a run that nothing disturbed."""
    vault = mill.sample_vault(tmp_path_factory.mktemp("grown") / "vault")
    done = mill.write(vault, records, DATE)
    assert done.returncode == 0, done.stderr.decode()
    return vault


@pytest.fixture(scope="module")
def touched(grown):
    """The standing pages that the next source changes, the richest first."""
    before = mill.picture(mill.ROOT)
    paths = [path.relative_to(grown).as_posix() for path in mill.topic_pages(grown)]
    changed = [path for path in paths if path in before and before[path] != (grown / path).read_bytes()]
    return sorted(changed, key=lambda path: (-len(mill.bullets(before[path].decode())), path))


# ── The mill turns ──


def test_every_stage_by_file_gives_what_the_pipe_gives(vault, grown, tmp_path):
    file = NEXT
    for number, program in enumerate(("segment", *mill.THINKING, *mill.WRITING)):
        done = mill.run(program, file, vault=vault, date=DATE)
        assert (done.returncode, done.stderr) == (0, b""), program
        file = str(tmp_path / f"{number}.jsonl")
        Path(file).write_bytes(done.stdout)
    assert mill.differences(mill.picture(vault), mill.picture(grown)) == []


def test_extract_segments_a_raw_source_itself(vault):
    piped = mill.shell('"$SEGMENT" "$SOURCE" | ' + mill.stages(["extract"]), vault, SEGMENT=str(mill.BIN / "segment"), SOURCE=NEXT)
    assert mill.run("extract", NEXT, vault=vault).stdout == piped.stdout != b""


def test_a_fresh_ingest_is_free_of_errors_and_warnings(grown):
    done = mill.run("lint", vault=grown)
    assert (done.returncode, done.stdout) == (0, b"")


def test_all_stages_pass_on_what_they_do_not_know(vault):
    strange = {"kind": "weather", "tide": "ebb", "n": [1, {"x": None}]}
    stream = mill.run("segment", NEXT, vault=vault).stdout.splitlines(keepends=True)
    stream.insert(1, json.dumps(strange).encode() + b"\n")
    done = mill.shell(mill.stages((*mill.THINKING, *mill.WRITING)), vault, stdin=b"".join(stream), date=DATE)
    assert done.returncode == 0, done.stderr.decode()
    assert strange in [json.loads(line) for line in done.stdout.splitlines()]


def test_unknown_keys_of_a_source_pass_on(vault):
    stream = mill.run("segment", NEXT, vault=vault).stdout.replace(b'{"kind":"source"', b'{"kind":"source","mood":"calm"', 1)
    done = mill.shell(mill.stages((*mill.THINKING, *mill.WRITING)), vault, stdin=stream, date=DATE)
    sources = [json.loads(line) for line in done.stdout.splitlines() if b'"kind":"source"' in line]
    assert [source["mood"] for source in sources] == ["calm"]


def test_a_vault_elsewhere_is_named_by_option_or_environment(vault, tmp_path):
    for arguments, settings in ((["--vault", str(vault)], {}), ([], {"QUERN_VAULT": str(vault)})):
        done = mill.run("lint", *arguments, vault=tmp_path, **settings)
        assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("program", ["segment", *mill.THINKING, *mill.WRITING])
def test_is_quiet_when_its_reader_has_gone(program, vault, records):
    given = f'"{NEXT}"' if program in ("segment", "extract") else "-"
    done = mill.shell(f'set +o pipefail; "{mill.BIN / program}" {given} | true', vault, stdin=records, date=DATE)
    assert done.stderr == b""


# ── Same input, same bytes ──


def test_a_second_ingest_changes_no_byte(grown, tmp_path):
    vault = shutil.copytree(grown, tmp_path / "vault")
    before = mill.picture(vault)
    mill.ingest(vault, NEXT, LATER)
    assert mill.differences(before, mill.picture(vault)) == []


def test_an_older_source_read_again_changes_no_byte(vault):
    before = mill.picture(vault)
    mill.ingest(vault, sample.STANDING[0][1], LATER)
    assert mill.differences(before, mill.picture(vault)) == []


def test_the_bytes_do_not_depend_on_hash_seed_or_catalogue(vault, grown):
    shutil.rmtree(vault / ".cache", ignore_errors=True)
    thought = mill.shell(f'"{mill.BIN / "segment"}" {NEXT} | ' + mill.stages(mill.THINKING), vault, PYTHONHASHSEED="7")
    shutil.rmtree(vault / ".cache", ignore_errors=True)
    assert mill.write(vault, thought.stdout, DATE).returncode == 0
    assert mill.differences(mill.picture(vault), mill.picture(grown)) == []


def test_raw_sources_are_never_written(vault, grown):
    raw = {path: data for path, data in mill.picture(vault).items() if path.startswith("raw/")}
    assert {path: data for path, data in mill.picture(grown).items() if path.startswith("raw/")} == raw


# ── Nothing half-done looks done ──


def steps(vault: Path, records: bytes, program: str) -> int:
    """How many steps towards the disk a program takes in an undisturbed run."""
    count = vault.parent / f"{program}.count"
    done = crash(vault, records, program, QUERN_CRASH_COUNT=str(count))
    assert done.returncode == 0, done.stderr.decode()
    return int(count.read_text())


def crash(vault: Path, records: bytes, program: str, **settings: str) -> subprocess.CompletedProcess[bytes]:
    """Run the writing programs, one of them watched."""
    path = os.pathsep.join(filter(None, (str(CRASH), os.environ.get("PYTHONPATH"))))
    command = mill.stages(mill.WRITING)
    return mill.shell(command, vault, stdin=records, date=DATE, PYTHONPATH=path, QUERN_CRASH_IN=program, **settings)


@pytest.mark.parametrize(("program", "points"), [("merge", 8), ("logappend", 6)])
def test_a_kill_at_any_point_and_another_run_give_the_bytes_of_an_undisturbed_one(program, points, grown, records, tmp_path):
    total = steps(mill.sample_vault(tmp_path / "count" / "vault"), records, program)
    assert total >= 2
    for point in sorted({1 + round(n * (total - 1) / (points - 1)) for n in range(points)}):
        vault = mill.sample_vault(tmp_path / str(point) / "vault")
        assert crash(vault, records, program, QUERN_CRASH_AT=str(point)).returncode != 0
        # As make does: first whoever was killed is finished, then what is left to do is done.
        assert mill.run("merge", vault=vault, date=LATER).returncode == 0
        mill.ingest(vault, NEXT, DATE)
        assert mill.differences(mill.picture(vault), mill.picture(grown)) == [], f"{program} killed at step {point} of {total}"
        assert not (vault / ".quern" / "pending.jsonl").exists()


# ── No human edit is lost ──


@pytest.fixture(scope="module")
def edited(tmp_path_factory, records, touched):
    """A page that a person worked on in many ways, before and after the next source came."""
    vault = mill.sample_vault(tmp_path_factory.mktemp("edited") / "vault")
    page = vault / touched[0]
    text = page.read_text()
    first, second, *_ = [line for line in mill.bullets(text) if line.endswith("]") and "[^" in line]
    text = text.replace("---\n", "---\nmood: 12:30   # as it was\n# a remark of mine\n", 1)
    text = text.replace(first, first.replace("[^", " (I doubt it.)[^", 1), 1)
    text = text.replace(second + "\n", "", 1)
    text = text.replace("\n## Facts\n", "\n<!-- keep\n     this -->\n\n## Facts\n", 1)
    text = text.replace("\n[^", "\n## My own thoughts\n\n* one\n\t* two  \n\n> [!note] three\n\n[^", 1)
    text = re.sub(r"(\n# .*\n\n)(.*)", r"\1Mine: \2", text, count=1)
    page.write_text(text)
    done = mill.write(vault, records, DATE)
    assert done.returncode == 0, done.stderr.decode()
    return {"before": text, "after": page.read_text(), "first": first, "second": second, "vault": vault, "page": page}


def test_unknown_front_matter_and_comments_stay(edited):
    assert "---\nmood: 12:30   # as it was\n# a remark of mine\n" in edited["after"]
    assert "\n<!-- keep\n     this -->\n" in edited["after"]


def test_unknown_sections_stay(edited):
    assert "\n## My own thoughts\n\n* one\n\t* two  \n\n> [!note] three\n\n" in edited["after"]


def test_an_edited_bullet_stays(edited):
    assert edited["first"].split("[^")[0] + " (I doubt it.)" in edited["after"]
    assert edited["first"] not in edited["after"].split("\n")


def test_an_edited_lead_stays(edited):
    lead = edited["before"].split("\n# ", 1)[1].split("\n\n")[1]
    assert lead.startswith("Mine: ")
    assert lead in edited["after"]


def test_a_deleted_bullet_does_not_come_back(edited):
    assert edited["second"] not in edited["after"]
    before = mill.picture(edited["vault"])
    for _, source in sample.STANDING:
        mill.ingest(edited["vault"], source, LATER)
    assert mill.differences(before, mill.picture(edited["vault"])) == []


def test_an_edited_page_still_gets_the_new_claims(edited, grown, touched):
    old = mill.claims((mill.ROOT / touched[0]).read_text())
    new = mill.claims((grown / touched[0]).read_text()) - old
    assert new
    assert new <= mill.claims(edited["after"])


def test_a_deleted_page_does_not_come_back(vault, touched):
    for path in touched[:2]:
        (vault / path).unlink()
    mill.ingest(vault, NEXT, DATE)
    for _, source in sample.STANDING:
        mill.ingest(vault, source, LATER)
    assert [path for path in touched[:2] if (vault / path).exists()] == []


def test_values_that_yaml_would_change_stay_strings(vault, records, touched):
    page = vault / touched[0]
    odd = "draft: No\nversion: 1.10\nagent: 007\nat: 12:30\nday: 2026-01-01\n"
    page.write_text(page.read_text().replace("---\n", "---\n" + odd, 1))
    assert mill.write(vault, records, DATE).returncode == 0
    assert page.read_text().startswith("---\n" + odd)


# ── Bad input: one line, exit 2, nothing changed ──


def refuses(done: subprocess.CompletedProcess[bytes], program: str, *words: str) -> None:
    """Hold a run to what a failure looks like."""
    said = done.stderr.decode()
    assert done.returncode == 2, said
    assert re.fullmatch(rf"{program}: [^\n]+\n", said), said
    assert [word for word in words if word not in said] == [], said


def unreadable(path: Path) -> None:
    # Root may read anything, but nobody can follow a link to itself.
    if os.geteuid() == 0:
        path.symlink_to(path.name)
    else:
        path.write_text("a")
        path.chmod(0)


SOURCES = {
    "missing.md": lambda path: None,
    "folder.md": Path.mkdir,
    "unreadable.md": unreadable,
    "binary.md": lambda path: path.write_bytes(bytes(range(256)) * 20),
    "nul.md": lambda path: path.write_bytes(b"La Rance is a barrage.\0\n"),
    "surrogate.md": lambda path: path.write_bytes("\ufeffLa Rance".encode("utf-16-le") + b"\x00\xd8 \x00"),
}


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("program", ["segment", "extract"])
def test_refuses_a_source_that_is_no_text(program, name, vault):
    SOURCES[name](vault / "raw" / name)
    before = tree(vault)
    refuses(mill.run(program, f"raw/{name}", vault=vault), program, name)
    assert tree(vault) == before


@pytest.mark.parametrize("program", [*mill.THINKING, *mill.WRITING])
@pytest.mark.parametrize("line", ['{"kind": "x"', '{"kind": "x", "a": "\\ud800"}', "[1]", '{"a": 1}', "NaN"])
def test_names_the_line_that_is_no_record(program, line, vault):
    before = mill.picture(vault)
    done = mill.run(program, "-", vault=vault, stdin=b'{"kind":"weather"}\n\n' + line.encode() + b"\n")
    refuses(done, program, "<stdin>:3: ")
    assert mill.differences(before, mill.picture(vault)) == []


@pytest.mark.parametrize(
    ("program", "kind", "key"),
    [("extract", "passage", "sentences"), ("link", "claim", "text"), ("summarize", "claim", "text")]
    + [("merge", "page", "title"), ("merge", "claim", "quote"), ("lint", "change", "path"), ("logappend", "change", "path")],
)
def test_names_the_key_that_a_record_lacks(program, kind, key, vault, records):
    stream = b"".join(stage(vault, records, program)).splitlines(keepends=True)
    number = next(n for n, line in enumerate(stream) if json.loads(line)["kind"] == kind)
    record = json.loads(stream[number])
    del record[key]
    stream[number] = json.dumps(record).encode() + b"\n"
    before = mill.picture(vault)
    refuses(mill.run(program, "-", vault=vault, stdin=b"".join(stream)), program, f"<stdin>:{number + 1}: ", kind, key)
    assert mill.differences(before, mill.picture(vault)) == []


def stage(vault: Path, records: bytes, program: str) -> list[bytes]:
    """The input of a program, as the ones before it make it without writing anything."""
    if program == "merge":
        return [records]
    if program in ("lint", "logappend"):
        return [mill.run("merge", "--dry-run", "-", vault=vault, stdin=records, date=DATE).stdout]
    first = mill.run("segment", NEXT, vault=vault).stdout
    rest = mill.THINKING[: mill.THINKING.index(program)]
    return [mill.shell(mill.stages(rest), vault, stdin=first).stdout if rest else first]


@pytest.mark.parametrize("program", ["segment", *mill.THINKING, *mill.WRITING])
def test_refuses_a_vault_without_schema(program, tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.md").write_text("La Rance is a barrage.\n")
    given = ["raw/a.md"] if program in ("segment", "extract") else ["-"]
    refuses(mill.run(program, *given, vault=tmp_path), program, "schema.yaml")


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("version: 1\npages:\n  min_sorces: 2\n", ["schema.yaml", "min_sorces"]),
        ("version: 1\npages:\n  shown: many\n", ["schema.yaml", "pages.shown"]),
        ("version: 9\n", ["schema.yaml", "version"]),
        ("version: 1\nengine: oracle\n", ["schema.yaml", "engine"]),
        ("version: [1\n", ["schema.yaml:2"]),
        ("- a list\n", ["schema.yaml"]),
    ],
)
@pytest.mark.parametrize("program", ["segment", "link", "merge", "lint"])
def test_names_what_is_wrong_with_a_schema(program, schema, words, vault):
    (vault / "schema.yaml").write_text(schema)
    before = mill.picture(vault)
    given = {"segment": [NEXT], "lint": []}.get(program, ["-"])
    refuses(mill.run(program, *given, vault=vault), program, *words)
    assert mill.differences(before, mill.picture(vault)) == []


def test_does_not_touch_a_page_with_broken_front_matter(vault, records, touched):
    page = vault / touched[0]
    page.write_text(page.read_text().replace("---\n", "---\nmine: [a, b\n", 1))
    before = mill.picture(vault)
    refuses(mill.run("merge", "-", vault=vault, stdin=records, date=DATE), "merge", touched[0])
    assert mill.differences(before, mill.picture(vault)) == []


def test_does_not_touch_a_page_with_conflict_marks(vault, records, touched):
    page = vault / touched[0]
    page.write_text(page.read_text() + "\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n")
    before = mill.picture(vault)
    refuses(mill.run("merge", "-", vault=vault, stdin=records, date=DATE), "merge", touched[0])
    assert mill.differences(before, mill.picture(vault)) == []


def in_its_own_mounts(command: str) -> list[str]:
    """A shell command with mounts of its own; the test is skipped where that is not allowed."""
    if sys.platform != "linux" or subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount")
    return ["unshare", "-m", "bash", "-c", command]


def test_says_so_when_the_wiki_is_read_only(vault, records):
    command = 'mount --bind wiki wiki && mount -o remount,ro,bind wiki && exec "$0" -'
    before = mill.picture(vault)
    done = subprocess.run(
        [*in_its_own_mounts(command), mill.BIN / "merge"],
        input=records, capture_output=True, cwd=vault, env=mill.environment(DATE), check=False,
    )  # fmt: skip
    refuses(done, "merge", "wiki")
    assert mill.differences(before, mill.picture(vault)) == []
    assert not (vault / ".quern" / "pending.jsonl").exists()


@pytest.mark.parametrize("blocks", [1, 8, 64])
def test_a_full_disk_changes_nothing(blocks, vault, records, grown):
    # A file that may not grow is how a full disk looks to a program, and needs no rights.
    before = mill.picture(vault)
    mill.run("lint", vault=vault)
    done = mill.shell(f'ulimit -f {blocks}; exec "{mill.BIN / "merge"}" -', vault, stdin=records, date=DATE)
    refuses(done, "merge")
    assert mill.differences(before, mill.picture(vault)) == []
    assert mill.write(vault, records, DATE).returncode == 0
    assert mill.differences(mill.picture(vault), mill.picture(grown)) == []


def test_a_disk_that_fills_while_it_writes_changes_nothing(vault, records, grown):
    command = 'mkdir -p .quern && mount -t tmpfs -o size=24k tmpfs .quern && exec "$0" -'
    before = mill.picture(vault)
    done = subprocess.run(
        [*in_its_own_mounts(command), mill.BIN / "merge"],
        input=records, capture_output=True, cwd=vault, env=mill.environment(DATE), check=False,
    )  # fmt: skip
    refuses(done, "merge", "space")
    assert mill.differences(before, mill.picture(vault)) == []
    assert mill.write(vault, records, DATE).returncode == 0
    assert mill.differences(mill.picture(vault), mill.picture(grown)) == []


def test_reads_ten_megabytes_and_long_lines(vault):
    sentence = "The Rance tidal power station generates 500 GWh a year. "
    text = "# Long\n\n" + sentence * (1_000_000 // len(sentence)) + "\n\n" + (sentence + "\n\n") * 20
    (vault / "raw" / "long.md").write_text(text)
    done = mill.run("segment", "raw/long.md", vault=vault)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.count(b"500 GWh") == text.count("500 GWh") * 2


def tree(vault: Path) -> list[str]:
    """Every path of a vault with its size: what a refusal must leave as it was."""
    paths = [path for name in ("raw", "wiki") for path in (vault / name).rglob("*")]
    return sorted(f"{path.relative_to(vault)} {path.lstat().st_size}" for path in paths)


# ── The README ──


@pytest.fixture
def clone(tmp_path):
    """A clone as a newcomer has it, except that its environment is there already."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=mill.ROOT, capture_output=True, check=True,
    ).stdout.decode()  # fmt: skip
    clone = tmp_path / "quern"
    for name in filter(None, listed.split("\0")):
        if (mill.ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(mill.ROOT / name, clone / name)
    environment = clone / ".venv"
    environment.mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (environment / name).symlink_to(Path(sys.prefix) / name)
    (environment / "ready").touch()
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "a"]):
        subprocess.run(["git", *command], cwd=clone, check=True, capture_output=True)
    return clone


def test_every_command_of_the_readme_does_what_it_says(clone, tmp_path):
    commands = list(mill.console((mill.ROOT / "README.md").read_text()))
    assert len(commands) > 10
    script = "".join(f"printf '\\036%s\\n' {number}\n{command}\n" for number, (command, _) in enumerate(commands))
    home = tmp_path / "home"
    home.mkdir()
    settings = mill.environment(HOME=str(home)) | {"GIT_PAGER": "cat"}
    del settings["QUERN_DATE"]
    done = subprocess.run(
        ["bash", "-c", "set -eo pipefail\n" + script],
        cwd=clone, env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=False,
    )  # fmt: skip
    outputs = done.stdout.decode().split("\036")[1:]
    last = commands[len(outputs) - 1][0]
    assert done.returncode == 0, f"{last}\n{outputs[-1]}"
    for (command, shown), output in zip(commands, outputs, strict=True):
        assert mill.shown_in(shown, output.split("\n", 1)[1]), f"{command}\n{output}"
