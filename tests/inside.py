"""The programs of bin/ run in this process: the same code from command line to exit status, and no start to pay for.

One stage ends before the next begins, so what only shows when processes stream to each other is for real ones to show.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import IO, Any

from processes import ROOT


def run(
    program: str, *arguments: str, vault: Path, stdin: bytes, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[bytes]:
    """Run one program in a vault, as a process would."""
    main = _main(program)
    command = [str(ROOT / "bin" / program), *arguments]
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        with _surroundings(vault, environment, command), _streams(given, out, err):
            status = _status(main, list(arguments))
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(command, status, out.read(), err.read())


def pipe(
    stages: Sequence[Sequence[str]],
    answers: frozenset[str],
    *,
    vault: Path,
    stdin: bytes,
    environment: Mapping[str, str],
) -> subprocess.CompletedProcess[bytes]:
    """Run programs one after the other; it fails when any of them does. Status 1 of `answers` is no failure."""
    status, said = 0, b""
    for program, *arguments in stages:
        done = run(program, *arguments, vault=vault, stdin=stdin, environment=environment)
        stdin, said = done.stdout, said + done.stderr
        if done.returncode and not (done.returncode == 1 and program in answers):
            status = done.returncode
    return subprocess.CompletedProcess([], status, stdin, said)


@functools.cache
def _main(program: str) -> Callable[..., Any]:
    path = ROOT / "bin" / program
    module = ModuleType(f"bin_{program}")
    module.__file__ = str(path)
    exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)  # noqa: S102 - a program of ours
    return module.main


def _status(main: Callable[..., Any], arguments: list[str]) -> int:
    try:
        main(arguments)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


@contextlib.contextmanager
def _surroundings(vault: Path, environment: Mapping[str, str], command: list[str]) -> Iterator[None]:
    """What a process has of its own, for a while ours; put back whatever happens."""
    known, folder, arguments, threshold = dict(os.environ), os.getcwd(), sys.argv, gc.get_threshold()
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = command
    os.chdir(vault)
    try:
        yield
    finally:
        os.chdir(folder)
        sys.argv = arguments
        os.environ.clear()
        os.environ.update(known)
        gc.set_threshold(*threshold)


@contextlib.contextmanager
def _streams(given: IO[bytes], out: IO[bytes], err: IO[bytes]) -> Iterator[None]:
    kept = sys.stdin, sys.stdout, sys.stderr
    with _text(given, "r") as stdin, _text(out, "w") as stdout, _text(err, "w") as stderr:
        sys.stdin, sys.stdout, sys.stderr = stdin, stdout, stderr
        try:
            yield
        finally:
            sys.stdin, sys.stdout, sys.stderr = kept


def _text(file: IO[bytes], mode: str) -> IO[Any]:
    return open(file.fileno(), mode, encoding="utf-8", closefd=False)
