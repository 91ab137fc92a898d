"""log.md: what happened to the wiki, an entry a run.

An entry is a heading `## [2026-04-02] ingest | Title` and bullets of one line each.
Each bullet ends with the short hash of its source, so that no two entries share one:
git unites logs line by line (`merge=union`) and would keep a line that both sides have only once.
"""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from quern import git
from quern.program import Failure
from quern.records import Change, Entry, Finding, Source, Usage
from quern.vault import Vault

HEADING = re.compile(r"## \[(\d{4}-\d{2}-\d{2})\] (\w[\w-]*) \| (\S.*)")
TITLE = "# Log"
FOCUS = 120  # characters of a focus
# What a reader of any language takes for a line break, and the rest of the control characters.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_CONFLICT = re.compile(r"(<{7}|>{7}|\|{7})( .*)?|={7}")
_MARKED = re.compile(r"(?P<key>\w+): (?P<words>.*) \([^()]*\)")
_CLAIMS = ("added", "united", "superseded", "disputed", "restated", "retired", "retracted", "moved", "withheld")


def entry(  # noqa: PLR0913 - an entry tells all of this
    source: Source | None,
    changes: Sequence[Change],
    findings: Iterable[Finding],
    usages: Sequence[Usage],
    *,
    agent: str,
    date: str,
    verb: str = "ingest",
    engine: str = "",
    title: str = "",
) -> Entry | None:
    """The entry of one run over one source, or of one with this title; None if it changed nothing."""
    made = [change for change in changes if change.op != "unchanged"]
    if not made:
        return None
    bullets = [
        *_source(source, made),
        *_pages(made),
        *_claims(made),
        f"lint: {counts(findings)}",
        *_engines(usages, engine),
        f"agent: {_text(agent)}",
    ]
    mark = source.sha256[:12] if source else made[0].transaction
    title = title or (source.title if source else made[0].title)
    return Entry(date=date, verb=verb, title=one_line(title) or "untitled", bullets=[f"{b} ({mark})" for b in bullets])


def lint_entry(findings: Iterable[Finding], text: str, *, date: str) -> Entry | None:
    """The entry with how many errors and warnings there are; None if the last one in the log `text` says the same."""
    now = counts(findings)
    last = [found.title for found in parse(text) if found.verb == "lint"][-1:]
    return None if last == [now] else Entry(date=date, verb="lint", title=now, bullets=[])


def counts(findings: Iterable[Finding]) -> str:
    """Findings as they are counted: `2 errors, 1 warning`; hints do not count."""
    severities = [finding.severity for finding in findings]
    return ", ".join(_number(severities.count(severity), severity) for severity in ("error", "warning"))


def render(found: Entry) -> str:
    """An entry as it stands in log.md, with a line break at its end."""
    heading = f"## [{found.date}] {found.verb} | {_text(found.title) or 'untitled'}\n"
    bullets = [f"- {one_line(bullet)}\n" for bullet in found.bullets]
    return "".join([heading, *(["\n"] if bullets else []), *bullets])


def parse(text: str) -> Iterator[Entry]:
    """The entries of a log; what is none is passed over."""
    found: Entry | None = None
    for line in _lines(text):
        match = HEADING.fullmatch(line)
        if match or line.startswith(("# ", "## ")):
            if found:
                yield found
            found = Entry(date=match[1], verb=match[2], title=_read(match[3]), bullets=[]) if match else None
        elif found and line.startswith("- "):
            found.bullets.append(line[2:])
    if found:
        yield found


def told(found: Entry, key: str) -> list[str]:
    """What the bullets `key: …` of an entry say, without the short hash behind them."""
    said = (_MARKED.fullmatch(bullet) for bullet in found.bullets)
    return [_read(match["words"]) for match in said if match and match["key"] == key]


def problems(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a log that are neither an entry's heading nor below one: (line, what is wrong)."""
    inside = False
    for number, line in enumerate(_lines(text), 1):
        match = HEADING.fullmatch(line)
        if match:
            inside = True
            if not _is_date(match[1]):
                yield number, f"{match[1]} is no date"
        elif re.match(r"##?(?!#)\s*\S", line) and not (line.startswith("# ") and not inside):
            yield number, "an entry begins like this: ## [2026-04-02] ingest | Title"
        elif re.match(r"\s*[-*+]?\s*\[\d{4}-\d{2}-\d{2}\]", line):
            yield number, 'an entry begins with "## "'
        elif _CONFLICT.fullmatch(line):
            yield number, "a merge conflict: choose one side and remove the markers"
        elif line.startswith("- ") and not inside:
            yield number, "a bullet without an entry above it"


def agent(vault: Vault | None = None) -> str:
    """Who runs this: QUERN_AGENT, or git's user.name (in that vault), or "unknown"."""
    name = os.environ.get("QUERN_AGENT", "").strip()
    if name:
        return name
    try:
        done = git.run(vault.root if vault else Path("."), "config", "user.name")
    except Failure:
        return "unknown"
    return done.stdout.decode(errors="replace").strip() or "unknown"


def one_line(text: str) -> str:
    """Text without line breaks and control characters, its white space reduced."""
    return " ".join(_CONTROL.sub(" ", text).split())


def told_focus(focus: str) -> str:
    """A focus as it is told to people: on one line, and not longer than one wants to read there."""
    line = one_line(focus)
    return line if len(line) <= FOCUS else f"{line[:FOCUS].rstrip()}…"


def _source(source: Source | None, made: Sequence[Change]) -> Iterator[str]:
    if source is not None:
        page = f"wiki/sources/{source.slug}.md"
        told = f" → {_link(page)}" if any(change.path == page for change in made) else ""
        yield f"source: {_text(source.path)}{told}"
        if source.focus.strip():
            yield f"focus: {_text(told_focus(source.focus))}"


def _pages(made: Sequence[Change]) -> Iterator[str]:
    names = {"create": "created", "update": "updated", "rename": "renamed", "delete": "deleted"}
    topics = sorted((change for change in made if _is_topic(change)), key=lambda change: (change.op, change.path))
    for op, group in groupby(topics, key=lambda change: change.op):
        yield f"{names[op]}: {', '.join(dict.fromkeys(_link(change.path) for change in group))}"


def _is_topic(change: Change) -> bool:
    return change.type != "source" and not re.fullmatch(r"wiki/index(-[^/\s]+)?\.md", change.path)


def _claims(made: Sequence[Change]) -> Iterator[str]:
    # A claim that went to two pages is one claim.
    numbers = {name: len({claim for change in made for claim in getattr(change, name)}) for name in _CLAIMS}
    said = [f"{number} {name}" for name, number in numbers.items() if number]
    yield f"claims: {', '.join(said) or '0 added'}"
    edited = sorted((change for change in made if change.kept_edits), key=lambda change: change.path)
    if edited:
        told = ", ".join(f"{_link(change.path)} ({', '.join(change.kept_edits)})" for change in edited)
        yield f"kept: {_number(sum(len(change.kept_edits) for change in edited), 'edit')} by people: {told}"
    unread = [place for change in made for place in change.unread]
    if unread:
        yield f"unread: {_text(', '.join(dict.fromkeys(unread)))}"
    apart = sorted((change for change in made if change.unreviewed), key=lambda change: change.path)
    if apart:
        said = [
            f"{_link(change.path)}, which {_text(' and '.join(change.unreviewed))} had reviewed" for change in apart
        ]
        yield f"unreviewed: {'; '.join(said)}"


def _engines(usages: Sequence[Usage], engine: str) -> Iterator[str]:
    used = sorted({(usage.engine, usage.model or "") for usage in usages})
    for name, model in used or [(engine, "")] * bool(engine):
        own = [usage for usage in usages if (usage.engine, usage.model or "") == (name, model)]
        said = [" ".join(part for part in (name, model) if part)]
        calls, cached = sum(usage.calls for usage in own), sum(usage.cached for usage in own)
        if calls or cached:
            tokens = sum(usage.prompt_tokens + usage.completion_tokens for usage in own)
            said += [_number(calls, "call"), f"{cached} cached", _number(tokens, "token")]
            said += [f"{sum(usage.seconds for usage in own):.1f} s"]
        yield f"engine: {_text(', '.join(said))}"


def _link(path: str) -> str:
    # The name of a page that we made can stand in a link as it is; one that a person named may not.
    name = os.path.basename(path).removesuffix(".md")
    return f"[[{name}]]" if not re.search(r"[\[\]|#^]", name) else _text(name)


def _number(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _text(text: str) -> str:
    from quern.pages import escape

    return re.sub(r"(?<!\\)\|", r"\|", escape(one_line(text)))


def _read(text: str) -> str:
    from quern.pages import unescape

    return unescape(text.replace(r"\|", "|"))


def _lines(text: str) -> list[str]:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")


def _is_date(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True
