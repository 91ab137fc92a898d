"""A git merge of two vaults, page by page: for git itself, as its driver, and afterwards where it had no driver.

Without the driver git merges pages by lines: much of that ends in conflict, and some is wrong without a word.
So every page that both sides changed is made again from the three versions that git has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from quern import git, wiki
from quern.program import Failure
from quern.records import Finding
from quern.schema import Schema
from quern.updates import contents, transaction, union
from quern.vault import Vault, locked, write_atomically

_CONFLICT = "a merge conflict: choose one side and remove the markers, then: git add"
_ONE_SIDED = "one side deleted this page, the other changed it: keep it (git add) or delete it (git rm)"
_LOG_OR_RAW = "a merge conflict outside the wiki: settle it, then: git add"


@dataclass(frozen=True, slots=True)
class _Merge:
    """A merge: the commits of the two sides and of what they come from; None where only single files tell."""

    base: str
    ours: str
    theirs: str


def drive(base: Path, ours: Path, theirs: Path, path: str) -> bool:
    """Make `ours` the page of both sides, as git asks of a merge driver; returns whether without conflict."""
    texts = [file.read_bytes() for file in (base, ours, theirs)]
    try:
        made, is_clean = union.merge(path, *(text.decode() for text in texts))
    except UnicodeDecodeError:
        made, is_clean = git.merge_file(ours=_lenient(texts[1]), base=_lenient(texts[0]), theirs=_lenient(texts[2]))
    ours.write_bytes(made.encode(errors="surrogateescape"))
    return is_clean


def resolve(vault: Vault, schema: Schema) -> list[Finding]:
    """Unite what both sides of the present merge changed; the findings are what is left to a person.

    Pages are written and staged, and the index made anew. Raises Failure if there is no merge.
    """
    with locked(vault):
        git.prefix(vault.root)
        unmerged = _unmerged(vault)
        merge = _merge_at_hand(vault)
        if merge is None and not unmerged:
            raise Failure("there is no merge here: nothing to resolve", str(vault.root))
        left = list(_resolve(vault, unmerged, merge))
        if not left:
            transaction.finish(vault)
            with wiki.open(vault) as catalogue:
                written = contents.update(vault, catalogue, schema)
            _stage(vault, written)
    return left


def _resolve(vault: Vault, unmerged: dict[str, set[int]], merge: _Merge | None) -> Iterator[Finding]:
    for path, stages in sorted(unmerged.items()):
        if not path.startswith("wiki/"):
            yield _finding(path, 1, _LOG_OR_RAW)
        elif not {2, 3} <= stages:
            yield _finding(path, 1, _ONE_SIDED)
        else:
            versions = [git.text(vault.root, f":{stage}", path) if stage in stages else "" for stage in (1, 2, 3)]
            if _has_marks(vault, path) or _is_united(vault, path, versions):
                yield from _unite(vault, path, versions, is_conflict=True)
    if merge is not None:
        for path in _changed_by_both(vault, merge):
            versions = [git.text(vault.root, commit, path) for commit in (merge.base, merge.ours, merge.theirs)]
            if path not in unmerged and None not in versions[1:] and _is_as_git_made_it(vault, path, versions):
                yield from _unite(vault, path, versions, is_conflict=False)


def _unite(vault: Vault, path: str, versions: list[str | None], *, is_conflict: bool) -> Iterator[Finding]:
    """Write the page of both sides, and stage it if it was in conflict or nothing is left to a person."""
    base, ours, theirs = (text or "" for text in versions)
    made, is_clean = union.merge(path, base, ours, theirs)
    if made.encode(errors="surrogateescape") != vault.path(path).read_bytes():
        write_atomically(vault.path(path), made.encode(errors="surrogateescape"), vault.state)
    if is_clean:
        _stage(vault, [path])
        return
    line = next((number for number, text in enumerate(made.split("\n"), 1) if text.startswith("<<<<<<<")), 1)
    yield _finding(path, line, _CONFLICT if is_conflict or line > 1 else f"{_CONFLICT} {path}")


def _unmerged(vault: Vault) -> dict[str, set[int]]:
    """The files in conflict, each with the versions that git has of it: 1 the base, 2 ours, 3 theirs."""
    found: dict[str, set[int]] = {}
    for line in filter(None, git.ask(vault.root, "ls-files", "-z", "--unmerged").split("\0")):
        head, _, path = line.partition("\t")
        found.setdefault(path, set()).add(int(head.split(" ")[2]))
    return found


def _merge_at_hand(vault: Vault) -> _Merge | None:
    """The merge that is unfinished or, if none is, that the last commit was."""
    if git.has(vault.root, "MERGE_HEAD"):
        sides = ("HEAD", "MERGE_HEAD")
    elif git.has(vault.root, "HEAD^2"):
        sides = ("HEAD^1", "HEAD^2")
    else:
        return None
    base = git.run(vault.root, "merge-base", *sides).stdout.decode().strip()
    return _Merge(base or git.ask(vault.root, "hash-object", "-t", "tree", "--stdin").strip(), *sides)


def _changed_by_both(vault: Vault, merge: _Merge) -> list[str]:
    """The pages that are in both sides and that both have changed, each in its way."""
    changed = []
    for side in (merge.ours, merge.theirs):
        options = ("-r", "-z", "--name-only", "--no-renames", "--relative", "--diff-filter=AM")
        changed.append(set(git.ask(vault.root, "diff-tree", *options, merge.base, side, "--", "wiki").split("\0")))
    return sorted(filter(None, changed[0] & changed[1]))


def _is_as_git_made_it(vault: Vault, path: str, versions: list[str | None]) -> bool:
    """Whether a page is what git makes of the three by lines: what people did since is theirs."""
    base, ours, theirs = (text or "" for text in versions)
    file = vault.path(path)
    made, is_clean = git.merge_file(ours, base, theirs)
    return is_clean and file.exists() and file.read_bytes() == made.encode(errors="surrogateescape")


def _is_united(vault: Vault, path: str, versions: list[str | None]) -> bool:
    """Whether a page is as we unite it: a run that was stopped before it told git."""
    base, ours, theirs = (text or "" for text in versions)
    file = vault.path(path)
    made, is_clean = union.merge(path, base, ours, theirs)
    return is_clean and file.exists() and file.read_bytes() == made.encode(errors="surrogateescape")


def _has_marks(vault: Vault, path: str) -> bool:
    """Whether a page is still in conflict: what people have settled by hand stays as it is."""
    file = vault.path(path)
    return file.exists() and b"\n<<<<<<< " in b"\n" + file.read_bytes()


def _stage(vault: Vault, paths: list[str]) -> None:
    there = [path for path in paths if vault.path(path).exists()]
    if there:
        git.ask(vault.root, "add", "--", *git.literal(there))


def _finding(path: str, line: int, message: str) -> Finding:
    return Finding(code="conflict-marks", severity="error", path=path, line=line, message=message)


def _lenient(data: bytes) -> str:
    return data.decode(errors="surrogateescape")
