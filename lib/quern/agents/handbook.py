"""AGENTS.md: what an agent that keeps a wiki must know, made of its schema and of what the programs say of themselves.

What stands outside the two marks is a person's, and stays.
"""

from __future__ import annotations

import os
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import NamedTuple

import click

from quern.layout import folder_of
from quern.schema import MEANINGS, Guidance, Schema
from quern.vault import Vault, write_atomically

BEGIN = "<!-- quern: begin. `make agents` writes what stands from here to the end mark; what you add outside stays. -->"
END = "<!-- quern: end -->"
_BETWEEN = re.compile(r"<!-- quern: begin\..*?<!-- quern: end -->", re.DOTALL)
_TARGET = re.compile(r"^([a-z-]+):.*?  ## (.*)$", re.MULTILINE)
# What only those call who work on the mill itself, and what only the Makefile calls.
_NOT_FOR_AGENTS = frozenset({"help", "test", "test-fast", "bench", "docs", "clean", "stages"})
_INNER = frozenset({"each", "plan", "report", "tally", "init"})


class Told(NamedTuple):
    """What a program says of itself: how it is called, and in one sentence what it does."""

    name: str
    usage: str
    sentence: str


def write(vault: Vault, schema: Schema, home: Path) -> list[str]:
    """Bring AGENTS.md and the CLAUDE.md that points to it up to date; the names of those that changed.

    `home`: the clone that the programs and the Makefile are in.
    """
    agents, claude = vault.root / "AGENTS.md", vault.root / "CLAUDE.md"
    texts = {agents: within(_text(agents), told(vault, schema, home)), claude: pointing(_text(claude))}
    changed = [path for path, text in texts.items() if text != _text(path)]
    for path in changed:
        write_atomically(path, texts[path].encode(), vault.root / ".quern")
    return [path.name for path in changed]


def within(text: str, part: str) -> str:
    """A text with our part between its marks: where one stood, else at the end."""
    part = f"{BEGIN}\n\n{part.strip()}\n\n{END}"
    if _BETWEEN.search(text):
        return _BETWEEN.sub(lambda _: part, text, count=1)
    return f"{text.rstrip()}\n\n{part}\n".lstrip()


def pointing(text: str) -> str:
    """A CLAUDE.md that has AGENTS.md read."""
    if re.search(r"^@(?:\./)?AGENTS\.md\s*$", text, re.MULTILINE):
        return text
    return f"{text.rstrip()}\n\n@AGENTS.md\n".lstrip()


def told(vault: Vault, schema: Schema, home: Path) -> str:
    """Our part of AGENTS.md, as Markdown."""
    makefile = (home / "Makefile").read_text(encoding="utf-8")
    text = (Path(__file__).parents[1] / "data" / "agents.md").read_text(encoding="utf-8")
    return Template(text).substitute(
        where=_where(vault, home),
        types="\n".join(_types(schema)),
        engine=_engine(schema),
        committed="\n" + _COMMITTED if schema.git.commit else "",
        guidance=_guidance(schema),
        targets="\n".join(f"| `make {name}` | {_cell(what)} |" for name, what in _targets(makefile)),
        programs="\n".join(f"| `{one.usage}` | {_cell(one.sentence)} |" for one in programs(home)),
    )


def programs(home: Path) -> Iterator[Told]:
    """What each program of a clone says of itself, by name; none is started for it."""
    for path in sorted((home / "bin").iterdir()):
        if path.is_file() and path.name not in _INNER:
            command = _command(path)
            pieces = command.collect_usage_pieces(click.Context(command))
            sentence = (command.help or "").strip().partition("\n\n")[0]
            yield Told(path.name, " ".join([f"bin/{path.name}", *pieces]), " ".join(sentence.split()))


def _command(path: Path) -> click.Command:
    # Its bytecode would be left beside the programs by an import.
    command: click.Command = runpy.run_path(str(path), run_name=path.name)["main"]
    return command


_COMMITTED = "Every run that changes the wiki is a git commit of its own; `make undo` takes the last one back."


def _targets(makefile: str) -> Iterator[tuple[str, str]]:
    return ((name, what) for name, what in _TARGET.findall(makefile) if name not in _NOT_FOR_AGENTS)


def _where(vault: Vault, home: Path) -> str:
    if os.path.realpath(vault.root) == os.path.realpath(home):
        return "Run the commands below in this folder."
    path = os.path.realpath(home)
    user = os.path.expanduser("~")
    shown = f"~{path[len(user) :]}" if path.startswith(f"{user}{os.sep}") else path
    return (
        f"The programs and the Makefile are in `{shown}`: run the commands below there, with `QUERN_VAULT` set to this "
        "folder. Paths in `raw/` are given as they are seen from there, or absolute."
    )


def _types(schema: Schema) -> Iterator[str]:
    said = schema.guidance.types if isinstance(schema.guidance, Guidance) else {}
    for type_ in schema.pages.types:
        meaning = MEANINGS.get(type_, "")
        words = ". ".join(part for part in (meaning, " ".join(said.get(type_, "").split())) if part)
        yield f"| `wiki/{folder_of(type_)}/` | {type_} | {_cell(words)} |"


def _engine(schema: Schema) -> str:
    if schema.is_rules:
        return "No model is named in `schema.yaml`: pages quote their sources and nothing is said in other words."
    names = ", ".join(f"`{name}`" for name in sorted(schema.models))
    return f"A model reads and writes (in `schema.yaml`: {names}); what it says is checked against the sources."


def _guidance(schema: Schema) -> str:
    general = (schema.guidance.general if isinstance(schema.guidance, Guidance) else schema.guidance).strip()
    return f"\n## What this wiki is for\n\n{general}\n" if general else ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
