"""Which replies of a model are refused, and which shapes they are held to."""

from __future__ import annotations

import orjson
import pytest

from quern.models import Message, Reply, Request, gate, shapes

SHAPE = {
    "type": "object",
    "properties": {
        "claims": {
            "type": "array",
            "maxItems": 3,
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string", "minLength": 1, "maxLength": 60},
                    "evidence": {"type": "array", "minItems": 1, "items": {"type": "integer", "minimum": 1}},
                    "role": {"type": "string", "enum": ["fact", "figure"]},
                    "by": {"type": ["string", "null"], "maxLength": 20},
                },
                "required": ["text", "evidence", "role", "by"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["claims"],
    "additionalProperties": False,
}
TOLD = "Write down what the passage claims, one statement each, and say nothing that it does not say."
PASSAGE = "[1] The barrage is 750 metres long.\n[2] It was opened in 1966 by the president."
REQUEST = Request(
    task="extract",
    shared=(Message("system", TOLD),),
    asked=(Message("user", PASSAGE),),
    schema=SHAPE,
    max_tokens=100,
)
GOOD = "The barrage is 750 metres long."


def claim(text=GOOD, **more):
    return {"text": text, "evidence": [1], "role": "figure", "by": None} | more


def answer(*claims):
    return orjson.dumps({"claims": list(claims)}).decode()


def refusal(text, finish="stop", language="en", **more):
    return gate.refusal(Reply(text=text, finish=finish, **more), REQUEST, PASSAGE, language)


def test_an_answer_that_fits_is_taken():
    assert refusal(answer(claim(), claim("It was opened in 1966."))) is None


@pytest.mark.parametrize("finish", ["length", "content_filter", "tool_calls", "", None])
def test_a_reply_that_did_not_end_is_refused_however_whole_it_looks(finish):
    assert refusal(answer(claim()), finish)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<think>\nFirst, {the} claims.\n</think>\n\n", ""),
        ("<think></think>", ""),
        ("[THINK]Hm.[/THINK]", ""),
        ("<|channel>thought\nHm.\n<channel|>", ""),
        ("<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>", "<|return|>"),
        ("<think>a</think>\n<think>b</think>\n", "\n"),
        ("```json\n", "\n```"),
        ("<think>Hm.</think>\n```\n", "\n```"),
    ],
)
def test_what_stands_apart_is_taken_off(before, after):
    reply = Reply(text=f"{before}{answer(claim())}{after}", finish="stop")
    assert gate.said(reply) == answer(claim())
    assert gate.refusal(reply, REQUEST, PASSAGE, "en") is None


@pytest.mark.parametrize(
    "text",
    [
        "<think>\nFirst, the claims.\n" + answer(claim()),
        "First, the claims.</think>\n" + answer(claim()),
        answer(claim()) + "<think>Was that right?</think>",
        answer(claim("<think>Hm.</think> " + GOOD)),
        answer(claim("<|channel|>final " + GOOD)),
        "<|channel|>analysis<|message|>Hm. " + answer(claim()),
        "<think><think>Hm.</think>Hm.</think>" + answer(claim()),
    ],
)
def test_thoughts_that_do_not_stand_apart_are_refused(text):
    assert "thoughts" in refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Sure, here it is: " + answer(claim()),
        answer(claim()) + "\nAnything else?",
        answer(claim())[:-5],
        "```json\n" + answer(claim()),
        answer(claim()) + answer(claim()),
        '{"claims": [NaN]}',
        "<html><body>Sign in</body></html>",
    ],
)
def test_what_is_not_json_and_nothing_else_is_refused(text):
    assert refusal(text)


def test_thoughts_without_an_answer_are_refused():
    assert refusal("", reasoning="Hm.") == "the reply is empty after much thought"


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ([], "object wanted"),
        ({}, "claims is missing"),
        ({"claims": None}, "claims: array wanted"),
        ({"claims": [], "note": "x"}, "'note' is not a key"),
        ({"claims": [claim()] * 4}, "claims: 4 items, at most 3"),
        ({"claims": [claim(role="rumour")]}, r"claims[0].role: fact or figure wanted, not 'rumour'"),
        ({"claims": [claim(), claim(evidence=[])]}, "claims[1].evidence: 0 items, at least 1"),
        ({"claims": [claim(evidence=[0])]}, "claims[0].evidence[0]: 0 is less than 1"),
        ({"claims": [claim(evidence=[True])]}, "integer wanted"),
        ({"claims": [claim(evidence=["1"])]}, "integer wanted, not '1'"),
        ({"claims": [claim(by=7)]}, "string or null wanted"),
        ({"claims": [claim(text="a" * 61)]}, "61 characters, at most 60"),
        ({"claims": [{"text": GOOD}]}, "evidence is missing"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(value, place):
    assert place in refusal(orjson.dumps(value).decode())


def test_a_keyword_that_nobody_checks_is_an_error_of_ours():
    with pytest.raises(ValueError, match="pattern"):
        shapes.misfit("a", {"type": "string", "pattern": "b"})


def test_a_key_that_is_not_required_may_be_missing_but_not_be_wrong():
    shape = {"type": "object", "properties": {"a": {"type": "null"}, "b": {"const": 1}}, "required": ["b"]}
    assert shapes.misfit({"b": 1}, shape) is None
    assert shapes.misfit({"b": 1, "a": None}, shape) is None  # without a grammar they come as they like
    assert shapes.misfit({"b": 1, "a": 2}, shape)
    assert shapes.misfit({"a": None}, shape) == "b is missing"


def test_a_shape_is_complete_if_nothing_in_it_may_be_left_out():
    item = {"type": "object", "properties": {"a": {"type": "null"}, "b": {"const": 1}}, "required": ["b"]}
    shape = {"anyOf": [{"type": "null"}, {"type": "array", "items": item, "maxItems": 3}]}
    whole = shapes.complete(shape)
    for value in (None, [], [{"a": None, "b": 1}]):
        assert (shapes.misfit(value, shape), shapes.misfit(value, whole)) == (None, None)
    assert shapes.misfit([{"b": 1}], shape) is None
    assert shapes.misfit([{"b": 1}], whole)
    assert item["required"] == ["b"]  # it is another shape, and this one stays


def test_one_of_several_shapes_will_do():
    either = {"anyOf": [{"type": "integer"}, {"type": "object", "properties": {"a": {"type": "string"}}}]}
    assert shapes.misfit(1, either) is None
    assert shapes.misfit({"a": "b"}, either) is None
    assert shapes.misfit({"a": 1}, either)
    assert [text for text, _ in shapes.strings({"a": "b"}, either)] == ["b"]


@pytest.mark.parametrize(
    "text",
    ["...", "…", "string", "Claim text", "Your claim here", "<insert claim>", "TODO", "N/A", "[Your text here]",
     "{{claim}} is long.", "As an AI language model I cannot say.", "Sentence 1"],
)  # fmt: skip
def test_a_placeholder_is_refused(text):
    assert "placeholder" in refusal(answer(claim(text)))


def test_what_the_passage_says_is_no_placeholder():
    request = Request(
        task="extract", shared=(), asked=(Message("user", "[1] TODO\n[2] Use {{name}} for it."),), schema=SHAPE,
        max_tokens=9,
    )  # fmt: skip
    for text in ("TODO", "Use {{name}} for it."):
        assert gate.refusal(Reply(text=answer(claim(text)), finish="stop"), request) is None


def test_where_nothing_may_be_said_a_word_for_nothing_is_no_placeholder():
    assert refusal(answer(claim(by="unknown"))) is None


def test_the_instructions_are_no_claim():
    assert "instructions" in refusal(answer(claim("Write down what the passage claims, one statement each.")))


def test_what_the_passage_says_in_the_words_of_the_instructions_is_a_claim():
    request = Request(
        task="extract", shared=REQUEST.shared, asked=(Message("user", f"[1] {TOLD}"),), schema=SHAPE, max_tokens=9
    )
    text = "Write down what the passage claims, one statement each."
    assert gate.refusal(Reply(text=answer(claim(text)), finish="stop"), request, TOLD, "en") is None


def test_another_language_than_that_of_the_evidence_is_refused():
    assert "de, not en" in refusal(answer(claim("Die Staumauer ist seit dem Jahr 1966 in Betrieb.")))


def test_a_language_that_the_evidence_quotes_is_not_another():
    passage = "The president said in German:\nDie Mauer ist seit vielen Jahren in der Hand der Stadt und nicht von uns."
    text = "Der Damm gehörte schon lange einem anderen als ihm."
    reply = Reply(text=answer(claim(text)), finish="stop")
    assert gate.refusal(reply, REQUEST, passage, "en") is None
    assert "de, not en" in gate.refusal(reply, REQUEST, PASSAGE, "en")


def test_the_words_of_the_evidence_are_in_its_language_whatever_they_look_like():
    passage = "¿No se inicia y no carga la cartera?"
    reply = Reply(text=answer(claim(passage)), finish="stop")
    assert gate.refusal(reply, REQUEST, f"{passage} " * 3 + "Los libros de los que se habla en el texto.", "es") is None


def test_other_words_of_the_same_language_are_not_another():
    assert refusal(answer(claim("They built it so that ships can pass below."))) is None


def test_a_few_words_have_no_language():
    assert refusal(answer(claim("La Rance: 750 m"))) is None


def test_a_text_that_ends_where_it_has_to_is_cut_off():
    cut = "The barrage is 750 metres long and has been opened by the president"[:60]
    assert len(cut) == 60
    assert "cut off" in refusal(answer(claim(cut)))
    assert refusal(answer(claim(cut[:59]))) is None


def test_a_control_character_is_refused():
    assert "U+0008" in refusal(answer(claim("The barrage\b is long.")))
