"""usage: what the models were asked."""

from __future__ import annotations

import json

from quern.models.meter import Call, Meter
from quern.vault import Vault


def test_it_sums_up_what_was_noted(run, vault):
    meter = Meter(Vault(vault))
    for day in ("2026-04-01", "2026-04-02"):
        meter.note(
            Call(
                time=f"{day}T10:00:00Z", stage="extract", role="extract", model="m", prompt_tokens=900, max_tokens=100,
                context=8192,
            )
        )  # fmt: skip
    done = run("usage", vault=vault)
    assert done.status == 0
    (found,) = map(json.loads, done.text.splitlines())
    assert (found["kind"], found["stage"], found["calls"]) == ("spending", "extract", 2)
    assert done.err.startswith("usage: m: 8192 tokens of context")
    assert json.loads(run("usage", "--since", "2026-04-02", vault=vault).text)["calls"] == 1


def test_where_nothing_was_asked_the_answer_is_no(run, vault):
    done = run("usage", vault=vault)
    assert (done.status, done.text, done.err) == (1, "", "")
