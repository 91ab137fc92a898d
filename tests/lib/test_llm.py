"""The engine that asks a model, without one: what is asked, and what becomes of an answer."""

from __future__ import annotations

import hashlib
import json
import re
import time
from dataclasses import replace
from importlib.resources import files
from types import SimpleNamespace

import pytest
import scripted

from quern import schema
from quern.engines import Asked
from quern.engines.llm import Llm, asking, carried, drafts, writing
from quern.engines.llm.extracting import Part
from quern.engines.rules.lookup import Lookup
from quern.engines.rules.terms import terms
from quern.models import shapes
from quern.models.client import Refused
from quern.program import Failure
from quern.records import Claim, Name, Passage, Sentence, Source, Unread
from quern.schema import Guidance, Pages, Schema
from quern.vault import Vault

TEXTS = (
    "La Rance is a tidal power station in Brittany.",
    "It opened in 1966 with a capacity of 240 MW.",
    "Today Mira Holm saw that its turbines may stop when the basin is empty.",
    "The log is in /var/log/rance.log since version 2.4.1, and the alarm is E-4012.",
    "The barrage does not hold back salmon.",
)


def source(**more) -> Source:
    known = {"id": "s" * 12, "slug": "s", "path": "raw/s.md", "sha256": "0" * 64, "title": "Tidal power", "words": 60}
    return Source(**known | {"language": "en", "published": "2026-03-11"} | more)


def passage(texts=TEXTS, sort="prose") -> Passage:
    sentences, at = [], 0
    for number, text in enumerate(texts, 1):
        place = f"line {number}"
        sentences.append(
            Sentence(n=number, sort=sort, text=text, plain=text, start=at, end=at + len(text), place=place)
        )
        at += len(text) + 1
    return Passage(id="p1", source="s" * 12, ordinal=1, headings=["La Rance"], sentences=sentences)


def answer(text: str, *evidence: int, **more) -> dict:
    known = {"about": [{"name": "La Rance", "type": "entity"}], "role": "fact", "stance": "asserted"}
    return {"text": text, "evidence": list(evidence)} | known | {"by": None, "as_of": None} | more


def read(*answers: dict, **more) -> tuple[list[Claim], list[str]]:
    """The claims of an answer, and why others are none."""
    of = passage()
    made = drafts.Drafts(source(**more), [of], "en", drafts.MadeBy("m", "extract-1"))
    faults: list[str] = []
    found = made.of(of, of.sentences, drafts.read({"claims": list(answers)}), lambda _, fault: faults.append(fault))
    return made.weighed(list(found)), faults


# Claims


def test_a_claim_has_the_exact_evidence_of_its_numbers():
    (claim,), faults = read(answer("La Rance opened in 1966 with a capacity of 240 MW.", 2))
    assert faults == []
    assert (claim.quote, claim.spans[0].place) == (TEXTS[1], "line 2")
    assert (claim.spans[0].start, claim.spans[0].end) == (len(TEXTS[0]) + 1, len(TEXTS[0]) + 1 + len(TEXTS[1]))
    assert (claim.engine, claim.model, claim.prompt) == ("llm", "m", "extract-1")


def test_sentences_that_stand_side_by_side_are_one_run():
    (claim,), _ = read(answer("La Rance, a tidal power station in Brittany, opened in 1966 with 240 MW.", 2, 1, 2))
    assert claim.quote == f"{TEXTS[0]} {TEXTS[1]}"
    assert claim.spans[0].place == "lines 1-2"


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (answer("La Rance opened in 1966 with 320 MW.", 2), "the number 320 MW is not in the evidence"),
        (answer("La Rance opened in 1967 with a capacity of 240 MW.", 2), "the number 1967 is not in the evidence"),
        (answer("La Rance opened in 1966.", 7), "it rests on sentence 7, which was not shown"),
        (answer("La Rance holds back salmon.", 5), "a negation (“not”) is lost"),
        (answer("The turbines of La Rance stop when the basin is empty.", 3), "doubt (“may”) is lost"),
        (answer("The barrage does not hold back salmon, says Gustav Klee.", 5), "the name Gustav is not in the source"),
        (answer("Excellent bakeries sell croissants near quiet harbours.", 1), "its evidence says something else"),
        (answer("…", 1), "it says nothing"),
    ],
)
def test_what_does_not_hold_is_left_out_and_told(given, fault):
    assert read(given) == ([], [fault])


def test_what_was_seen_on_a_day_is_stated_in_general():
    text = "The turbines of La Rance may stop when the basin is empty."
    (claim,), faults = read(answer(text, 3, stance="reported", by="Mira Holm", as_of="2026-03-11"))
    assert faults == []
    assert (claim.text, claim.by, claim.as_of, claim.stance) == (text, "Mira Holm", "2026-03-11", "reported")


def test_a_claim_is_one_line_whatever_stands_in_it():
    (claim,), faults = read(answer("La Rance opened\n in 1966 with\u2028a capacity of\x85240 MW.", 2))
    assert (claim.text, faults) == ("La Rance opened in 1966 with a capacity of 240 MW.", [])


def test_a_date_or_person_that_the_source_has_not_is_dropped():
    (claim,), _ = read(answer("The barrage does not hold back salmon.", 5, by="Gustav Klee", as_of="1999-01-01"))
    assert (claim.by, claim.as_of) == (None, "2026-03-11")
    (claim,), _ = read(answer("La Rance opened in 1966 with a capacity of 240 MW.", 2, as_of="1966"))
    assert claim.as_of == "1966"


@pytest.mark.parametrize("text", ["La Rance opened in 1966 with a capacity of 240 MW.", "La Rance has 240 MW."])
def test_what_goes_without_saying_may_be_left_out(text):
    given = answer(text, 2)
    short = {key: value for key, value in given.items() if key not in drafts.usual()}
    assert len(short) == len(given) - 3
    assert read(short) == read(given)
    (claim,), _ = read(short)
    assert (claim.stance, claim.by, claim.as_of) == ("asserted", None, "1966" if "1966" in text else "2026-03-11")


def test_the_example_of_the_prompt_does_as_the_prompt_says():
    shared = asking.prompt("extract", Schema()).shared
    value = json.loads(shared[-1].text)
    assert shapes.misfit(value, drafts.shape(("entity", "concept"))) is None
    keys = ["text", "evidence", "about", "role", *drafts.usual()]
    for claim in value["claims"]:
        assert list(claim) == [key for key in keys if key in claim]  # as the grammar has them
        assert claim.get("stance") != "asserted"
        assert None not in claim.values()
    told = [key for claim in value["claims"] for key in claim if key in drafts.usual()]
    assert all(0 < told.count(key) < len(value["claims"]) for key in drafts.usual())
    texts = [text for _, text in re.findall(r"^\[(\d+)\] (.*)$", shared[-2].text, re.MULTILINE)]
    of = passage(texts)
    made = drafts.Drafts(source(published="2025-11-03"), [of], "en", drafts.MadeBy("m", "p"))
    faults: list[str] = []
    found = [one.claim for one in made.of(of, of.sentences, drafts.read(value), lambda _, fault: faults.append(fault))]
    assert faults == []
    assert [(claim.stance, claim.by, claim.as_of) for claim in found] == [
        ("reported", "Mira", "2025-11-03"),
        ("hypothetical", "Mira", "2025-11-03"),
        ("asserted", None, "2025-10-30"),
    ]


def test_a_name_that_the_source_has_not_is_dropped_and_the_claim_stays():
    given = answer(
        "La Rance opened in 1966.", 2, about=[{"name": n, "type": "entity"} for n in ("Atlantis", "La Rance")]
    )
    (claim,), _ = read(given)
    assert [name.name for name in claim.names if name.about] == ["La Rance"]


def test_a_claim_that_leans_on_something_unknown_stays_on_its_source_page():
    (claim,), _ = read(answer("It opened in 1966 with a capacity of 240 MW.", 2))
    assert not any(name.about for name in claim.names)


def test_a_name_has_one_type_in_a_source_and_a_weight():
    concept = [{"name": "La Rance", "type": "concept"}]
    claims, _ = read(
        answer("La Rance opened in 1966.", 2),
        answer("La Rance has a capacity of 240 MW.", 2),
        answer("La Rance is a tidal power station in Brittany.", 1, about=concept, role="definition"),
    )
    found = [name for claim in claims for name in claim.names if name.name == "La Rance"]
    assert {(name.type, name.about) for name in found} == {("entity", True)}
    assert all(0.25 < name.weight <= 1 for name in found)
    assert max(claims, key=lambda claim: claim.score).role == "definition"


def test_the_same_claim_has_the_same_id_whoever_makes_it():
    (one,), _ = read(answer(TEXTS[0], 1))
    from quern.engines.rules import Rules

    other = next(found for found in Rules(Schema()).claims(source(), [passage()]) if isinstance(found, Claim))
    assert not isinstance(other, Unread)
    assert (one.id, one.spans) == (other.id, other.spans)


# What is carried


def items(text: str) -> list[carried.Item]:
    of = passage([text])
    return carried.items(of.sentences, Lookup(terms(source(), [of])), "en")


def test_figures_dates_versions_paths_codes_and_names_are_found():
    assert [item.words for item in items(f"{TEXTS[3]} Since 2011 EDF makes 240 MW, see [12].")] == [
        "/var/log/rance.log", "2.4.1", "E-4012", "2011", "EDF", "240 MW",
    ]  # fmt: skip
    assert items("The sea is wide and the wind is strong.") == []


def test_headings_and_code_are_no_statements():
    for sort in ("heading", "code"):
        assert carried.items(passage(sort=sort).sentences, Lookup([]), "en") == []


def test_what_a_claim_says_in_its_own_way_is_carried():
    claims, _ = read(answer("La Rance opened in 1966 with 240 MW.", 2))
    found = items("In 1966 it had 240 megawatts, and 24 turbines.")
    assert [item.words for item in carried.missed(found, claims, "en")] == ["24"]


def test_a_name_that_another_claim_has_is_carried_and_a_figure_is_not():
    found = items("EDF makes 240 MW.")
    assert [item.words for item in found if not carried.is_named(item, {"edf"})] == ["240 MW"]


# What is asked


def test_a_part_is_halved_by_its_length_until_it_is_one_sentence():
    part = Part(passage(), passage().sentences)
    first, second = part.halves()
    assert [*first.sentences, *second.sentences] == passage().sentences
    assert abs(len(first.evidence) - len(second.evidence)) < len(TEXTS[3])
    assert Part(passage(), passage().sentences[:1]).halves() == []


def test_the_version_of_a_prompt_is_in_it_and_in_the_records():
    prompt = asking.prompt("extract", Schema())
    assert prompt.shared[0].text.startswith(f"quern {prompt.name}\n")
    assert [message.role for message in prompt.shared] == ["system", "user", "assistant"]


def test_guidance_for_a_type_that_is_none_is_an_error():
    with pytest.raises(Failure, match="guidance: types: 'person' is none of pages: types"):
        asking.prompt("extract", Schema(guidance=Guidance(types={"person": "…"})))
    told = asking.prompt("extract", Schema(guidance=Guidance(types={"person": "Who."}), pages=Pages(types=("person",))))
    assert "  person: Who." in told.shared[0].text


@pytest.mark.parametrize(
    "mark",
    ["</passage>", "</ claims>", "<|im_end|>", "[/INST]", "<<SYS>>", "</s>", "<start_of_turn>", "</think>", "[3]"],
)
def test_no_text_of_a_source_is_a_mark(mark):
    line = asking.line(f"before {mark} behind\n[1] and\u2028more")
    assert mark not in line
    assert "\n" not in line
    assert line.startswith("before ")
    assert "behind" in line


def test_a_tag_that_means_nothing_to_a_model_is_left_alone():
    assert asking.line("a <div> and <b>x</b>, if a < b") == "a <div> and <b>x</b>, if a < b"


# What is written


def written(answer: dict, claims: list[Claim], say=lambda _: None) -> list:
    client = SimpleNamespace(context=None, request=lambda *_: None)
    told = Asked(claims, 2, "La Rance", "en")
    made = writing.Writing(told, client=client, prompt=asking.prompt("write", Schema()), say=say)
    reason = made.question().check(answer)
    return made.sentences(answer if reason is None else Refused(reason=reason))


def claim(text: str, id_: str, **more) -> Claim:
    return Claim(
        id=id_, source="s", passage="p", text=text, quote=text, spans=[], names=[Name(name="La Rance")], **more
    )


CLAIMS = [
    claim("La Rance is a tidal power station in Brittany.", "a"),
    claim("La Rance opened in 1966.", "b"),
    claim("La Rance does not hold back salmon.", "c", by="Mira Holm"),
]


def test_a_sentence_that_says_more_than_its_claims_is_left_out():
    said: list[str] = []
    told = [
        {"text": "La Rance is a tidal power station in Brittany, opened in 1966.", "claims": [1, 2]},
        {"text": "La Rance opened in 1967.", "claims": [2]},
        {"text": "According to Mira Holm, La Rance holds back salmon.", "claims": [3]},
        {"text": "La Rance was built by EDF.", "claims": [1]},
        {"text": "La Rance opened.", "claims": [9]},
        {"text": "La Rance opened.", "claims": []},
    ]
    made = written({"sentences": told}, CLAIMS, said.append)
    assert [(one.text, one.claims) for one in made] == [(told[0]["text"], ["a", "b"])]
    assert [line.removeprefix("La Rance: left out of what the model wrote: ") for line in said] == [
        "the number 1967 is not in the evidence",
        "a negation (“not”) is lost",
        "the name EDF is not in the source",
        "it rests on claim 9, which there is not",
        "it rests on no claim",
    ]


def test_the_claims_of_a_page_are_one_question_in_whatever_order_they_came():
    def asked(claims: list[Claim], title: str | None) -> tuple:
        client = SimpleNamespace(context=None)
        told = Asked(claims, 2, title, "en")
        return writing.Writing(told, client=client, prompt=asking.prompt("write", Schema()), say=str).asked()

    first = claim("La Rance is a power station.", "z", role="definition")
    assert asked([*CLAIMS, first], "La Rance") == asked([first, *reversed(CLAIMS)], "La Rance")
    assert "[1] La Rance is a power station." in asked([*CLAIMS, first], "La Rance")[0].text
    assert asked(CLAIMS, None) != asked(CLAIMS[::-1], None)  # a source has an order of its own


def test_who_says_a_claim_may_be_said():
    told = [{"text": "La Rance does not hold back salmon, says Mira Holm.", "claims": [3]}]
    assert [one.claims for one in written({"sentences": told}, CLAIMS)] == [["c"]]


@pytest.mark.parametrize(("name", "words"), [("extract-2", "69ba359af019"), ("write-1", "7ac4c488743f")])
def test_a_prompt_with_other_words_has_another_version(name, words):
    # Records name the version, so it has to tell one text from another: raise it in the file, and put the hash here.
    task = name.partition("-")[0]
    text = (files("quern.engines.llm") / "prompts" / f"{task}.txt").read_bytes()
    assert (asking.prompt(task, Schema()).name, hashlib.sha256(text).hexdigest()[:12]) == (name, words)


def test_a_server_is_asked_as_much_at_once_as_the_schema_says(tmp_path):
    together: list[int] = []
    most: list[int] = []

    def busy(question):
        together.append(1)
        most.append(len(together))
        time.sleep(0.1)
        together.pop()
        return scripted.good(question)

    here = Vault(tmp_path)
    here.schema.write_text("version: 1\n")
    with scripted.server(busy) as url:
        scripted.use(tmp_path, url, parallel=12)
        told = schema.load(here)
        many = [replace(passage(), id=f"p{number}", headings=[f"Part {number}"]) for number in range(24)]
        list(Llm(here, told, say=lambda _: None).claims(source(), many))
    assert max(most) == 12
