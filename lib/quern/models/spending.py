"""What the calls of models come to: for each stage and model sums, and how the single calls are spread.

One number for calls of two kinds (a prompt that was evaluated, and one that was remembered) is that of neither, so
where a spread has two heaps each is told.
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from quern.models.meter import Call

LEAST = 8  # values that can show two heaps
_LOOKED_AT = 2000  # values; more would tell nothing new and take long
_APART = 2.5  # Ashman's D; from 2 on two bell curves have a valley between them
_SURE = 10.0  # of Bayes' information criterion: "very strong" for two heaps against one
_SHARE = 0.05  # of the values, below which a heap is but some odd ones
_RATIO = 1.5  # of the larger heap's median to the other's, below which nobody minds


@dataclass(frozen=True, slots=True, kw_only=True)
class Heap:
    """One of two clusters of values."""

    n: int
    median: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How some values are spread. `heaps`: the two that they form, the smaller values first; empty if they are one."""

    of: str
    n: int
    least: float
    median: float
    p90: float
    most: float
    heaps: list[Heap] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What a stage asked of a model in one role. Tokens and seconds are those of calls that no cache answered.

    `refused`: replies that the gate or a check refused. `context`: the largest that was loaded, `needed`: the most
    that a prompt and its reply together might have taken of it; 0 if that is not known.
    """

    kind: ClassVar[str] = "spending"
    stage: str
    role: str
    model: str
    since: str
    until: str
    calls: int
    cached: int
    refused: int
    retries: int
    prompt_tokens: int
    reused_tokens: int
    completion_tokens: int
    seconds: float
    context: int
    needed: int
    spreads: list[Spread]


def of(calls: Iterable[Call]) -> Iterator[Spending]:
    """The calls summed up: by stage, role and model, in the order of their names."""
    groups: dict[tuple[str, str, str], list[Call]] = defaultdict(list)
    for call in calls:
        groups[call.stage, call.role, call.model].append(call)
    for key in sorted(groups):
        yield _spending(groups[key])


def oversized(found: Iterable[Spending]) -> Iterator[str]:
    """What to say of each model that has loaded more than twice the context that any of its calls needed.

    Such a context costs memory and, on a machine that shares it with the screen, half of the speed.
    """
    loaded: dict[str, int] = {}
    needed: dict[str, int] = {}
    for one in found:
        loaded[one.model] = max(one.context, loaded.get(one.model, 0))
        needed[one.model] = max(one.needed, needed.get(one.model, 0))
    for model in sorted(loaded):
        if loaded[model] > 2 * needed[model] > 0:
            enough = -(-needed[model] // 1024) * 1024
            yield (
                f"{model}: {loaded[model]} tokens of context are loaded, and no call needed more than "
                f"{needed[model]}: {enough} would do"
            )


def _spending(calls: Sequence[Call]) -> Spending:
    made = [call for call in calls if not call.cached]
    return Spending(
        stage=calls[0].stage,
        role=calls[0].role,
        model=calls[0].model,
        since=min(call.time for call in calls),
        until=max(call.time for call in calls),
        calls=len(made),
        cached=len(calls) - len(made),
        refused=sum(bool(call.refused) for call in made),
        retries=sum(call.retries for call in made),
        prompt_tokens=sum(call.prompt_tokens for call in made),
        reused_tokens=sum(call.reused_tokens for call in made),
        completion_tokens=sum(call.completion_tokens for call in made),
        seconds=round(sum(call.seconds for call in made), 3),
        context=max((call.context for call in made), default=0),
        needed=max((call.prompt_tokens + call.max_tokens for call in made if call.prompt_tokens), default=0),
        spreads=list(_spreads(made)),
    )


def _spreads(made: Sequence[Call]) -> Iterator[Spread]:
    told = {
        "seconds": [call.seconds for call in made],
        "prompt_tokens": [float(call.prompt_tokens) for call in made],
        "completion_tokens": [float(call.completion_tokens) for call in made],
        "prefill_seconds": [call.prefill_seconds for call in made],
        "decode_tokens_per_second": [
            call.completion_tokens / call.decode_seconds for call in made if call.decode_seconds > 0
        ],
    }
    for name, values in told.items():
        if values:
            yield spread(name, values)


def spread(of_what: str, values: Sequence[float]) -> Spread:
    """How values are spread: least, median, nearest-rank 90th percentile, most, and two heaps if there are."""
    ordered = sorted(values)
    return Spread(
        of=of_what,
        n=len(ordered),
        least=_short(ordered[0]),
        median=_short(statistics.median(ordered)),
        p90=_short(ordered[math.ceil(0.9 * len(ordered)) - 1]),
        most=_short(ordered[-1]),
        heaps=heaps(ordered),
    )


def heaps(values: Sequence[float]) -> list[Heap]:
    """The two heaps that values form, or nothing.

    Two bell curves are fitted to the logarithms (expectation maximisation) and have to explain them much better than
    one (Bayes' information criterion: Kass and Raftery, 1995), and to stand apart (Ashman's D: Ashman, Bird and Zepf,
    1994).
    """
    ordered = sorted(value for value in values if value > 0)
    if len(ordered) < LEAST:
        return []
    step = max(1, len(ordered) // _LOOKED_AT)
    cut = _cut([math.log(value) for value in ordered[::step]])
    if cut is None:
        return []
    low = [value for value in ordered if math.log(value) < cut]
    high = ordered[len(low) :]
    if min(len(low), len(high)) < max(3, _SHARE * len(ordered)):
        return []
    found = [Heap(n=len(heap), median=_short(statistics.median(heap))) for heap in (low, high)]
    return found if found[1].median >= _RATIO * found[0].median else []


@dataclass(slots=True)
class _Bell:
    share: float
    mean: float
    variance: float

    def at(self, value: float) -> float:
        return self.share * math.exp(-((value - self.mean) ** 2) / (2 * self.variance)) / math.sqrt(self.variance)


def _cut(values: Sequence[float]) -> float | None:
    """The value between two bell curves, if these fit much better than one and stand apart."""
    spread_ = statistics.pvariance(values)
    if spread_ < 1e-9:
        return None
    floor = spread_ / 1000
    low, high, gain = _fitted(values, floor)
    gain -= -len(values) / 2 * (math.log(spread_) + 1)
    apart = math.sqrt(2) * (high.mean - low.mean) / math.sqrt(low.variance + high.variance)
    # Three parameters more than one curve has.
    if 2 * gain - 3 * math.log(len(values)) < _SURE or apart < _APART:
        return None
    return next((value for value in values if value > low.mean and high.at(value) >= low.at(value)), None)


def _fitted(values: Sequence[float], floor: float) -> tuple[_Bell, _Bell, float]:
    """Two bell curves fitted to sorted values, and the logarithm of their likelihood (less a constant)."""
    at = _split(values)
    low, high = _bell(values[:at], len(values), floor), _bell(values[at:], len(values), floor)
    likelihood = -math.inf
    for _ in range(60):
        weights, total = [], 0.0
        for value in values:
            one, other = low.at(value), high.at(value)
            whole = max(one + other, 1e-300)
            weights.append(one / whole)
            total += math.log(whole)
        if total - likelihood < 1e-4:
            break
        likelihood = total
        low = _weighted(values, weights, floor)
        high = _weighted(values, [1 - weight for weight in weights], floor)
    return low, high, likelihood


def _split(values: Sequence[float]) -> int:
    """Where sorted values fall apart best: the least variance within both parts (Otsu, 1979)."""
    whole, squares = sum(values), sum(value * value for value in values)
    best, at, left, left_squares = math.inf, 1, 0.0, 0.0
    for number, value in enumerate(values[:-1], 1):
        left, left_squares = left + value, left_squares + value * value
        rest = len(values) - number
        within = left_squares - left * left / number + (squares - left_squares) - (whole - left) ** 2 / rest
        if within < best:
            best, at = within, number
    return at


def _bell(values: Sequence[float], of_all: int, floor: float) -> _Bell:
    return _Bell(len(values) / of_all, statistics.fmean(values), max(statistics.pvariance(values), floor))


def _weighted(values: Sequence[float], weights: Sequence[float], floor: float) -> _Bell:
    total = max(sum(weights), 1e-9)
    mean = sum(weight * value for weight, value in zip(weights, values, strict=True)) / total
    variance = sum(weight * (value - mean) ** 2 for weight, value in zip(weights, values, strict=True)) / total
    return _Bell(total / len(values), mean, max(variance, floor))


def _short(value: float) -> float:
    return round(value, 3)
