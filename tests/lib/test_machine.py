"""What a machine has for a model, as its own tools tell."""

from __future__ import annotations

import ctypes
import platform
from pathlib import Path
from typing import Any

import pytest

from quern.models import machine


def tool(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def mac(
    tools: Path, monkeypatch: pytest.MonkeyPatch, gigabytes: int, limit: int, processor: str = "arm64"
) -> machine.Memory:
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    monkeypatch.setattr(platform, "machine", lambda: processor)
    tool(
        tools, "sysctl",
        f'case "$2" in hw.memsize) echo {gigabytes << 30} ;; iogpu.wired_limit_mb) echo {limit} ;; *) exit 1 ;; esac',
    )  # fmt: skip
    return machine.memory()


@pytest.mark.parametrize(("gigabytes", "share"), [(16, 2 / 3), (36, 2 / 3), (64, 3 / 4)])
def test_a_mac_lets_its_gpu_have_a_share_of_the_memory(tools, monkeypatch, gigabytes: int, share: float) -> None:
    found = mac(tools, monkeypatch, gigabytes, 0)
    assert found.wired
    assert found.total == gigabytes << 30
    assert found.room(on_gpu=True) == pytest.approx(share * (gigabytes << 30), rel=1e-6)
    assert found.room(on_gpu=False) == gigabytes << 30


def test_the_limit_that_is_set_counts(tools, monkeypatch) -> None:
    assert mac(tools, monkeypatch, 16, 14_000).gpu == 14_000 << 20


def test_an_intel_mac_has_no_such_limit(tools, monkeypatch) -> None:
    assert mac(tools, monkeypatch, 16, 0, "x86_64").gpu == 0


def test_the_line_that_raises_the_limit(tools, monkeypatch) -> None:
    found = mac(tools, monkeypatch, 16, 0)
    assert found.raising(11 << 30) == "sudo sysctl iogpu.wired_limit_mb=11264"
    assert found.raising((11 << 30) + 1) == "sudo sysctl iogpu.wired_limit_mb=11520"
    assert found.raising(13 << 30) == ""  # the system needs some of it


def test_cards_are_counted_together(tools, monkeypatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    tool(tools, "nvidia-smi", "echo '24576, 20000'; echo '24576, 24000'")
    found = machine.memory()
    assert (found.gpu, found.gpu_free) == (2 * 24_576 << 20, 44_000 << 20)
    assert found.room(on_gpu=True) == 44_000 << 20
    assert found.raising(1 << 30) == ""


@pytest.mark.parametrize("script", ["echo 'NVIDIA-SMI has failed'; exit 9", "echo '[N/A], [N/A]'"])
def test_a_card_that_tells_nothing_is_none(tools, monkeypatch, script: str) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    tool(tools, "nvidia-smi", script)
    assert machine.memory().gpu == 0


def test_this_machine_has_memory_and_reads_it() -> None:
    found = machine.memory()
    assert found.total >= found.free > 0
    assert machine.bandwidth(1 << 22, 0.02) > 1e8


class Driver:
    """NVML, with cards of these clocks (MHz) and widths (bits)."""

    def __init__(self, *cards: tuple[int, int], old: bool = False) -> None:
        self.cards, self.ended = cards, False
        if not old:
            self.nvmlDeviceGetMemoryBusWidth = lambda card, width: self._put(width, cards[card.value or 0][1])

    def _put(self, reference: Any, value: int) -> int:
        reference._obj.value = value
        return 0

    def nvmlInit_v2(self) -> int:  # noqa: N802
        return 0

    def nvmlShutdown(self) -> int:  # noqa: N802
        self.ended = True
        return 0

    def nvmlDeviceGetCount_v2(self, count: Any) -> int:  # noqa: N802
        return self._put(count, len(self.cards))

    def nvmlDeviceGetHandleByIndex_v2(self, number: int, card: Any) -> int:  # noqa: N802
        return self._put(card, number)

    def nvmlDeviceGetMaxClockInfo(self, card: Any, kind: int, clock: Any) -> int:  # noqa: N802
        return self._put(clock, self.cards[card.value or 0][0]) if kind == 2 else 2


def test_what_a_card_reads_a_second_is_asked_of_its_driver(monkeypatch) -> None:
    driver = Driver((10_501, 384), (9_751, 320))
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: driver)
    assert machine.card_bandwidth() == pytest.approx(780e9, rel=0.001)
    assert driver.ended
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: Driver((10_501, 384)))
    assert machine.card_bandwidth() == pytest.approx(1008e9, rel=0.001)


def test_a_card_that_does_not_tell_is_not_guessed_at(monkeypatch) -> None:
    def none(_name: str) -> None:
        raise OSError("libnvidia-ml.so.1: cannot open shared object file")

    for library in (none, lambda _name: Driver(), lambda _name: Driver((10_501, 384), old=True)):
        monkeypatch.setattr(ctypes, "CDLL", library)
        assert machine.card_bandwidth() == 0.0
