"""Contradictions and updates are told from look-alikes: measured on pairs written before the rules were."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from quern.relations import Standing, Told, relate

HERE = Path(__file__).parent
SETS = {
    name: yaml.safe_load((HERE / f"{name}-pairs.yaml").read_text(encoding="utf-8"))
    for name in ("relation", "note", "later")
}
PAIRS = [pair for pairs in SETS.values() for pair in pairs]
FACTS = ("contradicts", "supersedes")


def told(pair: dict) -> tuple[Told, Told]:
    published, as_of = ([str(day) for day in pair.get(key, ())] or [None, None] for key in ("published", "as_of"))
    language, sources = pair.get("language", "en"), ("one", "one" if pair.get("one_source") else "other")
    old, new = (
        Told(side, pair[side], language, published=day, as_of=of, source=source)
        for side, day, of, source in zip(("old", "new"), published, as_of, sources, strict=True)
    )
    return old, new


def answer(pair: dict) -> str | None:
    old, new = told(pair)
    verdicts = Standing([old], [pair["called"]]).relate(new)
    return verdicts[0].relation if verdicts else None


@pytest.mark.parametrize(("name", "least"), [("relation", 80), ("note", 40), ("later", 40)])
def test_there_are_enough_pairs_and_half_of_them_are_no_conflict(name, least):
    conflicts = [pair for pair in SETS[name] if pair["is"] in FACTS]
    assert len(SETS[name]) >= least
    assert len(conflicts) <= len(SETS[name]) / 2


@pytest.mark.parametrize("name", SETS)
def test_facts_are_right_nine_times_of_ten_and_found_seven_times_of_ten(name):
    answers = [(pair["is"], answer(pair)) for pair in SETS[name]]
    said = [(wanted, got) for wanted, got in answers if got in FACTS]
    right = [wanted for wanted, got in said if wanted == got]
    assert len(right) / len(said) >= 0.9
    assert len(right) / sum(wanted in FACTS for wanted, _ in answers) >= 0.7


EXCEPTIONS = [pair for pair in PAIRS if pair["is"] == "exception"]


@pytest.mark.parametrize("pair", EXCEPTIONS, ids=lambda pair: pair["new"])
def test_a_counterexample_is_never_one_with_its_rule(pair):
    assert answer(pair) != "same"
    old, new = told(pair)
    backwards = relate(old, new, [pair["called"]])
    assert backwards is None or backwards.relation != "same"


def test_there_are_ten_counterexamples():
    assert len(EXCEPTIONS) == 10


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if pair["is"] == "nothing"], ids=lambda pair: pair["new"])
def test_what_only_looks_like_a_conflict_is_not_shown_as_one_the_other_way_round_either(pair):
    old, new = told(pair)
    verdict = relate(old, new, [pair["called"]])
    assert verdict is None or verdict.relation not in FACTS
