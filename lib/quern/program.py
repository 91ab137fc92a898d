"""How every program starts, fails and finishes.

A program writes records to stdout and everything meant for people to stderr, one line each, its own name first.
It exits 0 (done), 1 (done, and the answer is "no") or 2 (could not do it).
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


class Failure(Exception):
    """Something a person can act on: what is wrong and what to do, with the file and line if there are any."""

    def __init__(self, message: str, path: str | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line

    def __str__(self) -> str:
        place = "" if self.path is None else f"{self.path}: " if self.line is None else f"{self.path}:{self.line}: "
        return place + " ".join(self.message.split("\n"))


class Program(click.Command):
    """A click command that keeps the house's rules for failing."""

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:
        name = os.path.basename(sys.argv[0])
        # Pages and claims are many objects and hardly a cycle: at the usual threshold looking for some is a third of
        # the time, and more the more there is in the wiki.
        gc.set_threshold(100_000, 20, 20)
        kwargs.update(prog_name=name, standalone_mode=False)
        try:
            status = super().main(*args, **kwargs)
            sys.stdout.flush()
        except click.UsageError as error:
            _stop(name, f"{error.format_message()} (see {name} --help)", 2)
        except click.Abort:
            _quit(130)
        except Failure as failure:
            _stop(name, str(failure), 2)
        except BrokenPipeError:
            _quit(1)
        except OSError as error:
            where = "" if error.filename is None else f"{os.fsdecode(error.filename)}: "
            _stop(name, f"{where}{error.strerror or error}", 2)
        sys.exit(status if isinstance(status, int) else 0)


def warn(message: str) -> None:
    """Say one line on stderr, the program's name first; on a terminal, over what tells how far it is."""
    name = os.path.basename(sys.argv[0])
    over = "\r\x1b[K" if sys.stderr.isatty() else ""
    print(f"{over}{name}: {message}", file=sys.stderr, flush=True)


def vault_option(command: F) -> F:
    """Give a command the option `--vault DIR`, which every program has."""
    return click.option(
        "--vault", "vault_dir", metavar="DIR", envvar="QUERN_VAULT", help="The vault; else found from here upwards."
    )(command)


def focus_option(command: F) -> F:
    """Give a command the option `--focus`: what a person wants a source read for, "" for whatever it says."""
    return click.option(
        "--focus", envvar="QUERN_FOCUS", metavar="TEXT", default="", callback=_text,
        help="What to emphasize, in your own words.",
    )(command)  # fmt: skip


def asking_options(command: F) -> F:
    """Give a command that may ask a model the options `--fresh` and `--show-prompt`."""
    show = click.option("--show-prompt", is_flag=True, help="Print what a model would be asked, and ask nothing.")
    fresh = click.option("--fresh", envvar="QUERN_FRESH", is_flag=True, help="Use no reply of an earlier run.")
    return show(fresh(command))


def input_argument(command: F) -> F:
    """Give a command the argument FILE, `-` (stdin) by default."""
    return click.argument("file", default="-", metavar="[FILE]")(command)


def date_option(command: F) -> F:
    """Give a command the option `--date`, so that a run can be repeated byte for byte."""
    return click.option(
        "--date", envvar="QUERN_DATE", metavar="YYYY-MM-DD", help="The day of this run; else today.", callback=_date
    )(command)


def _text(_context: click.Context, _option: click.Parameter, value: str) -> str:
    # Bytes that are no UTF-8 cannot stand in a record.
    return value.encode(errors="surrogateescape").decode(errors="replace")


def day(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """An option's value as a day (ISO), or None if it was not given."""
    import datetime

    try:
        return None if value is None else datetime.date.fromisoformat(value).isoformat()
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a date like 2026-04-02") from None


def _date(context: click.Context, option: click.Parameter, value: str | None) -> str:
    import datetime

    return day(context, option, value) or datetime.date.today().isoformat()


def _stop(name: str, message: str, status: int) -> NoReturn:
    print(f"{name}: {message}", file=sys.stderr)
    _quit(status)


def _quit(status: int) -> NoReturn:
    # A reader that has gone must not make the interpreter complain when it closes stdout.
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(status)
