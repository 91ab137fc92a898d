"""How long it will take: what is said before the first call, while a stage runs, and when it has ended.

Each client has one `Pace`. The engine says what is to be done, the client what is done:

    client.pace.begin(passages=12, tokens=14_300)   # engine: for each source, before it asks anything
    pace.asking(1_800, request.timeout)             # client: before a call that no cache answers
    pace.step(reply)                                # client: after it; pace.step(cached=True) where the cache answered
    client.pace.passed()                            # engine: one passage is through, with whatever calls it took
    pace.end()                                      # client: when it is closed

`tokens` are those of the prompts of these passages, the part that all share counted once. Nothing is said before the
first call that the cache does not answer, and nothing is expected where nothing was begun. Safe to call from several
threads.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TextIO

from quern.models import meter

if TYPE_CHECKING:
    from quern.models import Reply
    from quern.vault import Vault

RECENT = 40  # calls of which the known pace is made
SLOW = 2.0  # times as long as expected is slow,
SURE = 10.0  # once so many seconds were measured: short calls vary


@dataclass(frozen=True, slots=True)
class Known:
    """What was measured: tokens a second of prompt and reply, tokens of a reply. 0: not known."""

    prefill: float = 0.0
    decode: float = 0.0
    completion: float = 0.0

    def seconds(self, prompt: float, completion: float) -> float:
        """How long so many tokens take; 0 where nothing is known."""
        if not self.prefill or not self.decode:
            return 0.0
        return prompt / self.prefill + completion / self.decode


def known(vault: Vault, task: str, model: str) -> Known:
    """The pace of a model in its last calls, as the meter has them; the length of its replies is that of this task.

    Calls that a cache answered count for nothing.
    """
    recent = [one for one in meter.latest(vault) if one.model == model and not one.cached][-RECENT * 4 :]
    same = [one for one in recent if one.role == task][-RECENT:] or recent[-RECENT:]
    evaluated = sum(max(one.prompt_tokens - one.reused_tokens, 0) for one in same)
    written = sum(one.completion_tokens for one in same)
    return Known(
        prefill=_rate(evaluated, sum(one.prefill_seconds for one in same)),
        decode=_rate(written, sum(one.decode_seconds for one in same)),
        completion=written / len(same) if same else 0.0,
    )


class Pace:
    """The pace of one stage, of whose calls `parallel` are made at once.

    `say` gets whole lines; `screen`, if it is a terminal, one line that is written over.
    """

    def __init__(  # noqa: PLR0913 - the last three are for tests
        self,
        vault: Vault,
        task: str,
        model: str,
        *,
        parallel: int = 1,
        say: Callable[[str], None] | None = None,
        screen: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._of = vault, task, model
        self._parallel = parallel
        self._say = say or _aloud
        screen = screen if screen is not None else sys.__stderr__
        self._screen = screen if screen is not None and screen.isatty() else None
        self._clock = clock
        self._lock = threading.RLock()
        self._watches: list[threading.Timer] = []
        self._begun: float | None = None
        self._told = self._warned = False
        self._of_what = "passage"
        self._todo = self._done = self._before = self._tokens = 0
        self._calls = self._cached = self._retries = 0
        self._prompt = self._reused = self._written = 0
        self._prefill = self._decode = 0.0

    @cached_property
    def known(self) -> Known:
        """What was measured before this stage."""
        return known(*self._of)

    def begin(self, passages: int, tokens: int, of: str = "passage") -> None:
        """So many passages (or what they are called) more are to be asked about, with so many tokens of prompt."""
        with self._lock:
            self._of_what = of
            # What is cached is not known yet, so a call is the first that has to be made.
            self._todo += passages
            self._tokens += tokens
            self._told = False

    def asking(self, prompt: int, timeout: float) -> None:
        """A call goes out now, with a prompt of so many tokens; `timeout`: seconds without a token.

        Said at once: what is to be expected, a prompt that takes longer than the time-out, and, while the call
        lasts, that it takes twice as long as expected.
        """
        with self._lock:
            if self._begun is None:
                self._begun, self._before = self._clock(), self._done
            if self._todo and not self._told:
                self._told = True
                self._line(self._estimate())
            first = prompt / self.known.prefill if self.known.prefill else 0.0
            if first > timeout and not self._warned:
                self._warned = True
                self._line(
                    f"a prompt of {prompt:,} tokens takes {_time(first)} at the known pace, "
                    f"longer than the time-out of {_time(timeout)}: raise `timeout:`, or take a smaller model"
                )
            self._watch(self.known.seconds(prompt, self.known.completion))
            self._show()

    def step(self, reply: Reply | None = None, *, cached: bool = False) -> None:
        """A call was answered: by this reply, or by the cache. Says so if the stage is slow, once."""
        with self._lock:
            self._calm()
            if cached:
                self._cached += 1
            elif reply is not None:
                self._calls += 1
                self._retries += reply.retries
                self._prompt += reply.prompt_tokens
                self._reused += reply.reused_tokens
                self._written += reply.completion_tokens
                self._prefill += reply.prefill_seconds
                self._decode += reply.decode_seconds
                self._check()
            self._show()

    def passed(self) -> None:
        """One passage is through."""
        with self._lock:
            self._done += 1
            self._show()

    def end(self) -> None:
        """Say what the stage took, in one line; nothing if nothing was asked."""
        with self._lock:
            self._calm()
            self._clear()
            if self._calls or self._cached:
                self._say(self._summary())
            self._calls = self._cached = 0

    def _estimate(self) -> str:
        left = max(self._todo - self._done, 0)
        tokens = self._tokens * left // max(self._todo, 1)
        said = f"{_count(left, self._of_what)}, {_count(left, 'call')} or more, {tokens:,} tokens of prompt"
        seconds = self._expected(tokens, left)
        if not seconds:
            return f"{said}; how long it takes is not known yet for this model"
        pace = f"{_number_of(self.known.prefill)} tokens/s read and {_number_of(self.known.decode)} written last time"
        return f"{said}: about {_time(seconds)} ({pace})"

    def _expected(self, tokens: int, calls: int) -> float:
        """Seconds for so many calls with so many tokens of prompt together, as far as the pace is known."""
        return self.known.seconds(tokens, calls * self.known.completion) / min(self._parallel, max(calls, 1))

    def _summary(self) -> str:
        said = f"{_count(self._calls + self._cached, 'call')} ({self._cached} cached)"
        if self._retries:
            said += f", {_count(self._retries, 'retry', 'retries')}"
        said += f", prompt tokens: {self._reused:,} reused, {self._prompt - self._reused:,} evaluated"
        said += f", {self._written:,} written"
        if self._calls:
            prefill, decode = (_number_of(rate) for rate in self._rates())
            said += f"; {prefill} tokens/s read, {decode} written"
        return f"{said}; {_time(self._elapsed())}"

    def _rates(self) -> tuple[float, float]:
        return _rate(self._prompt - self._reused, self._prefill), _rate(self._written, self._decode)

    def _check(self) -> None:
        taken = self._prefill + self._decode
        expected = self.known.seconds(self._prompt - self._reused, self._written)
        if self._warned or not expected or taken < SURE or taken < SLOW * expected:
            return
        self._warned = True
        prefill, decode = (_number_of(rate) for rate in self._rates())
        was = f"{_number_of(self.known.prefill)} and {_number_of(self.known.decode)}"
        self._line(
            f"slow: {prefill} tokens/s read and {decode} written, {was} last time: "
            f"{_time(self._left(self._done + 1))} left; is something else using the machine? bin/doctor measures"
        )

    def _watch(self, expected: float) -> None:
        if not expected or self._warned:
            return
        patience = max(SLOW * expected, SURE)
        timer = threading.Timer(patience, self._late, (patience, expected))
        timer.daemon = True
        self._watches.append(timer)
        timer.start()

    def _late(self, patience: float, expected: float) -> None:
        with self._lock:
            if not self._warned and self._watches:
                self._warned = True
                self._line(f"slow: one call takes {_time(patience)} already, where {_time(expected)} was expected")

    def _calm(self) -> None:
        # Of several calls in flight any may be the one that was answered: who is left is watched no more.
        for timer in self._watches:
            timer.cancel()
        self._watches.clear()

    def _elapsed(self) -> float:
        return 0.0 if self._begun is None else self._clock() - self._begun

    def _left(self, done: int) -> float:
        """Seconds for what is left when so many passages are through: as long as these took, else the known pace."""
        asked = done - self._before  # those before the first call were in the cache
        if asked and self._calls:
            return self._elapsed() / asked * max(self._todo - done, 0)
        return self._expected(self._tokens, self._todo)

    def _show(self) -> None:
        if self._screen is None or self._begun is None or not self._todo:
            return
        prefill, decode = self._rates()
        said = f"{self._of_what} {min(self._done + 1, self._todo)} of {self._todo}"
        if decode:
            said += f", {_number_of(prefill)} tokens/s read, {_number_of(decode)} written"
        left = self._left(self._done)
        said += f", {_time(left)} left" if left else ""
        # Back to its beginning, so that whoever speaks next writes over it.
        self._draw(f"\r{_name()}: {said}\x1b[K\r")

    def _line(self, text: str) -> None:
        self._clear()
        self._say(text)

    def _clear(self) -> None:
        self._draw("\r\x1b[K")

    def _draw(self, text: str) -> None:
        if self._screen is not None:
            with suppress(OSError):  # a terminal that has gone is no reason to stop
                self._screen.write(text)
                self._screen.flush()


def _aloud(text: str) -> None:
    # At once, and past whoever keeps what is said for later, as `each` does: it is of use now.
    stream = sys.__stderr__ or sys.stderr
    print(f"{_name()}: {text}", file=stream, flush=True)


def _name() -> str:
    return os.path.basename(sys.argv[0])


def _rate(tokens: float, seconds: float) -> float:
    return tokens / seconds if seconds > 0 else 0.0


def _count(number: int, noun: str, nouns: str = "") -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {nouns or noun + 's'}"


def _number_of(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"


def _time(seconds: float) -> str:
    """Seconds as people say them: 0.4 s, 12 s, 3 min, 2 h 5 min."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"
