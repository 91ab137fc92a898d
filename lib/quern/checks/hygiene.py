"""Checks on the files of the vault: what does not belong there, and what was left behind."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from quern import names
from quern.checks.census import Census
from quern.checks.view import Problem, View

# What Obsidian opens though no page links to it.
_ITS_OWN = frozenset((".md", ".canvas", ".base"))
# What editors, merges and programs that synchronise folders leave behind.
_LEFT = re.compile(
    r"""~$ | \.(?:tmp|temp|bak|orig|rej|swp|swo|part|crdownload)$ | ^\#.*\#$
      | \.sync-conflict-\d{8} | \((?:[^()]*'s[ ])?conflicted[ ]copy\b | [ ]\(case[ ]conflict\)""",
    re.VERBOSE | re.IGNORECASE,
)


def unknown_file(view: View, wiki: Census) -> Iterator[tuple[str, Problem]]:
    """Files in `wiki/` that are no pages, and that no page shows or links to."""
    for path in wiki.files("wiki/"):
        name = posixpath.basename(path)
        if posixpath.splitext(name)[1].lower() in _ITS_OWN or _LEFT.search(name):
            continue
        if not view.backlinks(names.fold(name)):
            yield path, Problem(1, "no page, and no page shows it or links to it", "link to it, or move it elsewhere")


def leftover_file(_view: View, wiki: Census) -> Iterator[tuple[str, Problem]]:
    """Temporary files, and copies that a merge or a program that synchronises made."""
    for path in (*wiki.files(""), *wiki.files("wiki/")):
        if _LEFT.search(posixpath.basename(path)):
            yield (
                path,
                Problem(1, "left behind by an editor, a merge or a synchronisation", "compare it, and delete it"),
            )


def schema_version(view: View) -> Iterator[tuple[str, Problem]]:
    """A schema that does not say of which version it is; one of another version is read by no program."""
    text = view.vault.schema.read_bytes().decode(errors="replace")
    if not re.search(r"^version:", text, re.MULTILINE):
        yield "schema.yaml", Problem(1, "it says no version, and is read as version 1", "begin it with: version: 1")
