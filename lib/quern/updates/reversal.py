"""The last run taken back: its pages as they were before its commit, as git has them, in one transaction.

What is taken back is not unsaid: the log keeps the run's entry and gets another one, `undo`.
The raw source stays, since it is evidence and not ours; `ingest` would read it again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from quern import git, journal, jsonl, pages, wiki
from quern.program import Failure
from quern.records import Change, Source
from quern.schema import Schema
from quern.updates import contents, transaction
from quern.updates.commits import TRANSACTION, UNDOES
from quern.vault import Vault, locked

_INDEX = re.compile(r"wiki/index(-[^/]*)?\.md")
_ZERO = re.compile(r"0+")


@dataclass(frozen=True, slots=True)
class Run:
    """A run as git knows it: its commit, its transactions (of several sources, several), and its source's path if it
    had just one.
    """

    commit: str
    transactions: list[str]
    source: str | None
    subject: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page before the run and after it, as it is now, and as it is to be."""

    path: str
    before: str | None
    after: str | None
    now: str | None
    wanted: str | None


def undo(vault: Vault, schema: Schema, date: str) -> list[Change]:
    """Take back the last run that a commit tells of and that has not been taken back; returns what changed.

    Raises Failure, with nothing written, if there is none, or if pages have been edited since in the same places.
    """
    with locked(vault):
        transaction.finish(vault)
        git.prefix(vault.root)
        run = _last(vault)
        found = list(_pages(vault, run))
        edited = [page.path for page in found if _is_refused(page)]
        if edited:
            raise Failure(f"edited since '{run.subject}', in the same places: {', '.join(edited)}; nothing is undone")
        changed = [page for page in found if page.wanted != page.now]
        if not changed:
            raise Failure(f"'{run.subject}' has left nothing that could be undone")
        return _write(vault, schema, date, run, changed)


def _last(vault: Vault) -> Run:
    keys = (f"%(trailers:key={key},valueonly,separator=%x2C)" for key in (TRANSACTION, UNDOES, "Source"))
    form = f"--format={'%x01'.join(('%H', '%s', *keys))}"
    undone: set[str] = set()
    shown = git.ask(vault.root, "log", "-z", form, "--", ".") if git.has(vault.root, "HEAD") else ""
    for line in filter(None, shown.split("\0")):
        commit, subject, done, undoes, source = line.split("\x01")
        ids = done.split(",")
        undone.update(undoes.split(","))
        if done and not undoes and undone.isdisjoint(ids):
            return Run(commit, ids, (source.rpartition(" (")[0] or None) if len(ids) == 1 else None, subject)
    raise Failure("no run to undo: no commit here is one's ('git: {commit: true}' in schema.yaml makes them)")


def _pages(vault: Vault, run: Run) -> Iterator[Page]:
    """The pages that the run's commit changed, but for the index, which is made anew."""
    options = ("-r", "-z", "--root", "--no-renames", "--no-commit-id", "--relative")
    shown = git.ask(vault.root, "diff-tree", *options, run.commit, "--", "wiki").split("\0")
    for head, path in zip(shown[::2], shown[1::2], strict=False):
        _, _, old, new, _ = head.split(" ")
        if _INDEX.fullmatch(path):
            continue
        before = None if _ZERO.fullmatch(old) else _text(vault, f"{run.commit}^", path)
        after = None if _ZERO.fullmatch(new) else _text(vault, run.commit, path)
        file = vault.path(path)
        now = file.read_bytes().decode(errors="surrogateescape") if file.exists() else None
        yield Page(path, before, after, now, _wanted(before, after, now))


def _text(vault: Vault, commit: str, path: str) -> str:
    found = git.text(vault.root, commit, path)
    if found is None:
        raise Failure(f"git has lost this page as it was in {commit[:12]}", path)
    return found


def _wanted(before: str | None, after: str | None, now: str | None) -> str | None:
    """The page without what the run did to it; what people did since stays."""
    if now == after:
        return before
    if before is None or after is None or now is None:
        return now
    merged, is_clean = git.merge_file(now, after, before)
    return merged if is_clean else now


def _is_refused(page: Page) -> bool:
    """Whether people have changed the page since, so that what the run did cannot be taken out of it.

    A page that they deleted stays away, and one that they brought back to what it was is as it should be.
    """
    is_as_wanted = page.now in (page.before, page.after) or (page.now is None and page.before is not None)
    return not is_as_wanted and page.wanted == page.now


def _write(vault: Vault, schema: Schema, date: str, run: Run, changed: list[Page]) -> list[Change]:
    source = _source(run, changed)
    writes = {page.path: (page.now, page.wanted) for page in changed}
    rows = {page.path: None if page.wanted is None else wiki.page_row(page.path, page.wanted) for page in changed}
    with wiki.open(vault) as catalogue:
        writes |= contents.updates(vault, catalogue, schema, rows)
    draft = transaction.draft(vault, "undo", date, journal.agent(vault), writes)
    changes = [_change(page, source, draft.id) for page in changed]
    records = [orjson.loads(jsonl.encode(record)) for record in (*([source] if source else []), *changes)]
    records += [{"kind": "undone", "transaction": done} for done in run.transactions]
    if len(run.transactions) > 1:
        records.append({"kind": "subject", "title": run.subject.partition(" | ")[2]})
    transaction.carry_out(vault, draft, records)
    transaction.finish(vault)
    return changes


def _source(run: Run, changed: list[Page]) -> Source | None:
    """The source of the run, as its page told."""
    for page in changed:
        front = pages.parse(page.after or "").front_values
        if front.get("type") == "source" and run.source is not None and front.get("source") == run.source:
            id_, sha, title = (str(front.get(key, "")) for key in ("id", "sha256", "title"))
            return Source(id=id_, slug=pages.file_of(page.path), path=run.source, sha256=sha, title=title)
    return None


def _change(page: Page, source: Source | None, id_: str) -> Change:
    had, has = pages.parse(page.now or ""), pages.parse(page.wanted or "")
    shown = had if page.wanted is None else has
    return Change(
        transaction=id_,
        path=page.path,
        title=shown.title or pages.file_of(page.path),
        type=str(shown.front_values.get("type", "")),
        op="create" if page.now is None else "delete" if page.wanted is None else "update",
        source=source.id if source else "",
        before=transaction.digest(page.now),
        after=transaction.digest(page.wanted),
        added=[claim for claim in has.claims if claim not in had.claims],
        retracted=[claim for claim in had.claims if claim not in has.claims],
        kept_edits=["edits since"] if page.now != page.after else [],
    )
