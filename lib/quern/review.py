"""What a person sees before a source is read into the wiki, and what they leave out of it.

Nothing here writes: records pass on to merge as they are, or without what the person took out, or not at all.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import click

from quern import journal, wiki
from quern.jsonl import Row
from quern.program import Failure
from quern.records import Change, Page, Source, Summary
from quern.schema import Schema
from quern.updates import changes
from quern.updates.batches import Batch
from quern.updates.changes import Plan
from quern.vault import Vault
from quern.wiki import Catalogue

ASK = "apply [a], skip pages [s], edit the list of claims [e], quit [q]? "
HELP = "a: write this; s: leave pages out; e: leave claims out, in $EDITOR; q: write nothing of this and what follows"
_ITEM = re.compile(r"- .* \^([0-9a-f]{12})\s*")
_PAGE = re.compile(r"## (\S.*?) *")
_TODO = """\
# {title}
#
# Take out a line, and the claim does not go to that page; take out a heading, and the page is not touched.
# To change words, edit the page afterwards: what you write there stays.
"""


class Quit(Exception):
    """The person wants nothing of this, and of what follows, to be written."""


@dataclass(slots=True)
class Terminal:
    """How a person is asked: `say` shows some text, `ask` returns a line, `edit` a text as they left it."""

    say: Callable[[str], None]
    ask: Callable[[str], str]
    edit: Callable[[str], str]


@dataclass(slots=True)
class _Item:
    """The records of one source, of which a person may take some out."""

    rows: list[Row] = field(default_factory=list)

    def batch(self) -> Batch:
        source = next((row for row in self.rows if row.kind == "source"), None)
        batch = Batch(source.to(Source) if source else None)
        for row in self.rows:
            if row is not source:
                batch.take(row)
        return batch

    def without(self, pages: set[str]) -> None:
        """Take out what is said of some pages."""
        self.rows = [row for row in self.rows if _page_of(row) not in pages]

    def keep(self, chosen: dict[str, set[str]]) -> None:
        """Leave of each page the claims that were chosen for it; a page of which none was chosen is left out."""
        pages = self.batch().pages
        self.without({page.path for page in pages if not chosen.get(page.path)})
        gone = {page.path: {add.claim for add in page.adds} - chosen.get(page.path, set()) for page in pages}
        self.rows = [_without_claims(row, gone.get(_page_of(row) or "", set())) for row in self.rows]


def review(rows: Iterable[Row], vault: Vault, schema: Schema, date: str, terminal: Terminal) -> Iterator[Row]:
    """The records of each source, as far as a person wants them in the wiki.

    Raises Quit when they want no more.
    """
    for item in _items(rows):
        if not any(row.kind == "page" for row in item.rows):
            yield from item.rows
            continue
        _decide(item, vault, schema, date, terminal)
        yield from item.rows


def _items(rows: Iterable[Row]) -> Iterator[_Item]:
    item = _Item()
    for row in rows:
        if row.kind == "source" and item.rows:
            yield item
            item = _Item()
        item.rows.append(row)
    if item.rows:
        yield item


def _decide(item: _Item, vault: Vault, schema: Schema, date: str, terminal: Terminal) -> None:
    while True:
        batch = item.batch()
        with wiki.open(vault) as catalogue:
            made = changes.plan(batch, vault, catalogue, date, schema)
            facts = list(_facts(batch, catalogue))
        if batch.source is not None and batch.source.again and not made.writes:
            terminal.say(f"\n{batch.source.title}: nothing is said otherwise\n")
            return
        paths = [change.path for change in made.changes if change.type != "source" and change.path in made.writes]
        terminal.say(_told(batch, made, paths, facts))
        answer = terminal.ask(ASK).strip().casefold()[:1]
        if answer == "a":
            return
        if answer == "q":
            raise Quit
        if answer == "s":
            item.without(_numbered(terminal.ask("skip which (numbers)? "), paths))
        elif answer == "e":
            item.keep(_read(terminal.edit(_todo(batch))))
        else:
            terminal.say(HELP + "\n")


def _facts(batch: Batch, catalogue: Catalogue) -> Iterator[str]:
    """What a source that is read again says more than before, and what in other words; the rest stays as it is."""
    row = catalogue.source_by_id(batch.source.id) if batch.source is not None and batch.source.again else None
    if row is None:
        return
    old = {claim.id: claim.text for claim in catalogue.claims_for_source(row.slug)}
    gained, restated = [], []
    for claim in batch.claims.values():
        said = [old[id_] for id_ in claim.restates if id_ in old]
        if said:
            restated += [*(click.style(f"  ~ {text}", fg="red") for text in said)]
            restated += [click.style(f"    {claim.text}", fg="green")]
        elif claim.id not in old:
            gained.append(click.style(f"  + {claim.text}", fg="green"))
    again = {id_ for claim in batch.claims.values() for id_ in claim.restates} & old.keys()
    stay = len(old.keys() & batch.claims.keys())
    yield f"{len(gained)} gained, {len(again)} in other words, {stay} as they were"
    yield from (*gained, *restated, "")


def _told(batch: Batch, made: Plan, paths: Sequence[str], facts: Sequence[str]) -> str:
    """What a source brings, which pages it touches, and how these change."""
    title = batch.source.title if batch.source else "pages"
    focus = journal.told_focus(batch.source.focus) if batch.source else ""
    lines = ["", click.style(title, bold=True) + (f", read for: {focus}" if focus else ""), ""]
    summary = batch.summaries.get(batch.source.id) if batch.source else None
    lines += [f"  {sentence.text}" for sentence in (summary.sentences if summary else ())]
    lines += ["", *facts]
    told = {change.path: change for change in made.changes}
    for number, path in enumerate(paths, 1):
        change = told[path]
        counts = [(len(change.added), "new"), (len(change.restated), "in other words")]
        counts += [(len(change.superseded), "overtaken"), (len(change.disputed), "disputed")]
        said = ", ".join([*(f"{count} {word}" for count, word in counts if count), *_reviewed(change)])
        lines.append(f"{number:3}  {change.op:7} {change.title}{f' ({said})' if said else ''}")
    for path in paths:
        lines += ["", *map(_coloured, diff(path, *made.writes[path]))]
    return "\n".join([*lines, "", ""])


def diff(path: str, before: str | None, after: str | None) -> Iterator[str]:
    """How a page changes, as lines of a unified diff; None: no page."""
    names = (path if before is not None else "none", path if after is not None else "none")
    yield from difflib.unified_diff((before or "").splitlines(), (after or "").splitlines(), *names, lineterm="", n=1)


def _coloured(line: str) -> str:
    colours = {"+": "green", "-": "red", "@": "cyan"}
    return click.style(line, fg=colours.get(line[:1]), bold=line.startswith(("+++", "---")))


def _reviewed(change: Change) -> Iterator[str]:
    if change.unreviewed:
        yield f"no longer reviewed by {' and '.join(change.unreviewed)}"


def _numbered(answer: str, paths: Sequence[str]) -> set[str]:
    numbers = [int(found) for found in re.findall(r"\d+", answer)]
    return {paths[number - 1] for number in numbers if 0 < number <= len(paths)}


def _todo(batch: Batch) -> str:
    """The claims by page, a line each, for a person to take some out."""
    texts = {claim.id: claim.text for claim in batch.claims.values()}
    lines = [_TODO.format(title=batch.source.title if batch.source else "pages")]
    for page in batch.pages:
        lines.append(f"## {page.path}")
        lines += [f"- {texts.get(add.claim, 'a claim of another source')} ^{add.claim}" for add in page.adds]
        lines.append("")
    return "\n".join(lines)


def _read(text: str) -> dict[str, set[str]]:
    """The claims by page that a person has left on the list."""
    chosen: dict[str, set[str]] = {}
    current: set[str] = set()
    for line in text.splitlines():
        heading, item = _PAGE.fullmatch(line), _ITEM.fullmatch(line)
        if heading:
            current = chosen.setdefault(heading[1], set())
        elif item:
            current.add(item[1])
    return chosen


def _without_claims(row: Row, gone: set[str]) -> Row:
    """A page record, or the lead of a page, without some claims."""
    if not gone:
        return row
    if row.kind == "page":
        # The lead was made for the claims that the page would have had; what is left of it may stand all the same.
        left = {key: [one for one in row.data[key] if _claim_of(one) not in gone] for key in ("adds", "shown")}
        return Row(row.file, row.line, {**row.data, **left, "covers": ""})
    sentences = [one for one in row.data["sentences"] if gone.isdisjoint(one["claims"])]
    return Row(row.file, row.line, {**row.data, "sentences": sentences})


def _claim_of(part: dict[str, str]) -> str:
    return part.get("claim") or part.get("id", "")


def _page_of(row: Row) -> str | None:
    """The page that a record is about."""
    if row.kind == "page":
        return row.to(Page).path
    return row.to(Summary).of if row.kind == "summary" else None


def onlooker() -> Terminal:
    """Somebody who reads on stderr what will happen, and is asked nothing."""

    def say(text: str) -> None:
        click.echo(text, err=True, nl=False, color=None if "NO_COLOR" not in os.environ else False)

    return Terminal(say, lambda _: "a", lambda text: text)


def terminal() -> Terminal:
    """The terminal of this process, whatever its stdin and stdout are. Raises Failure if it has none."""
    try:
        read, write = open("/dev/tty", encoding="utf-8"), open("/dev/tty", "w", encoding="utf-8")  # noqa: SIM115
    except OSError:
        raise Failure("there is no terminal to ask at: leave REVIEW out, or run it in one") from None

    def say(text: str) -> None:
        write.write(text if "NO_COLOR" not in os.environ else click.unstyle(text))
        write.flush()

    def ask(prompt: str) -> str:
        say(prompt)
        line = read.readline()
        return line or "q"

    def edit(text: str) -> str:
        changed = click.edit(text, extension=".md", require_save=False)
        return text if changed is None else changed

    return Terminal(say, ask, edit)
