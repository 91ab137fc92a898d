"""What calls come to, and when they are of two kinds."""

from __future__ import annotations

import math
import random

import pytest

from quern.models import meter, spending
from quern.models.meter import Call, Meter
from quern.vault import Vault


def call(**more):
    fields = {"time": "2026-04-02T10:00:00Z", "stage": "extract", "role": "extract", "model": "m"}
    return Call(**(fields | more))


def test_calls_are_summed_by_stage_and_model_and_cached_ones_cost_nothing():
    calls = [
        call(prompt_tokens=100, completion_tokens=10, seconds=2.0, max_tokens=50, context=4096),
        call(
            prompt_tokens=300, completion_tokens=30, seconds=4.0, refused="cut", retries=2, max_tokens=50, context=4096
        ),
        call(cached=True, prompt_tokens=999),
        call(stage="summarize", role="write"),
    ]
    one, other = spending.of(calls)
    assert (one.stage, other.stage) == ("extract", "summarize")
    assert (one.calls, one.cached, one.refused, one.retries) == (2, 1, 1, 2)
    assert (one.prompt_tokens, one.completion_tokens, one.seconds) == (400, 40, 6.0)
    assert (one.context, one.needed) == (4096, 350)


def test_a_spread_has_the_median_and_the_ninetieth_percentile():
    found = spending.spread("seconds", [float(number) for number in range(1, 11)])
    assert (found.n, found.least, found.median, found.p90, found.most) == (10, 1.0, 5.5, 9.0, 10.0)


def test_two_heaps_are_told_apart():
    heaps = spending.heaps([0.09, 0.1, 0.11, 0.1, 0.12, 21.0, 20.5, 22.0, 21.3, 20.8])
    assert [(heap.n, heap.median) for heap in heaps] == [(5, 0.1), (5, 21.0)]


@pytest.mark.parametrize("few", [0.3, 0.15])
def test_heaps_of_unlike_size_are_found(few):
    chance = random.Random(3)
    values = [chance.lognormvariate(math.log(4) if chance.random() < few else 0, 0.25) for _ in range(300)]
    low, high = spending.heaps(values)
    assert low.median == pytest.approx(1, rel=0.1)
    assert high.median == pytest.approx(4, rel=0.1)
    assert high.n == pytest.approx(few * 300, rel=0.25)


@pytest.mark.parametrize(
    "draw",
    [
        lambda chance: chance.gauss(10, 2),
        lambda chance: chance.lognormvariate(0, 1),
        lambda chance: chance.uniform(1, 10),
        lambda chance: chance.expovariate(1),
        lambda _: 3.0,
    ],
    ids=["normal", "lognormal", "uniform", "exponential", "all the same"],
)
def test_one_heap_is_one(draw):
    chance = random.Random(5)
    found = [spending.heaps([draw(chance) for _ in range(300)]) for _ in range(5)]
    assert found == [[]] * 5


def test_a_few_odd_calls_are_no_heap():
    assert spending.heaps([1.0, 1.1, 0.9, 1.05, 0.95] * 20 + [60.0, 61.0]) == []


def test_one_who_has_twice_the_context_that_is_needed_is_named():
    small = spending.of([call(prompt_tokens=1000, max_tokens=500, context=3000)])
    large = spending.of([call(prompt_tokens=1000, max_tokens=500, context=16384)])
    assert list(spending.oversized(small)) == []
    (said,) = spending.oversized(large)
    assert said.startswith("m: 16384 tokens of context are loaded, and no call needed more than 1500: 2048")


def test_a_full_file_is_put_aside_and_still_read(tmp_path, monkeypatch):
    monkeypatch.setattr(meter, "FULL", 1000)
    place = Vault(tmp_path)
    for number in range(6):
        Meter(place).note(call(prompt_tokens=number))
    assert [one.prompt_tokens for one in meter.calls(place)] == [0, 1, 2, 3, 4, 5]
    for number in range(6, 40):
        Meter(place).note(call(prompt_tokens=number))
    kept = [one.prompt_tokens for one in meter.calls(place)]
    assert kept == list(range(40 - len(kept), 40))
    assert len(kept) < 12


def test_a_line_that_was_cut_off_is_left_out(tmp_path):
    place = Vault(tmp_path)
    Meter(place).note(call())
    with open(place.cache / "calls.jsonl", "ab") as stream:
        stream.write(b'{"kind":"call","ti')
    Meter(place).note(call())
    Meter(place).note(call())
    assert len(list(meter.calls(place))) == 2
