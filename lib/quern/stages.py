"""The same few programs on many sources, in one process: loading a program takes longer than reading a small source.

Each source has a folder. A stage is a program, the file in the folder that it reads, and the file that it makes.
What a program does to one source is what it would do if it were started for it alone.
"""

from __future__ import annotations

import contextlib
import os
import runpy
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO

# How a program of ours begins; one that begins otherwise may be in any language, and is started.
OURS = b"#!/bin/sh\n''''exec \"${0%/*}/../lib/python\""


STOPPED = 130  # the status of a program that Ctrl-C ended


@dataclass(frozen=True, slots=True)
class Stage:
    """A program and its two files; `@name` is a file that holds the name of what is to be read."""

    program: str
    reads: str
    makes: str


def run(folders: Iterable[str], stages: Sequence[Stage]) -> Iterator[tuple[str, str]]:
    """Take each source through the stages; gives each folder with what the programs said there, once it is through.

    What they say also goes to the file `stderr`. A stage whose file is there is not run; one that fails leaves none,
    and ends the way of this source only.
    """
    for folder in folders:
        said = os.path.join(folder, "stderr")
        with open(said, "w", encoding="utf-8") as errors:
            for stage in stages:
                if not _done(stage, folder, errors):
                    break
        with open(said, encoding="utf-8", errors="replace") as lines:
            yield folder, lines.read()


def _done(stage: Stage, folder: str, errors: TextIO) -> bool:
    made = os.path.join(folder, stage.makes)
    if os.path.exists(made):
        return True
    new = f"{made}.{os.getpid()}"
    try:
        with open(new, "w", encoding="utf-8") as out:
            is_done = _does(stage.program, _input(stage, folder), out, errors)
        if is_done:
            os.replace(new, made)
        return is_done
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(new)


def _input(stage: Stage, folder: str) -> str:
    if not stage.reads.startswith("@"):
        return os.path.join(folder, stage.reads)
    with open(os.path.join(folder, stage.reads[1:]), encoding="utf-8") as stream:
        return stream.read()


def _does(program: str, file: str, out: TextIO, errors: TextIO) -> bool:
    """Whether a program has done its work; one of ours has with status 1, too: that is an answer ("not all of it").

    Raises KeyboardInterrupt if a person stopped it: they mean all of it, and not one source of many.
    """
    arguments = [program, "--", file]
    with open(program, "rb") as stream:
        ours = stream.read(len(OURS)) == OURS
    if not ours:
        errors.flush()
        status = subprocess.run(arguments, stdout=out, stderr=errors, check=False).returncode
        if status in (STOPPED, -signal.SIGINT):
            raise KeyboardInterrupt
        return status == 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors), _arguments(arguments):
        try:
            runpy.run_path(program, run_name="__main__")
        except SystemExit as ended:
            if ended.code == STOPPED:
                raise KeyboardInterrupt from None
            return ended.code in (0, 1, None)
        except Exception:  # noqa: BLE001 - as the interpreter does for a program that is started alone
            traceback.print_exc()
            return False
    return True


@contextlib.contextmanager
def _arguments(arguments: list[str]) -> Iterator[None]:
    before = sys.argv
    sys.argv = arguments
    try:
        yield
    finally:
        sys.argv = before
