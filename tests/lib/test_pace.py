"""How long it will take: said before, while and after."""

from __future__ import annotations

import io
import sys
import time

import orjson
import pytest

from quern import program
from quern.models import Reply, meter, pace
from quern.vault import Vault

MODEL = "tiny:1"


class Screen(io.StringIO):
    def isatty(self):
        return True


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def call(**more):
    """A line of the meter: 1,000 tokens read at 500 a second, 100 written at 20 a second."""
    line = {
        "time": "2026-04-02T10:00:00Z", "stage": "extract",
        "role": "extract", "model": MODEL, "prompt_tokens": 1500, "reused_tokens": 500, "completion_tokens": 100,
        "prefill_seconds": 2.0, "decode_seconds": 5.0, "finish": "stop", "cached": False, "retries": 0,
    }  # fmt: skip
    return orjson.dumps(line | more) + b"\n"


def answered(seconds=7.0, **more):
    """A reply of the same size as that call, that took so long."""
    sizes = {"prompt_tokens": 1500, "reused_tokens": 500, "completion_tokens": 100}
    times = {"prefill_seconds": seconds * 2 / 7, "decode_seconds": seconds * 5 / 7}
    return Reply(text="{}", finish="stop", **(sizes | times | more))


def of(calls):
    """The vault that a file of the meter is of."""
    return Vault(calls.parents[1])


class Stage:
    """A stage at work, and what it says."""

    def __init__(self, path, *lines, screen=None):
        path.write_bytes(b"".join(lines))
        self.clock, self.said = Clock(), []
        self.pace = pace.Pace(of(path), "extract", MODEL, say=self.said.append, screen=screen, clock=self.clock)

    def call(self, reply):
        self.pace.asking(reply.prompt_tokens - reply.reused_tokens, 600.0)
        self.clock.now += reply.prefill_seconds + reply.decode_seconds
        self.pace.step(reply)
        self.pace.passed()


@pytest.fixture
def calls(tmp_path):
    (tmp_path / ".cache").mkdir()
    return tmp_path / ".cache" / "calls.jsonl"


def test_the_known_pace_is_that_of_the_last_calls_of_this_model(calls):
    slow = [call(prefill_seconds=200.0, decode_seconds=500.0)] * 200
    other = [call(model="another", prefill_seconds=200.0), call(cached=True, decode_seconds=0.001)]
    calls.write_bytes(b"".join([*slow, *([call()] * 40), *other, b"no JSON\n", b"[1]\n", call()[:30]]))
    assert pace.known(of(calls), "extract", MODEL) == pace.Known(prefill=500.0, decode=20.0, completion=100.0)


def test_the_length_of_replies_is_that_of_the_task(calls):
    calls.write_bytes(call(role="write", completion_tokens=900) + call() + call(role="judge", completion_tokens=9))
    assert pace.known(of(calls), "extract", MODEL).completion == 100
    assert pace.known(of(calls), "embed", MODEL).completion == pytest.approx(1009 / 3)


def test_the_calls_of_a_file_that_is_full_still_count(calls):
    calls.with_name("calls.1.jsonl").write_bytes(call() * 100)
    calls.write_bytes(call(model="another"))
    assert pace.known(of(calls), "extract", MODEL) == pace.Known(prefill=500.0, decode=20.0, completion=100.0)


def test_only_the_end_of_what_the_meter_has_is_read(calls, monkeypatch):
    calls.write_bytes(call(prefill_seconds=200.0) * 100 + call() * 40)
    monkeypatch.setattr(meter, "LATEST", len(call()) * 20)
    assert len(meter.latest(of(calls))) == 20
    assert pace.known(of(calls), "extract", MODEL).prefill == 500


def test_nothing_is_known_of_a_model_that_was_never_asked(calls):
    assert pace.known(of(calls), "extract", MODEL) == pace.Known()


def test_what_is_to_be_expected_is_said_before_the_first_call(calls):
    stage = Stage(calls, call())
    stage.pace.begin(passages=12, tokens=15_000)
    assert stage.said == []
    stage.pace.asking(1_500, 600.0)
    # 15,000 tokens at 500 a second, and 12 times 100 at 20 a second.
    (said,) = stage.said
    assert said.startswith("12 passages, 12 calls or more, 15,000 tokens of prompt: about 90 s (500 tokens/s read and")
    assert said.endswith(" 20 written last time)")
    stage.pace.step(answered())
    stage.pace.asking(1_500, 600.0)
    assert len(stage.said) == 1


def test_what_is_asked_at_once_takes_less(calls):
    stage = Stage(calls, call())
    stage.pace = pace.Pace(of(calls), "extract", MODEL, parallel=4, say=stage.said.append, clock=stage.clock)
    stage.pace.begin(passages=12, tokens=15_000)
    stage.pace.asking(1_500, 600.0)
    # A quarter of the 90 seconds.
    assert "15,000 tokens of prompt: about 22 s (500 tokens/s read and" in stage.said[0]


def test_a_second_source_is_announced_too_without_what_is_done(calls):
    stage = Stage(calls, call())
    stage.pace.begin(passages=1, tokens=1_500)
    stage.call(answered())
    stage.pace.begin(passages=2, tokens=3_000)
    stage.pace.asking(1_500, 600.0)
    assert stage.said[1].startswith("2 passages, 2 calls or more, 3,000 tokens")


def test_a_new_model_has_no_known_pace(calls):
    stage = Stage(calls)
    stage.pace.begin(passages=1, tokens=1_500)
    stage.pace.asking(1_500, 0.1)
    assert stage.said == [
        "1 passage, 1 call or more, 1,500 tokens of prompt; how long it takes is not known yet for this model"
    ]


def test_a_stage_that_the_cache_answers_says_what_it_was_and_nothing_before(calls):
    stage = Stage(calls, call())
    stage.pace.begin(passages=2, tokens=3_000)
    for _ in range(2):
        stage.pace.step(cached=True)
        stage.pace.passed()
    assert stage.said == []
    stage.pace.end()
    assert stage.said == ["2 calls (2 cached), prompt tokens: 0 reused, 0 evaluated, 0 written; 0.0 s"]


def test_a_stage_that_asked_nothing_says_nothing(calls):
    stage = Stage(calls, call())
    stage.pace.begin(passages=0, tokens=0)
    stage.pace.end()
    assert stage.said == []


def test_a_stage_of_which_nothing_is_expected_says_what_it_took_once(calls):
    stage = Stage(calls, call())
    stage.call(answered())
    stage.pace.end()
    stage.pace.end()
    (said,) = stage.said
    assert said.startswith("1 call (0 cached), ")


def test_the_summary_counts_calls_and_tokens(calls):
    stage = Stage(calls)
    stage.pace.begin(passages=3, tokens=4_500)
    stage.pace.step(cached=True)
    stage.pace.passed()
    stage.call(answered(retries=1))
    stage.call(answered())
    stage.pace.end()
    assert stage.said[-1] == (
        "3 calls (1 cached), 1 retry, prompt tokens: 1,000 reused, 2,000 evaluated, 200 written; "
        "500 tokens/s read, 20 written; 14 s"
    )


def test_a_stage_at_under_half_its_known_pace_says_so_at_once_and_once(calls):
    stage = Stage(calls, call())
    stage.pace.begin(passages=4, tokens=6_000)
    stage.call(answered(13.9))
    assert len(stage.said) == 1
    stage.call(answered(14.2))
    assert stage.said[1].startswith("slow: 249 tokens/s read and 10.0 written, 500 and 20 last time: 28 s left;")
    stage.call(answered(70.0))
    assert len(stage.said) == 2


def test_short_calls_are_no_measure(calls):
    stage = Stage(calls, call())
    stage.pace.begin(passages=4, tokens=6_000)
    stage.call(answered(9.0, prompt_tokens=501, completion_tokens=1))
    assert len(stage.said) == 1


def test_a_prompt_that_takes_longer_than_the_time_out_is_said_before_it_goes_out(calls):
    stage = Stage(calls, call())
    stage.pace.begin(passages=1, tokens=5_000)
    stage.pace.asking(5_000, 9.0)
    assert stage.said[1] == (
        "a prompt of 5,000 tokens takes 10 s at the known pace, longer than the time-out of 9.0 s: "
        "raise `timeout:`, or take a smaller model"
    )


def test_a_call_that_does_not_come_back_is_said_while_it_lasts(calls, monkeypatch):
    monkeypatch.setattr(pace, "SURE", 0.05)
    stage = Stage(calls, call(prefill_seconds=0.01, decode_seconds=0.01))
    stage.pace.begin(passages=1, tokens=1_000)
    stage.pace.asking(1_000, 600.0)
    deadline = time.monotonic() + 10
    while len(stage.said) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert stage.said[1].startswith("slow: one call takes 0.1 s already, where 0.0 s was expected")


def test_a_call_that_came_back_is_watched_no_more(calls, monkeypatch):
    monkeypatch.setattr(pace, "SURE", 0.05)
    stage = Stage(calls, call(prefill_seconds=0.01, decode_seconds=0.01))
    stage.pace.begin(passages=1, tokens=1_000)
    stage.call(answered(0.02))
    time.sleep(0.15)
    assert len(stage.said) == 1


def test_a_terminal_sees_how_far_it_is(calls):
    screen = Screen()
    stage = Stage(calls, screen=screen)
    stage.pace.begin(passages=3, tokens=4_500)
    stage.call(answered())
    shown = screen.getvalue().removesuffix("\r").split("\r")[-1]
    assert shown.endswith(": passage 2 of 3, 500 tokens/s read, 20 written, 14 s left\x1b[K")
    stage.pace.end()
    assert screen.getvalue().endswith("\r\x1b[K")


@pytest.mark.parametrize(("stream", "over"), [(Screen, "\r\x1b[K"), (io.StringIO, "")])
def test_what_a_program_says_takes_the_place_of_progress_on_a_terminal(monkeypatch, stream, over):
    monkeypatch.setattr(sys, "stderr", stream())
    monkeypatch.setattr(sys, "argv", ["bin/extract"])
    program.warn("something")
    assert sys.stderr.getvalue() == f"{over}extract: something\n"


def test_what_the_cache_had_does_not_make_the_rest_look_quick(calls):
    screen = Screen()
    stage = Stage(calls, screen=screen)
    stage.pace.begin(passages=4, tokens=6_000)
    for _ in range(2):
        stage.pace.step(cached=True)
        stage.pace.passed()
    stage.call(answered())
    assert ": passage 4 of 4, 500 tokens/s read, 20 written, 7.0 s left" in screen.getvalue()


def test_what_is_no_terminal_sees_whole_lines_only(calls):
    screen = io.StringIO()
    stage = Stage(calls, screen=screen)
    stage.pace.begin(passages=3, tokens=4_500)
    stage.call(answered())
    stage.pace.end()
    assert screen.getvalue() == ""


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.04, "0.0 s"), (9.96, "10 s"), (119.0, "119 s"), (120.0, "2 min"), (7199, "2 h 0 min"), (7500, "2 h 5 min")],
)
def test_times_are_said_as_people_say_them(seconds, said):
    assert pace._time(seconds) == said
