"""Merge is broken on purpose, in the ways of the table in `breaks`; each break is caught, by the one who should."""

from __future__ import annotations
import __future__

import importlib
import inspect
import sys
import textwrap
from collections import Counter
from types import CodeType, FunctionType

import mill
import pytest
from mutations import scene
from mutations.breaks import BREAKS, Break


@pytest.fixture(autouse=True)
def miller(monkeypatch):
    monkeypatch.setenv("QUERN_AGENT", mill.AGENT)


@pytest.fixture(scope="session")
def golden(tmp_path_factory):
    """The wiki at the end of the week, when nothing is broken."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUERN_AGENT", mill.AGENT)
        vault, _ = scene.week(tmp_path_factory.mktemp("golden") / "vault")
    return mill.picture(vault.root)


@pytest.fixture
def broken(monkeypatch):
    """`broken(row)` breaks what a row of the table says, until the test ends."""

    def break_(row: Break) -> None:
        function = find(row.function)
        monkeypatch.setattr(function, "__code__", code(function, row))
        forget()

    yield break_
    monkeypatch.undo()
    forget()


def find(place: str) -> FunctionType:
    """The function that a row names, without its decorators."""
    module, _, path = place.partition(":")
    found = importlib.import_module(f"quern.{module}")
    for name in path.split("."):
        found = getattr(found, name)
    return inspect.unwrap(found)


def code(function: FunctionType, row: Break) -> CodeType:
    """What Python makes of the function with the piece exchanged."""
    source = textwrap.dedent(inspect.getsource(function))
    times = source.count(row.old)
    assert times == 1, f"{row.function} has {row.old!r} {times} times: write this break anew"
    made: dict[str, FunctionType] = {}
    whole = compile(source.replace(row.old, row.new), row.function, "exec", __future__.annotations.compiler_flag)
    exec(whole, function.__globals__, made)  # noqa: S102 - our own source
    return inspect.unwrap(made[function.__name__]).__code__


def forget() -> None:
    """What was found by the code as it was is not to be found again without it."""
    modules = [module for name, module in sys.modules.items() if name.startswith("quern.")]
    for value in {id(value): value for module in modules for value in vars(module).values()}.values():
        if hasattr(value, "cache_clear"):
            value.cache_clear()


@pytest.mark.parametrize("guard", dict.fromkeys(scene.GUARDS.values()), ids=lambda guard: guard.__name__)
def test_no_guard_complains_of_what_is_whole(guard, golden, tmp_path):
    assert guard(tmp_path / "vault", golden) == []


@pytest.mark.parametrize("row", BREAKS, ids=lambda row: f"{row.promise} {row.what}")
def test_a_break_is_caught_by_the_one_who_should_and_says_where(row, broken, golden, tmp_path):
    broken(row)
    said = scene.GUARDS[row.caught_by](tmp_path / "vault", golden)
    own = [line for line in said if line.startswith(f"{row.caught_by}: ")]
    assert [line for line in own if row.where in line and row.says in line], said


def test_every_promise_is_broken_more_than_once():
    assert len(BREAKS) >= 20
    assert min(Counter(row.promise for row in BREAKS)[promise] for promise in range(1, 7)) >= 2
