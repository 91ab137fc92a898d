"""The mill run by hand: real processes, joined by real pipes, in a vault of a test's own.

While a model reads (`READER`), the same programs run in this process: what they are in pipes the rules have shown.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import inside
import processes
import scripted
from processes import ROOT

BIN = ROOT / "bin"
AGENT = "miller"

# Who reads in an empty vault: "" for the rules, or the address of a server of models (see scenarios/conftest.py).
READER = ""

# The order of the mill. Make knows it too; a test of the README holds the two together.
THINKING = ("extract", "link", "summarize")
WRITING = ("merge", "index", "lint", "logappend")
# What only a process that starts heeds.
STARTING = frozenset({"PATH", "PYTHONHASHSEED", "PYTHONPATH"})
# Those whose status 1 is an answer, and no reason to stop.
ANSWERS = frozenset({"lint", "outdated"})


def environment(date: str = "2026-04-02", **more: str) -> dict[str, str]:
    """What a process of the mill sees."""
    return processes.environment(**{"QUERN_AGENT": AGENT, "QUERN_DATE": date} | more)


def run(
    program: str, *arguments: str, vault: Path, stdin: bytes = b"", **settings: str
) -> subprocess.CompletedProcess[bytes]:
    """Run one program of bin/ in a vault."""
    if READER and not STARTING & settings.keys():
        return inside.run(program, *arguments, vault=vault, stdin=stdin, environment=environment(**settings))
    return subprocess.run(
        [BIN / program, *arguments],
        input=stdin,
        capture_output=True,
        cwd=vault,
        env=environment(**settings),
        timeout=120,
        check=False,
    )


def pipe(
    programs: Sequence[str | tuple[str, ...]], vault: Path, stdin: bytes = b"", **settings: str
) -> subprocess.CompletedProcess[bytes]:
    """Run programs joined by pipes in a vault; one that reads no pipe is given with its arguments."""
    if READER and not STARTING & settings.keys():
        return here(programs, vault, stdin, **settings)
    return shell(stages(programs), vault, stdin, **settings)


def here(
    programs: Sequence[str | tuple[str, ...]], vault: Path, stdin: bytes = b"", **settings: str
) -> subprocess.CompletedProcess[bytes]:
    """The same in this process, one after the other, whoever reads: for what only has to be done."""
    words = [_words(program) for program in programs]
    return inside.pipe(words, ANSWERS, vault=vault, stdin=stdin, environment=environment(**settings))


def stages(programs: Sequence[str | tuple[str, ...]]) -> str:
    """A pipeline of programs as a shell command; that lint finds something (status 1) is no reason to stop."""
    return " | ".join(_command(program) for program in programs)


def _command(program: str | tuple[str, ...]) -> str:
    name, *arguments = _words(program)
    command = shlex.join([str(BIN / name), *arguments])
    return f"{{ {command} || [ $? -eq 1 ]; }}" if name in ANSWERS else command


def _words(program: str | tuple[str, ...]) -> tuple[str, ...]:
    if isinstance(program, tuple):
        return program
    # A check of the whole wiki reads no records, unless it is told to.
    return (program, "-") if program == "lint" else (program,)


def shell(command: str, vault: Path, stdin: bytes = b"", **settings: str) -> subprocess.CompletedProcess[bytes]:
    """Run a shell command in a vault; it fails when any part of a pipe fails."""
    return subprocess.run(
        ["bash", "-c", "set -euo pipefail; " + command],
        input=stdin,
        capture_output=True,
        cwd=vault,
        env=environment(**settings),
        timeout=300,
        check=False,
    )


def thought(vault: Path, source: str, date: str) -> bytes:
    """The records that the thinking programs make of one source: what merge is given."""
    done = pipe([("segment", source), *THINKING], vault, date=date)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def ingest(vault: Path, source: str, date: str) -> subprocess.CompletedProcess[bytes]:
    """Send one source of raw/ through the whole mill."""
    done = pipe([("segment", source), *THINKING, *WRITING], vault, date=date)
    assert done.returncode == 0, done.stderr.decode()
    return done


def write(vault: Path, records: bytes, date: str) -> subprocess.CompletedProcess[bytes]:
    """Send records through the writing programs."""
    return pipe(WRITING, vault, stdin=records, date=date)


def empty_vault(folder: Path, sources: Sequence[Path] = ()) -> Path:
    """A vault with the project's schema, some sources and no wiki yet."""
    (folder / "raw").mkdir(parents=True)
    (folder / "wiki").mkdir()
    copy_schema(folder)
    if READER:
        scripted.use(folder, READER)
    for source in sources:
        shutil.copy(source, folder / "raw")
    return folder


def sample_vault(folder: Path) -> Path:
    """A copy of the committed sample: its raw sources and the wiki that stands."""
    folder.mkdir(parents=True)
    copy_schema(folder)
    shutil.copy(ROOT / "log.md", folder)
    for name in ("raw", "wiki"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def copy_schema(folder: Path) -> None:
    """The project's schema, which names no model; here it names the rules, so that nothing is said of that."""
    text = (ROOT / "schema.yaml").read_text(encoding="utf-8")
    (folder / "schema.yaml").write_text(f"{text}\nengine: rules\n", encoding="utf-8")


def picture(vault: Path) -> dict[str, bytes]:
    """Every byte of raw/, wiki/ and log.md, by path."""
    files = (path for name in ("raw", "wiki") for path in (vault / name).rglob("*"))
    found = {path.relative_to(vault).as_posix(): path.read_bytes() for path in files if path.is_file()}
    if (vault / "log.md").exists():
        found["log.md"] = (vault / "log.md").read_bytes()
    return found


def differences(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    """The paths in which two pictures differ, each with its first differing line."""
    differing = [path for path in sorted(one.keys() | other.keys()) if one.get(path) != other.get(path)]
    return [f"{path}: {_first_difference(one.get(path), other.get(path))}" for path in differing]


def topic_pages(vault: Path) -> list[Path]:
    """The pages of a wiki that are neither source pages nor indexes."""
    pages = (vault / "wiki").rglob("*.md")
    return sorted(page for page in pages if page.parent.name != "sources" and not page.name.startswith("index"))


def bullets(text: str) -> list[str]:
    """The bullets under the headings of a page."""
    return [line for line in text.split("\n") if line.startswith("- ")]


def claims(text: str) -> set[str]:
    """The ids of the claims that a page cites."""
    return set(re.findall(r"\[\^([0-9a-f]{12})\]", text))


def console(text: str) -> Iterator[tuple[str, list[str]]]:
    """The commands in the console blocks of a document, each with the output that the document shows."""
    for block in re.findall(r"^```console\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        command: str | None = None
        output: list[str] = []
        for line in block.splitlines():
            if line.startswith("$ "):
                if command is not None:
                    yield command, output
                command, output = line[2:], []
            elif command is not None and line.startswith("> "):
                command += "\n" + line[2:]
            else:
                output.append(line)
        if command is not None:
            yield command, output


def shown_in(shown: list[str], output: str) -> bool:
    """Whether the lines that a document shows stand in an output, in order; `…` stands for anything."""
    pattern = "(?s:.*?)\n".join(_line_pattern(line) for line in shown if line.strip() != "…")
    return re.search(pattern, output) is not None


def _line_pattern(line: str) -> str:
    return ".*?".join(re.escape(part) for part in line.split("…"))


def _first_difference(one: bytes | None, other: bytes | None) -> str:
    if one is None or other is None:
        return "is not there" if one is None else "is there alone"
    pairs = zip([*one.split(b"\n"), None], [*other.split(b"\n"), None], strict=False)
    left, right = next((pair for pair in pairs if pair[0] != pair[1]), (None, None))
    return f"{left!r} against {right!r}"
