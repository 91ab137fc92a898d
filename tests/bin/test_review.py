"""review: what a person is shown at a terminal of their own, and what they leave out."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import subprocess
import termios

import mill
import pytest

TEXT = """\
# Plants

La Rance is a tidal power station in Brittany. La Rance has a capacity of 240 MW.

MeyGen is a tidal stream array in Scotland. MeyGen has a capacity of 6 MW.
"""
# A source makes a new page for so many of its words.
TEXT += "\nWe walked along the shore, and talked, and did not hurry.\n" * 20
LA_RANCE, MEYGEN = "wiki/entities/La Rance.md", "wiki/entities/MeyGen.md"


@pytest.fixture
def vault(tmp_path):
    found = mill.empty_vault(tmp_path / "vault")
    (found / "raw" / "plants.md").write_text(TEXT, encoding="utf-8")
    return found


def review(vault, answers, source="raw/plants.md", **settings):
    """The records that pass, the status, and what was shown at the terminal."""
    told = mill.shell(
        f'"{mill.BIN / "segment"}" {source} | ' + mill.stages(("extract", "link", "summarize")), vault, **settings
    ).stdout
    ours, theirs = pty.openpty()

    def take_terminal():
        os.setsid()
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)

    with subprocess.Popen(
        [mill.BIN / "review", "-", "--date", "2026-04-02"], cwd=vault, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, preexec_fn=take_terminal, env={**os.environ, "NO_COLOR": "1", **settings},  # noqa: PLW1509 - no threads
    ) as process:  # fmt: skip
        os.write(ours, answers.encode())
        out, err = process.communicate(told, timeout=60)
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    assert err == b""
    return told, out, process.returncode, shown.decode()


def pages(out):
    return {row["path"]: row for row in map(json.loads, out.splitlines()) if row["kind"] == "page"}


def merged(vault, out):
    done = mill.shell(mill.stages(mill.WRITING), vault, stdin=out, date="2026-04-02")
    assert done.returncode == 0, done.stderr.decode()


def test_what_is_applied_passes_as_it_came(vault):
    told, out, status, shown = review(vault, "a\n")
    assert (out, status) == (told, 0)
    assert "Plants" in shown
    assert re.search(r"create +La Rance \(2 new\)", shown)
    assert "+La Rance is a tidal power station in Brittany.[^" in shown


def test_to_quit_is_to_write_nothing(vault):
    _, out, status, _ = review(vault, "q\n")
    assert (out, status) == (b"", 1)
    assert list((vault / "wiki").rglob("*.md")) == []


def test_a_page_may_be_skipped(vault):
    _, out, status, shown = review(vault, "s\n1\na\n")
    assert (list(pages(out)), status) == ([MEYGEN], 0)
    assert shown.count("apply [a]") == 2
    merged(vault, out)
    assert not (vault / LA_RANCE).exists()
    assert "La Rance has a capacity of 240 MW." in (vault / "wiki/sources/plants-source.md").read_text()


def test_a_claim_may_be_taken_off_the_list(vault, tmp_path):
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nsed -i.bak '/240 MW/d' \"$1\"\n")
    editor.chmod(0o755)
    _, out, status, _ = review(vault, "e\na\n", EDITOR=str(editor), VISUAL=str(editor))
    assert status == 0
    assert [len(page["adds"]) for page in pages(out).values()] == [1, 2]
    merged(vault, out)
    text = (vault / LA_RANCE).read_text()
    assert "Brittany" in text
    assert "240 MW" not in text
    assert mill.run("lint", vault=vault).stdout == b""


def test_without_a_terminal_it_says_so(vault):
    told = mill.shell(f'"{mill.BIN / "segment"}" raw/plants.md', vault).stdout
    done = subprocess.run(
        [mill.BIN / "review", "-"], cwd=vault, input=told, capture_output=True, check=False, start_new_session=True
    )
    assert done.returncode == 2
    assert done.stderr.decode().splitlines() == [
        "review: there is no terminal to ask at: leave REVIEW out, or run it in one"
    ]


def test_it_tells_what_the_source_is_read_for_and_whose_review_of_a_page_it_would_end(vault):
    _, out, _, _ = review(vault, "a\n")
    merged(vault, out)
    page = (vault / LA_RANCE).read_text(encoding="utf-8")
    page = page.replace("status: current\n", "status: current\nreviewed: {by: Ada, on: 2026-04-03}\n")
    (vault / LA_RANCE).write_text(page, encoding="utf-8")
    (vault / "raw" / "news.md").write_text("# News\n\nLa Rance has a capacity of 320 MW.\n", encoding="utf-8")
    _, _, _, shown = review(vault, "q\n", source="raw/news.md", QUERN_FOCUS="capacity")
    assert "News, read for: capacity" in shown
    assert re.search(r"1 +update +La Rance \(1 new, 2 disputed, no longer reviewed by Ada \(2026-04-03\)\)", shown)
    assert "-reviewed: {by: Ada, on: 2026-04-03}" in shown
    assert "reviewed: {by: Ada" in (vault / LA_RANCE).read_text(encoding="utf-8")
