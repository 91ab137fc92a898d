"""Checks on the vault as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from quern import journal
from quern.checks.view import Problem, View


def malformed_log(view: View) -> Iterator[tuple[str, Problem]]:
    """Lines of log.md that are no part of an entry."""
    try:
        text = view.vault.log.read_bytes().decode(errors="replace")
    except FileNotFoundError:
        return
    for line, message in journal.problems(text):
        yield "log.md", Problem(line, message, "mend the line")


def uncommitted_run(view: View) -> Iterator[tuple[str, Problem]]:
    """A run whose commit could not be made, where the schema asks for commits."""
    if view.schema.git.commit and (view.vault.state / "commit.jsonl").exists():
        yield ".quern/commit.jsonl", Problem(1, "the last run is not committed: no other begins before", "bin/commit")


def unfinished_run(view: View) -> Iterator[tuple[str, Problem]]:
    """A transaction that was decided and not closed, and an index that was to be made and was not."""
    for name in ("pending.jsonl", "index"):
        if (view.vault.state / name).exists():
            yield f".quern/{name}", Problem(1, "a run has not finished", "run: bin/index </dev/null")
