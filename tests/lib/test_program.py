"""What a program says of itself when it ends: the status, whatever ended it."""

from __future__ import annotations

import click
import pytest

from quern.program import Failure, Program


@pytest.mark.parametrize(
    ("raised", "status", "said"),
    [
        (Failure("what is wrong", "wiki/A.md", 3), 2, "wiki/A.md:3: what is wrong\n"),
        (OSError(28, "No space left on device", "log.md"), 2, "log.md: No space left on device\n"),
        (click.UsageError("no such option"), 2, "no such option (see"),
        (BrokenPipeError(), 1, ""),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_what_ends_a_program_is_its_status(raised, status, said, monkeypatch, capsys):
    @click.command(cls=Program)
    def main():
        raise raised

    monkeypatch.setattr("quern.program.gc.set_threshold", lambda *_: None)
    with pytest.raises(SystemExit) as stopped:
        main.main([])
    assert stopped.value.code == status
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(("given", "status"), [(None, 0), (0, 0), (1, 1)])
def test_the_answer_no_is_a_status(given, status, monkeypatch):
    @click.command(cls=Program)
    def main():
        return given

    monkeypatch.setattr("quern.program.gc.set_threshold", lambda *_: None)
    with pytest.raises(SystemExit) as stopped:
        main.main([])
    assert stopped.value.code == status
