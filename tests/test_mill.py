"""The whole mill, as real processes in a vault: what it promises to people."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import mill
import pytest
import sample
from processes import MEASURED

DATE, NEXT = sample.NEXT
LATER = "2026-06-01"
CRASH = Path(__file__).with_name("crash")


# ── The mill turns ──


def test_every_stage_by_file_gives_what_the_pipe_gives(vault, grown, tmp_path):
    file = NEXT
    for number, program in enumerate(("segment", *mill.THINKING, *mill.WRITING)):
        done = mill.run(program, file, vault=vault, date=DATE, **MEASURED)
        assert (done.returncode, done.stderr) == (0, b""), program
        file = str(tmp_path / f"{number}.jsonl")
        Path(file).write_bytes(done.stdout)
    assert mill.differences(mill.picture(vault), mill.picture(grown)) == []


def test_extract_segments_a_raw_source_itself(vault):
    piped = mill.shell(f'"{mill.BIN / "segment"}" {NEXT} | ' + mill.stages(["extract"]), vault)
    assert mill.run("extract", NEXT, vault=vault).stdout == piped.stdout != b""


def test_a_fresh_ingest_is_free_of_errors_and_warnings_but_for_what_sources_dispute(grown):
    done = mill.run("lint", vault=grown)
    assert {json.loads(line)["code"] for line in done.stdout.splitlines()} == {"contradiction"}


def test_all_stages_pass_on_what_they_do_not_know(vault):
    strange = {"kind": "weather", "tide": "ebb", "n": [1, {"x": None}]}
    stream = mill.run("segment", NEXT, vault=vault).stdout.splitlines(keepends=True)
    stream.insert(1, json.dumps(strange).encode() + b"\n")
    done = mill.shell(mill.stages((*mill.THINKING, *mill.WRITING)), vault, stdin=b"".join(stream), date=DATE)
    assert done.returncode == 0, done.stderr.decode()
    assert strange in [json.loads(line) for line in done.stdout.splitlines()]


def test_unknown_keys_of_a_source_pass_on(vault):
    stream = mill.run("segment", NEXT, vault=vault).stdout
    stream = stream.replace(b'{"kind":"source"', b'{"kind":"source","mood":"calm"', 1)
    done = mill.shell(mill.stages((*mill.THINKING, *mill.WRITING)), vault, stdin=stream, date=DATE)
    sources = [json.loads(line) for line in done.stdout.splitlines() if b'"kind":"source"' in line]
    assert [source["mood"] for source in sources] == ["calm"]


def test_a_vault_elsewhere_is_named_by_option_or_environment(vault, tmp_path):
    for arguments, settings in ((["--vault", str(vault)], {}), ([], {"QUERN_VAULT": str(vault)})):
        done = mill.run("index", *arguments, vault=tmp_path, **settings)
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


def test_a_batch_gives_the_bytes_of_one_source_after_the_other(tmp_path):
    one, all_at_once = (mill.empty_vault(tmp_path / name, sorted((mill.ROOT / "raw").iterdir())) for name in "ab")
    for _, source in sample.STANDING:
        mill.ingest(one, source, DATE)
    read = (f'"{mill.BIN / "segment"}" "{source}" | "{mill.BIN / "extract"}" -; ' for _, source in sample.STANDING)
    command = f"{{ {''.join(read)} }} | " + mill.stages((*mill.THINKING[1:], *mill.WRITING))
    done = mill.shell(command, all_at_once, date=DATE)
    assert (done.returncode, done.stderr) == (0, b"")
    assert mill.differences(mill.picture(one), mill.picture(all_at_once)) == []


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
def test_a_kill_at_any_point_and_another_run_give_the_same_bytes(program, points, grown, records, tmp_path):
    total = steps(mill.sample_vault(tmp_path / "count" / "vault"), records, program)
    assert total >= 2
    for point in sorted({1 + round(n * (total - 1) / (points - 1)) for n in range(points)}):
        vault = mill.sample_vault(tmp_path / str(point) / "vault")
        assert crash(vault, records, program, QUERN_CRASH_AT=str(point)).returncode != 0
        # As make does: first whoever was killed is finished, then what is left to do is done.
        assert mill.run("merge", vault=vault, date=LATER).returncode == 0
        mill.ingest(vault, NEXT, DATE)
        found = mill.differences(mill.picture(vault), mill.picture(grown))
        assert found == [], f"{program} killed at step {point} of {total}"
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
    lead = re.search(r"^Mine: .*$", edited["before"], re.MULTILINE)
    assert lead
    assert f"\n\n{lead[0]}\n\n" in edited["after"]


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
