"""What tests of rename, unite and split ask of a vault: its evidence and its faults, and a verb with merge's tail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import mill
import small_wiki

from quern import claims, pages

# The small wiki with the ids that its claims have, so that its sentences are ours.
ID = claims.claim_id(small_wiki.QUOTE, small_wiki.QUOTE)
OTHER_ID = claims.claim_id("It lies near the Barrage.", "La Rance lies near the Barrage.")
FILES = {
    path: text.replace(small_wiki.ID, ID)
    .replace(small_wiki.OTHER, OTHER_ID)
    .replace("[[La Rance]] l", "[[La Rance|La Rance]] l")
    for path, text in small_wiki.FILES.items()
}
TAIL = ("index", "lint", "logappend")


def keep(vault: Path, *command: str, date: str = "2026-06-01", stdin: bytes = b"") -> list[dict[str, Any]]:
    """Run a verb and what follows merge; the records that come out at the end."""
    done = mill.pipe([command, *TAIL], vault, stdin=stdin, date=date)
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


def refresh(vault: Path, date: str = "2026-06-01") -> None:
    """What `make outdated` does."""
    done = mill.pipe(["outdated", "summarize", "merge", *TAIL], vault, date=date)
    assert done.returncode == 0, done.stderr.decode()


def evidence(vault: Path) -> set[tuple[str, str]]:
    """Every (claim, source) that a topic page rests on."""
    return {key for path in mill.topic_pages(vault) for key in rests_on(path)}


def rests_on(path: Path) -> set[tuple[str, str]]:
    """Every (claim, source) that one page rests on."""
    document = pages.parse(path.read_text(encoding="utf-8"))
    cited = {ref.id for ref in document.refs}
    return {(note.id, place.slug) for note in document.footnotes.values() if note.id in cited for place in note.places}


def faults(vault: Path) -> list[tuple[str, str]]:
    """What lint finds: (code, message)."""
    found = map(json.loads, mill.run("lint", vault=vault).stdout.splitlines())
    return sorted((row["code"], row["message"]) for row in found)


def read(vault: Path, path: str) -> str:
    return (vault / path).read_text(encoding="utf-8")
