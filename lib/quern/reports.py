"""What a run did, in a few lines for a person."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence

from quern import journal
from quern.jsonl import Row
from quern.records import Change, Finding, Proposal, Source
from quern.vault import Vault

NAMES = 6  # page titles in a list, before "and 3 more"
WIDTH = 240  # characters of a sentence
PLACE = 60  # characters of a path and line, behind which what is found there begins in one column
_GRAVEST = ("error", "warning", "hint")
_STYLES = {"error": "1;31", "warning": "33", "hint": "36", "bold": "1", "dim": "2"}
# What follows each sentence of a summary: links to the claims that it says.
_CITATIONS = re.compile(r"\s*\(?\[\[#\^[^]]*\]\](?:[ ,;]*\[\[#\^[^]]*\]\])*\)?\s*")
RULES = "engine: rules, which only quotes; prose needs a model, and `make model` fetches one"


def report(vault: Vault, rows: Iterable[Row], *, coloured: bool = False) -> Iterator[str]:
    """At most ten lines on a run, or a table of findings if there is nothing else; `coloured`: for a terminal."""
    sources: dict[str, Source] = {}
    changes: list[Change] = []
    findings: list[Finding] = []
    proposal: Proposal | None = None
    for row in rows:
        if row.kind == "source":
            source = row.to(Source)
            sources[source.id] = source
        elif row.kind == "change":
            changes.append(row.to(Change))
        elif row.kind == "finding":
            findings.append(row.to(Finding))
        elif row.kind == "proposal":
            proposal = row.to(Proposal)
    if sources or changes:
        yield from _run(vault, list(sources.values()), changes, findings, proposal)
    else:
        yield from table(findings, coloured=coloured)


def table(findings: Sequence[Finding], *, coloured: bool = False) -> Iterator[str]:
    """Findings by how grave they are and what they are, and how many there are; nothing if there are none.

    `coloured`: for a terminal.
    """
    if not findings:
        return
    from quern import checks

    why = {check.code: check.why for check in (*checks.CHECKS, *checks.JUDGED)}
    groups: dict[tuple[int, str, str], list[Finding]] = {}
    for found in findings:
        groups.setdefault((_GRAVEST.index(found.severity), found.severity, found.code), []).append(found)
    for (_, severity, code), some in sorted(groups.items()):
        said = f": {why[code]}" if code in why else ""
        yield f"{_in(severity, severity, coloured)}  {_in('bold', code, coloured)} ({len(some)}){said}"
        width = min(PLACE, max(len(_place(found)) for found in some))
        for found in some:
            yield f"  {_in('dim', _place(found).ljust(width), coloured)}  {_say(found)}"
        yield ""
    hints = sum(found.severity == "hint" for found in findings)
    more = f", {hints} {'hint' if hints == 1 else 'hints'}" if hints else ""
    yield f"lint: {journal.counts(findings)}{more}"


def is_coloured() -> bool:
    """Whether what is printed is for a terminal that shows colours, and nobody asked for none."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _in(style: str, text: str, coloured: bool) -> str:
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if coloured else text


def _place(found: Finding) -> str:
    return f"{_line(found.path)}:{found.line}"


def _run(
    vault: Vault,
    sources: Sequence[Source],
    changes: Sequence[Change],
    findings: list[Finding],
    proposal: Proposal | None,
) -> Iterator[str]:
    made = [change for change in changes if change.op != "unchanged"]
    if not made:
        yield "nothing changed"
        return
    # A run changes other sources' pages too, where a name that waited there got its page.
    own = {f"wiki/sources/{source.slug}.md" for source in sources}
    pages = sorted((change for change in changes if change.type == "source"), key=lambda change: change.path in own)
    gone = {change.source for change in pages if change.op == "delete"}
    ledgers = {change.source: change.path for change in pages if change.source not in gone}
    yield from _what(vault, sources, ledgers)
    topics = [change for change in made if change.type != "source" and not change.path.startswith("wiki/index")]
    for verb, ops in (("created", ("create",)), ("updated", ("update", "rename")), ("deleted", ("delete",))):
        titles = list(dict.fromkeys(change.title for change in topics if change.op in ops))
        if titles:
            yield f"{verb} {_count(titles, 'page')}: {_some(titles)}"
    again = {id_ for change in made for id_ in change.restated if change.type == "source"}
    if again:
        yield f"said in other words: {_count(sorted(again), 'claim')}"
    for words, name in (("disagrees with what stands on", "disputed"), ("overtakes what stood on", "superseded")):
        titles = list(dict.fromkeys(_disagreed(change) for change in topics if getattr(change, name)))
        if titles:
            yield f"{words}: {_some(titles)}"
    first = f"; first: {findings[0].path}:{findings[0].line}: {_say(findings[0])}" if findings else ""
    yield _short(f"lint: {journal.counts(findings)}{first}")
    look = next(iter(ledgers.values()), "wiki/index.md") if len(sources) == 1 else "wiki/index.md"
    told = f"look at: {_from_here(vault, look)} ({_from_here(vault, 'log.md')} has the whole list)"
    yield told if proposal is None else _where(proposal)
    if sources and _engine(vault, ledgers.values()) == "rules":
        yield RULES


def _disagreed(change: Change) -> str:
    """A page that a source disagrees with, and whose review of it counts no more."""
    return change.title + (f" (no longer reviewed by {' and '.join(change.unreviewed)})" if change.unreviewed else "")


def _where(proposal: Proposal) -> str:
    """The branch, and the commands with which to read it and to take it over."""
    here = os.path.relpath(proposal.root)
    git = "git" if here == "." else f"git -C {shlex.quote(proposal.root if here.startswith('..') else here)}"
    commands = [f"{git} merge {proposal.branch}"]
    if proposal.unsaved:
        # Git does not write over a file that it does not have, not even with the same bytes.
        files = shlex.join(proposal.unsaved)
        commands[:0] = [f"{git} add -- {files}", f"{git} commit -m {shlex.quote('Sources')} -- {files}"]
    branch = proposal.branch
    return f"on branch {branch}: read it with '{git} show {branch}'; take it over with '{' && '.join(commands)}'"


def _what(vault: Vault, sources: Sequence[Source], ledgers: dict[str, str]) -> Iterator[str]:
    """Which source, and what it says in two sentences; of several, their titles."""
    if len(sources) > 1:
        yield f"{len(sources)} sources: {_some([_line(source.title) for source in sources])}"
    elif sources:
        focus = journal.told_focus(sources[0].focus)
        yield f"{_line(sources[0].title)} ({sources[0].path})" + (f", read for: {focus}" if focus else "")
        yield from ("  " + sentence for sentence in summary(vault, ledgers.get(sources[0].id, ""))[:2])


def summary(vault: Vault, ledger: str) -> list[str]:
    """The sentences of the summary on a source page, without their citations."""
    from quern import pages

    path = vault.root / ledger
    if not path.is_file():
        return []
    lead = pages.parse(path.read_text(encoding="utf-8")).lead
    said = _CITATIONS.split(lead.text if lead else "")
    return [_short(_line(pages.plain_of(sentence))) for sentence in said if re.search(r"\w", sentence)]


def _engine(vault: Vault, ledgers: Iterable[str]) -> str:
    """The engine that the source pages of a run name."""
    for ledger in ledgers:
        if vault.path(ledger).is_file():
            with open(vault.path(ledger), encoding="utf-8") as lines:
                for line in lines:
                    if line.startswith("engine:"):
                        return line.partition(":")[2].strip().strip('"')
    return ""


def _say(found: Finding) -> str:
    return f"{_line(found.message)} ({_line(found.fix)})" if found.fix else _line(found.message)


def _count(things: Sequence[str], noun: str) -> str:
    return f"{len(things)} {noun}" if len(things) == 1 else f"{len(things)} {noun}s"


def _some(titles: Sequence[str]) -> str:
    more = f" and {len(titles) - NAMES} more" if len(titles) > NAMES else ""
    return ", ".join(_line(title) for title in titles[:NAMES]) + more


def _line(text: str) -> str:
    return journal.one_line(text)


def _short(text: str) -> str:
    return text if len(text) <= WIDTH else text[: WIDTH - 1].rstrip() + "…"


def _from_here(vault: Vault, path: str) -> str:
    full = os.path.join(vault.root, path)
    relative = os.path.relpath(full)
    return os.path.abspath(full) if relative.startswith("..") else relative
