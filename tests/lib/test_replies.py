"""The cache of replies on disk: whole or not at all, shared, and of a bounded size."""

from __future__ import annotations

import multiprocessing
import os

import pytest

from quern.models.replies import BLOCK, Replies

KEYS = [f"{number:02x}" * 32 for number in range(200)]


@pytest.fixture
def replies(tmp_path):
    return Replies(tmp_path / "replies", 50 * BLOCK)


def files(replies):
    return sorted(path for path in replies.folder.rglob("*") if path.is_file())


def aged(replies, key, seconds):
    """Let a reply have been used last so long ago."""
    path = next(path for path in files(replies) if path.stem == key)
    stat = path.stat()
    os.utime(path, (stat.st_atime - seconds, stat.st_mtime - seconds))


def test_what_was_kept_is_found_by_its_key(replies):
    replies.put(KEYS[0], '{"a": "é"}', meant=True)
    assert replies.get(KEYS[0])["text"] == '{"a": "é"}'
    assert replies.get(KEYS[0])["meant"] is True
    assert replies.get(KEYS[1]) is None


@pytest.mark.parametrize("spoil", [lambda _: b"", lambda data: data[:-9], lambda data: data.replace(b"750", b"700")])
def test_a_file_that_is_not_whole_is_no_reply(replies, spoil):
    replies.put(KEYS[0], "750 metres")
    (path,) = files(replies)
    path.write_bytes(spoil(path.read_bytes()))
    assert replies.get(KEYS[0]) is None


def test_a_file_of_another_key_is_no_reply(replies):
    replies.put(KEYS[0], "750 metres")
    (path,) = files(replies)
    (replies.folder / "01").mkdir()
    path.rename(replies.folder / "01" / f"{KEYS[1]}.json")
    assert replies.get(KEYS[1]) is None


def test_what_was_used_least_of_late_goes_first(replies):
    for number in range(50):
        replies.put(KEYS[number], "text")
        aged(replies, KEYS[number], 1000 - number)
    assert replies.get(KEYS[0])  # used now
    replies.put(KEYS[50], "text")
    assert len(files(replies)) <= 50
    assert replies.get(KEYS[0])
    assert replies.get(KEYS[50])
    assert replies.get(KEYS[1]) is None


def test_what_others_wrote_counts_too(replies):
    other = Replies(replies.folder, replies.cap)
    for number in range(40):
        replies.put(KEYS[number], "text")
    for number in range(40, 80):
        other.put(KEYS[number], "text")
    assert len(files(replies)) <= 50


def test_what_a_killed_process_left_goes(replies):
    replies.put(KEYS[0], "text")
    (replies.folder / "00" / ".abc.tmp").write_bytes(b"half")
    os.utime(replies.folder / "00" / ".abc.tmp", (0, 0))
    Replies(replies.folder, replies.cap).put(KEYS[1], "text")
    assert [path.name for path in files(replies) if path.suffix == ".tmp"] == []


def test_several_processes_write_and_clear_at_once(tmp_path):
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        failed = pool.map(_busy, [str(tmp_path / "replies")] * 2)
    assert failed == [0, 0]


def _busy(folder):
    """Write many replies, reading each again; how many were found with another text."""
    from pathlib import Path

    replies = Replies(Path(folder), 20 * BLOCK)
    wrong = 0
    for key in KEYS * 2:
        replies.put(key, f"text of {key}")
        found = replies.get(key)
        wrong += found is not None and found["text"] != f"text of {key}"
    return wrong
