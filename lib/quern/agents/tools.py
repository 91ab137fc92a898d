"""What an agent may do with a vault: each tool is a program, started as a person would start it.

So an agent gets what a person gets, lines and records, and no tool can do what a program does not do.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec

from quern.program import Failure
from quern.vault import Vault

MOST_CHARACTERS = 20_000
"""Of a page, at once."""

Words = Annotated[str, msgspec.Meta(min_length=1, max_length=8000)]
Place = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
Page = Annotated[Place, msgspec.Meta(description="its title, an alias, its file name, or its path in the vault")]
Few = Annotated[int, msgspec.Meta(ge=1, le=100)]
Day = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\d$")]


class Search(msgspec.Struct, forbid_unknown_fields=True):
    query: Annotated[Words, msgspec.Meta(description='words; "a phrase", begin*, -not, type:, source:, status:, tag:')]
    claims: Annotated[bool, msgspec.Meta(description="claims, each with its source, instead of pages")] = False
    limit: Few = 10


class ReadPage(msgspec.Struct, forbid_unknown_fields=True):
    page: Page
    offset: Annotated[int, msgspec.Meta(ge=0, description="the character to begin at, for the rest of a long page")] = 0


class Why(msgspec.Struct, forbid_unknown_fields=True):
    page: Page
    line: Annotated[int, msgspec.Meta(ge=1)] | None = None


class Ask(msgspec.Struct, forbid_unknown_fields=True):
    question: Words
    as_of: Annotated[Day, msgspec.Meta(description="answer from what was known on that day")] | None = None


class Lint(msgspec.Struct, forbid_unknown_fields=True):
    page: Annotated[Place, msgspec.Meta(description="only this page or folder, by its path in the vault")] | None = None
    hints: Annotated[bool, msgspec.Meta(description="also what is only advice")] = False


class Log(msgspec.Struct, forbid_unknown_fields=True):
    last: Few = 10


class Ingest(msgspec.Struct, forbid_unknown_fields=True):
    source: Annotated[Place, msgspec.Meta(description="a file in raw/, as raw/x.md")]
    focus: Annotated[str, msgspec.Meta(max_length=1000, description="what it is read for")] = ""


class Tool(NamedTuple):
    """`asks`: what it is given. `writes`: whether it changes the wiki."""

    name: str
    title: str
    sentence: str
    asks: type[msgspec.Struct]
    writes: bool = False


TOOLS = (
    Tool("search", "Search the wiki", "Find pages and claims by words, in any language, best first; each hit says "
         "which words matched where.", Search),
    Tool("read_page", "Read a page", "The Markdown of a page. Its sentences end in footnotes that name their source, "
         "the place in it and its words.", ReadPage),
    Tool("why", "Show the evidence", "Where each claim of a page (or of one line of it) comes from, and whether its "
         "source still says so.", Why),
    Tool("ask", "Ask the wiki", "An answer from the wiki's claims alone, each sentence cited; or that it does not "
         "know, and what is missing.", Ask),
    Tool("lint", "Check the wiki", "What is wrong: contradictions, broken links, stale pages, quotes that are not in "
         "their source.", Lint),
    Tool("log", "Read the log", "The last entries of the log: what was read and done when.", Log),
    Tool("ingest", "Read a source", "Read a file of raw/ into the wiki: pages are made and changed.", Ingest,
         writes=True),
)  # fmt: skip


class Refusal(Exception):
    """What was asked for cannot be done as it was asked; one line for who asked."""


class Command(NamedTuple):
    """A program to start: its arguments, what to add to its environment, and which statuses are an answer."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str] = {}
    fine: tuple[int, ...] = (0, 1)


def offered(may_write: bool) -> Sequence[Tool]:
    """The tools that a vault offers: those that write only if its schema allows it."""
    return [tool for tool in TOOLS if may_write or not tool.writes]


def schema(tool: Tool) -> dict[str, Any]:
    """The JSON Schema of what a tool is given."""
    _, made = msgspec.json.schema_components([tool.asks])
    return {key: value for key, value in made[tool.asks.__name__].items() if key != "title"}


def given(tool: Tool, arguments: Mapping[str, Any] | None) -> Any:
    """What a tool was given, checked. Raises Refusal if it is not what the tool takes."""
    try:
        return msgspec.convert(dict(arguments or {}), tool.asks)
    except msgspec.ValidationError as error:
        raise Refusal(f"{tool.name}: {error}") from None


def command(vault: Vault, home: Path, asked: Any) -> Command:
    """How to start what does it.

    Raises Refusal if a path leads out of the vault or is none that may be read there.
    """
    return _COMMANDS[type(asked)](vault, home, asked)


def page(vault: Vault, path: str, offset: int) -> str:
    """A part of a page that is long, else all of it. Raises Refusal if it is gone, or has less than that."""
    try:
        text = vault.path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Refusal(f"{path}: is gone") from None
    if offset and offset >= len(text):
        raise Refusal(f"{path}: has {len(text)} characters")
    part = text[offset : offset + MOST_CHARACTERS]
    more = len(text) - offset - len(part)
    return part + (f"\n[{more} more characters: offset {offset + len(part)}]\n" if more else "")


def inside(vault: Vault, place: str) -> str:
    """A place that does not lead out of the vault. Raises Refusal if it does."""
    try:
        vault.path(place)
    except (Failure, ValueError):
        raise Refusal(f"{place}: this path leads out of the vault") from None
    return place


def file(vault: Vault, path: str, also: Sequence[str] = ()) -> str:
    """The text of a file in wiki/ or raw/, or of one of `also`.

    Raises Refusal if it is not there, is no text, or is none of these.
    """
    real = os.path.realpath(vault.path(inside(vault, path)))
    rooms = [os.path.join(os.path.realpath(folder), "") for folder in (vault.wiki, vault.raw)]
    if path not in also and not any(real.startswith(room) for room in rooms):
        raise Refusal(f"{path}: only what is in wiki/ and raw/ is for reading")
    try:
        return Path(real).read_text(encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise Refusal(f"{path}: no such file") from None
    except UnicodeDecodeError:
        raise Refusal(f"{path}: not UTF-8 text") from None


def _search(_vault: Vault, home: Path, asked: Search) -> Command:
    what = ("--claims",) if asked.claims else ()
    return Command((_program(home, "search"), "--json", *what, "--limit", str(asked.limit), "--", asked.query))


def _why(vault: Vault, home: Path, asked: Why) -> Command:
    place = asked.page if asked.line is None else f"{asked.page}:{asked.line}"
    return Command((_program(home, "why"), "--json", "--", inside(vault, place)))


def _ask(_vault: Vault, home: Path, asked: Ask) -> Command:
    as_of = ("--as-of", asked.as_of) if asked.as_of else ()
    return Command((_program(home, "ask"), *as_of, "--", asked.question))


def _lint(vault: Vault, home: Path, asked: Lint) -> Command:
    where = ("--path", inside(vault, asked.page)) if asked.page else ()
    return Command((_program(home, "lint"), *(("--all",) if asked.hints else ()), *where))


def _ingest(vault: Vault, home: Path, asked: Ingest) -> Command:
    path = vault.path(inside(vault, asked.source))
    if not path.is_file() or Path(os.path.realpath(vault.raw)) not in Path(os.path.realpath(path)).parents:
        raise Refusal(f"{asked.source}: no file in raw/")
    # The name of a file that is there is taken as it is, blanks and signs of patterns included.
    given = {"SRC": os.path.abspath(path), "FOCUS": asked.focus, "VAULT": str(vault.root)}
    return Command(("make", "-C", str(home), "ingest"), given, fine=(0,))


_COMMANDS: Mapping[type, Callable[[Vault, Path, Any], Command]] = {
    Search: _search,
    Why: _why,
    Ask: _ask,
    Lint: _lint,
    Ingest: _ingest,
}


def _program(home: Path, name: str) -> str:
    return str(home / "bin" / name)
