"""Snapshots on the disk: what is loaded is what was saved, or nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from processes import environment

from quern.models import prefixes
from quern.models.prefixes import Prefixes

CAP = 10_000


@pytest.fixture
def kept(tmp_path: Path) -> Prefixes:
    return Prefixes(str(tmp_path / "prefix"), CAP)


def files(kept: Prefixes) -> list[str]:
    return sorted(os.listdir(kept.folder)) if os.path.isdir(kept.folder) else []


def test_what_is_saved_is_loaded_by_whoever_comes_next(kept: Prefixes) -> None:
    kept.save("a", b"state")
    assert Prefixes(kept.folder, CAP).load("a") == b"state"
    assert kept.load("b") is None


@pytest.mark.parametrize("data", [b"", b"quern", b"\0" * 500])
def test_a_file_that_is_something_else_is_removed(kept: Prefixes, data: bytes) -> None:
    kept.save("a", b"state")
    Path(kept.folder, "a").write_bytes(data)
    assert kept.load("a") is None
    assert files(kept) == []


@pytest.mark.parametrize("at", [0, 20, 60, -1])
def test_one_wrong_byte_is_seen(kept: Prefixes, at: int) -> None:
    kept.save("a", b"state" * 20)
    path = Path(kept.folder, "a")
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    assert kept.load("a") is None


def test_a_torn_file_is_seen(kept: Prefixes) -> None:
    kept.save("a", b"state" * 20)
    path = Path(kept.folder, "a")
    path.write_bytes(path.read_bytes()[:-3])
    assert kept.load("a") is None


def test_the_snapshot_of_another_prefix_is_no_snapshot_of_this_one(kept: Prefixes) -> None:
    kept.save("a", b"state")
    os.rename(os.path.join(kept.folder, "a"), os.path.join(kept.folder, "b"))
    assert kept.load("b") is None


def test_what_was_used_longest_ago_goes_first(kept: Prefixes) -> None:
    for name, age in (("a", 300), ("b", 200), ("c", 100)):
        kept.save(name, bytes(3000))
        os.utime(os.path.join(kept.folder, name), (time.time() - age,) * 2)
    assert kept.load("a") == bytes(3000)
    kept.save("d", bytes(3000))
    assert files(kept) == ["a", "c", "d"]


def test_what_is_larger_than_all_there_is_room_for_is_not_kept(kept: Prefixes) -> None:
    kept.save("a", b"state")
    kept.save("b", bytes(CAP))
    assert files(kept) == ["a"]


def test_without_room_nothing_is_written_or_read(tmp_path: Path, kept: Prefixes) -> None:
    Prefixes(str(tmp_path / "prefix"), 0).save("a", b"state")
    assert os.listdir(tmp_path) == []
    kept.save("a", b"state")
    assert Prefixes(kept.folder, 0).load("a") is None


def test_a_folder_that_cannot_be_made_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "prefix").write_text("a file")
    kept = Prefixes(str(tmp_path / "prefix"), CAP)
    kept.save("a", b"state")
    assert kept.load("a") is None


def test_a_file_left_by_a_process_that_was_killed_is_swept_and_one_being_written_is_not(kept: Prefixes) -> None:
    kept.save("a", b"state")
    for name, age in (("old.1.tmp", 7200), ("new.2.tmp", 1)):
        Path(kept.folder, name).write_bytes(b"half")
        os.utime(os.path.join(kept.folder, name), (time.time() - age,) * 2)
    kept.save("b", b"state")
    assert files(kept) == ["a", "b", "new.2.tmp"]


def test_two_processes_write_and_read_at_once(kept: Prefixes) -> None:
    work = (
        "import sys; from quern.models.prefixes import Prefixes\n"
        "kept = Prefixes(sys.argv[1], 10_000)\n"
        "for turn in range(300):\n"
        "    name = str(turn % 7)\n"
        "    kept.save(name, name.encode() * 2000)\n"
        "    assert kept.load(str((turn + 3) % 7)) in (None, str((turn + 3) % 7).encode() * 2000)\n"
    )
    started = [subprocess.Popen([sys.executable, "-c", work, kept.folder], env=environment()) for _ in range(2)]
    assert [process.wait(timeout=60) for process in started] == [0, 0]
    assert sum(os.path.getsize(os.path.join(kept.folder, name)) for name in files(kept)) <= CAP
    assert not [name for name in files(kept) if name.endswith(".tmp")]


def test_a_key_depends_on_all_that_the_snapshot_does() -> None:
    keys = [
        prefixes.key(["model", "0.3"], [1, 2, 3]),
        prefixes.key(["model", "0.4"], [1, 2, 3]),
        prefixes.key(["other", "0.3"], [1, 2, 3]),
        prefixes.key(["model", "0.3"], [1, 2]),
        prefixes.key(["model", "0.3"], [12, 3]),
        prefixes.key(["model"], [1, 2, 3]),
    ]
    assert len(set(keys)) == len(keys)
    assert prefixes.key(["model", "0.3"], [1, 2, 3]) == keys[0]


def test_a_file_is_told_by_its_content_and_not_by_its_name_or_age(tmp_path: Path) -> None:
    for name, data in (("a", b"model"), ("b", b"model"), ("c", b"modem")):
        (tmp_path / name).write_bytes(data)
    os.utime(tmp_path / "b", (0, 0))
    a, b, c = (prefixes.fingerprint(str(tmp_path / name)) for name in "abc")
    assert a == b != c


def test_of_a_large_file_pieces_all_over_it_count(tmp_path: Path) -> None:
    found = set()
    for name, at in (("none", 0), ("head", 1), ("middle", 70 << 20), ("tail", (140 << 20) - 1)):
        with open(tmp_path / name, "wb") as stream:
            stream.truncate(140 << 20)
            # Sixty-four pieces of a quarter of a megabyte: one begins at every seventieth of the file or so.
            stream.seek(at if at != 70 << 20 else ((140 << 20) - (1 << 18)) * 32 // 63)
            stream.write(b"\1" if at else b"\0")
        found.add(prefixes.fingerprint(str(tmp_path / name)))
    assert len(found) == 4
