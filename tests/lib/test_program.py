"""What a program says of itself when it ends: the status, whatever ended it."""

from __future__ import annotations

import click
import pytest

from quern.program import Failure, Program


@pytest.fixture
def status(monkeypatch):
    """`status(body)`: what a program ends with that does this."""
    monkeypatch.setattr("quern.program.gc.set_threshold", lambda *_: None)

    def of(body):
        with pytest.raises(SystemExit) as stopped:
            click.command(cls=Program)(body).main([])
        return stopped.value.code

    return of


@pytest.mark.parametrize(
    ("raised", "wanted", "said"),
    [
        (Failure("what is wrong", "wiki/A.md", 3), 2, "wiki/A.md:3: what is wrong\n"),
        (OSError(28, "No space left on device", "log.md"), 2, "log.md: No space left on device\n"),
        (click.UsageError("no such option"), 2, "no such option (see"),
        (BrokenPipeError(), 1, ""),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_what_ends_a_program_is_its_status(raised, wanted, said, status, capsys):
    def main():
        raise raised

    assert status(main) == wanted
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(("given", "wanted"), [(None, 0), (0, 0), (1, 1)])
def test_the_answer_no_is_a_status(given, wanted, status):
    def main():
        return given

    assert status(main) == wanted
