"""probe: what becomes of planted facts, with the rules and with models that are good, forgetful and careless."""

from __future__ import annotations

import json
import random
import re
from collections import Counter

import pytest
import scripted

from quern import probing
from quern.records import Provenance, Trial


def outcomes(done):
    records = [json.loads(line) for line in done.out.splitlines()]
    assert {record["kind"] for record in records} <= {"trial"}
    return Counter((record["sort"], record["outcome"]) for record in records)


def everything(outcome, each=2):
    return Counter({(sort, outcome): each for sort in probing.SORTS})


def picture(vault):
    return {str(path): path.read_bytes() for path in vault.rglob("*") if path.is_file()}


def changing(change):
    """A good model whose claims are changed; `change` gives None for one that it leaves out."""

    def model(question):
        value = scripted.good(question)
        if "claims" in question.keys:
            value["claims"] = [new for new in map(change, value["claims"]) if new is not None]
        return value

    return model


def without_paths(claim):
    return None if "/etc/" in claim["text"] else claim


def test_the_rules_lose_nothing_and_the_vault_is_as_it_was(run, vault):
    before = picture(vault)
    done = run("probe", "--runs", "2", vault=vault)
    assert outcomes(done) == everything("right", 4)
    assert done.status == 0
    assert re.fullmatch(r"probe: run 1 of 2: [\d.]+ s\nprobe: run 2 of 2: [\d.]+ s\n", done.err)
    assert picture(vault) == before


def test_a_good_model(run, vault):
    with scripted.server() as url:
        scripted.use(vault, url)
        done = run("probe", "--runs", "1", vault=vault)
        assert url.asked
    assert outcomes(done) == everything("right")
    assert done.status == 0


def test_a_model_that_leaves_out_paths(run, vault):
    with scripted.server(changing(without_paths)) as url:
        scripted.use(vault, url)
        done = run("probe", "--runs", "1", "--text", vault=vault)
    assert done.status == 1
    lines = done.text.splitlines()
    assert lines[0].startswith("codename      2 of 2 arrived (100 %)")
    assert lines[5] == "path          0 of 2 arrived (  0 %); 2 lost"
    assert re.fullmatch(r"1 run, median [\d.]+ s: [\d.]+", lines[6])


def test_what_is_enough_can_be_said(run, vault):
    with scripted.server(changing(without_paths)) as url:
        scripted.use(vault, url)
        assert run("probe", "--runs", "1", "--least", "0", vault=vault).status == 0


def test_a_model_that_does_not_answer_is_said_and_all_is_lost(run, vault):
    scripted.use(vault, "http://127.0.0.1:9/v1")
    done = run("probe", "--runs", "1", vault=vault)
    assert outcomes(done) == everything("lost")
    assert done.status == 1
    assert re.match(r"probe: run 1 of 1: [\d.]+ s: extract: ", done.err)


def test_a_model_is_found_from_where_the_schema_says(run, vault):
    with (vault / "schema.yaml").open("a", encoding="utf-8") as stream:
        stream.write("models: {m: {llama: {path: models/none.gguf}}}\n")
    (vault / "schema.yaml").write_text((vault / "schema.yaml").read_text().replace("engine: rules", "engine: llm"))
    done = run("probe", "--runs", "1", vault=vault)
    assert f"{vault}/models/none.gguf" in done.err


def test_each_run_plants_other_facts_and_the_same_seed_the_same():
    one, two, again = (probing.texts(random.Random(seed)) for seed in (1, 2, 1))
    assert one == again
    assert not {fact.sentence for text in one for fact in text.facts} & {
        fact.sentence for text in two for fact in text.facts
    }
    for text in one:
        assert [fact.sort for fact in text.facts] == list(probing.SORTS)
        assert all(text.text.count(fact.sentence) == 1 for fact in text.facts)


@pytest.mark.parametrize("seed", range(20))
def test_a_fact_is_said_by_its_own_sentence_and_by_no_other(seed):
    for text in probing.texts(random.Random(seed)):
        sentences = re.split(r"(?<=\.)\s+", text.text)
        for fact in text.facts:
            assert [sentence for sentence in sentences if fact.is_said(sentence)] == [fact.sentence]


FACT = probing.Fact("limit", "Karsund pump", "The Karsund pump takes at most 4711 kg.", ("4711", "at most|more than"))
OWN, OTHER, LEDGER = "wiki/concepts/Karsund pump.md", "wiki/concepts/Velmora kiln.md", "wiki/sources/notes.md"


def said(path, text, quote, stands=True):
    return Provenance(
        path=path, line=9, claim="0" * 12, text=text, edited=False, source="raw/x.md", title="x", ledger=LEDGER,
        place="line 3", quote=quote, raw="same", stands=stands,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("path", "text", "quote", "stands", "outcome"),
    [
        (OWN, "It carries no more than 4711 kg.", "x. The Karsund pump\ntakes at most 4711 kg. y", True, "right"),
        (OWN, FACT.sentence, FACT.sentence, False, "quote"),
        (OWN, FACT.sentence, "The Karsund pump is green.", True, "quote"),
        (OTHER, FACT.sentence, FACT.sentence, True, "elsewhere"),
        (LEDGER, FACT.sentence, FACT.sentence, True, "source"),
        (OWN, "The Karsund pump weighs 4711 kg.", FACT.sentence, True, "lost"),
    ],
)
def test_what_counts_as_arrived(path, text, quote, stands, outcome):
    pages = {OWN: [], OTHER: [], LEDGER: []} | {path: [said(path, text, quote, stands)]}
    assert probing._outcome(FACT, pages, OWN) == outcome
    assert probing._outcome(FACT, pages, "") == (outcome if path != OWN or outcome == "lost" else "elsewhere")


def test_the_table_counts_outcomes_and_shows_every_run():
    def trial(run, outcome, seconds):
        return Trial(run=run, sort="rule", subject="X", fact="x", outcome=outcome, seconds=seconds)

    found = [trial(1, "right", 3.0), trial(2, "quote", 31.0), trial(3, "elsewhere", 3.2), trial(3, "lost", 3.2)]
    assert list(probing.table(found)) == [
        "rule          1 of 4 arrived ( 25 %); 1 with another quote, 1 on another page, 1 lost",
        "3 runs, median 3.2 s: 3.0 3.2 31.0",
    ]
    assert probing.shares(found) == {"rule": 0.25}
