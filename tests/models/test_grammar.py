"""Grammars, as llama.cpp reads them: what they let through, byte by byte."""

from __future__ import annotations

import ctypes
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from quern.engines.llm import drafts
from quern.models import grammar, shapes
from quern.models.llama import library
from quern.models.vocabulary import Vocabulary

pytestmark = pytest.mark.llama

CLAIM = {
    "type": "object",
    "properties": {
        "text": {"type": "string", "minLength": 1, "maxLength": 400},
        "evidence": {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 23}, "maxItems": 5},
        "stance": {"enum": ["asserted", "negated"]},
        "as_of": {"type": ["string", "null"], "maxLength": 10},
        "sure": {"type": "boolean"},
    },
    "required": ["text"],
    "additionalProperties": False,
}
GOOD = {"text": 'Ebbe "und" Flut\\ 潮汐\n', "evidence": [2, 23], "stance": "negated", "as_of": None, "sure": True}

Lets = Callable[..., bool]


@pytest.fixture(scope="module")
def lets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lets]:
    """Whether a grammar lets a whole text through."""
    from models import tiny

    lib = library()
    path = tiny.write(tmp_path_factory.mktemp("model") / "tiny.gguf")
    model = lib.llama_model_load_from_file(str(path).encode(), lib.llama_model_default_params())
    vocabulary = Vocabulary(lib, model)
    end = lib.llama_vocab_eos(vocabulary.pointer)

    def may_come(sampler: Any, token: int) -> bool:
        one = (lib.llama_token_data * 1)(lib.llama_token_data(token, 1.0, 0.0))
        lib.llama_sampler_apply(sampler, ctypes.byref(lib.llama_token_data_array(one, 1, -1)))
        return bool(one[0].logit > float("-inf"))

    def through(schema: dict[str, Any], text: str, thoughts: tuple[str, str] | None = None) -> bool:
        sampler = lib.llama_sampler_init_grammar(
            vocabulary.pointer, grammar.of(schema, thoughts).encode(), b"root"
        )  # fmt: skip
        assert sampler
        try:
            # Each byte is a token; the first three are the space that a text begins with.
            for token in [*vocabulary.tokens(f"\n{text}")[-len(text.encode()) :], end]:
                if not may_come(sampler, token):
                    return False
                if token != end:
                    lib.llama_sampler_accept(sampler, token)
            return True
        finally:
            lib.llama_sampler_free(sampler)

    yield through
    lib.llama_model_free(model)


def said(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def test_what_fits_the_schema_comes_through(lets: Lets) -> None:
    assert lets(CLAIM, said(GOOD))


@pytest.mark.parametrize(
    "change",
    [
        {"text": ""}, {"text": "x" * 401}, {"text": 3}, {"evidence": [24]}, {"evidence": [0]}, {"evidence": [1] * 6},
        {"evidence": ["2"]}, {"stance": "assert"}, {"as_of": "2024-03-01."}, {"as_of": 2024}, {"sure": "true"},
        {"more": 1},
    ],
)  # fmt: skip
def test_what_does_not_fit_is_stopped(lets: Lets, change: dict[str, Any]) -> None:
    assert not lets(CLAIM, said(GOOD | change))


def ordered(text: str, keys: Sequence[str]) -> Any:
    """The value of a JSON text in which each object has its keys once and in this order; raises ValueError if not."""

    def read(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if [key for key, _ in pairs] != [key for key in keys if key in dict(pairs)]:
            raise ValueError
        return dict(pairs)

    return json.loads(text, object_pairs_hook=read)


def fits(text: str, schema: dict[str, Any]) -> bool:
    try:
        return shapes.misfit(ordered(text, [*schema["properties"]]), schema) is None
    except ValueError:
        return False


@pytest.mark.parametrize("needed", ["", "a", "b", "c", "ab", "ac", "bc", "abc"])
def test_a_key_that_is_not_required_may_be_left_out_and_the_order_stays(lets: Lets, needed: str) -> None:
    schema = {"type": "object", "properties": {key: {"const": 1} for key in "abc"}, "required": [*needed]}
    schema["additionalProperties"] = False
    pieces = [f'"{key}":1' for key in "abc"] + [","]
    texts = ["{" + "".join(some) + "}" for length in range(6) for some in itertools.product(pieces, repeat=length)]
    for text in texts:
        assert lets(schema, text) == fits(text, schema), text
    assert sum(fits(text, schema) for text in texts) == 2 ** (3 - len(needed))


@pytest.mark.parametrize("count", range(4))
def test_a_claim_leaves_out_what_it_likes_of_what_mostly_says_nothing(lets: Lets, count: int) -> None:
    about = [{"name": "Ebbe", "type": "concept"}]
    claim = {"text": "Die Ebbe fällt.", "evidence": [2], "about": about, "role": "fact"}
    more = {"stance": "asserted", "by": None, "as_of": "2024"}
    shape = drafts.shape(("concept", "entity"))
    for keys in itertools.permutations(more, count):
        reply = {"claims": [claim, claim | {key: more[key] for key in keys}]}
        assert lets(shape, said(reply)) == ([*keys] == [key for key in more if key in keys])
        assert shapes.misfit(reply, shape) is None
    for key in claim:
        assert not lets(shape, said({"claims": [{one: of for one, of in claim.items() if one != key}]}))


def test_white_space_between_is_stopped_and_so_is_what_is_cut(lets: Lets) -> None:
    assert not lets(CLAIM, json.dumps(GOOD, ensure_ascii=False))
    assert not lets(CLAIM, said(GOOD) + "\n")
    assert not lets(CLAIM, said(GOOD)[:-1])


@pytest.mark.parametrize("most", [0, 1, 2, 7, 24, 30, 400])
def test_a_string_is_as_long_as_it_may_be_and_no_longer(lets: Lets, most: int) -> None:
    for least in {0, min(1, most), most // 2, most}:
        schema = {"type": "string", "minLength": least, "maxLength": most}
        assert all(lets(schema, said("é" * length)) for length in {least, (least + most) // 2, most})
        assert not lets(schema, said("é" * (most + 1)))
        assert least == 0 or not lets(schema, said("é" * (least - 1)))


@pytest.mark.parametrize(("least", "most"), [(0, 0), (0, 1), (1, 1), (0, 3), (2, 5), (1, 40)])
def test_an_array_has_as_many_items_as_it_may(lets: Lets, least: int, most: int) -> None:
    schema = {"type": "array", "items": {"const": 7}, "minItems": least, "maxItems": most}
    for length in range(most + 3):
        assert lets(schema, said([7] * length)) == (least <= length <= most)


@pytest.mark.parametrize(("least", "most"), [(1, 1), (1, 9), (1, 10), (0, 23), (8, 112), (95, 1003)])
def test_integers_are_those_between_two(lets: Lets, least: int, most: int) -> None:
    schema = {"type": "integer", "minimum": least, "maximum": most}
    for number in [0, 1, least - 1, least, least + 1, (least + most) // 2, most - 1, most, most + 1, most * 10]:
        assert lets(schema, str(number)) == (least <= number <= most), number


def test_integers_from_one_on(lets: Lets) -> None:
    schema = {"type": "integer", "minimum": 1}
    assert [lets(schema, number) for number in ("1", "40", "0", "-1", "01")] == [True, True, False, False, False]


def test_numbers_and_choices(lets: Lets) -> None:
    schema = {"anyOf": [{"type": "number"}, {"enum": ["a", "b"]}, {"type": "integer"}]}
    assert [lets(schema, text) for text in ("-0.5", "12", '"b"', '"c"', "1.")] == [True, True, True, False, False]


def test_control_characters_and_half_ones_cannot_be_said(lets: Lets) -> None:
    schema = {"type": "string", "maxLength": 20}
    assert not lets(schema, '"\n"')
    assert not lets(schema, r'"\ud800"')
    assert not lets(schema, r'"\u0000"')
    assert not lets(schema, '"\x7f"')
    assert lets(schema, r'"\n\t\\\"\/"')


def test_a_thought_may_come_before_where_it_is_wanted(lets: Lets) -> None:
    schema, thoughts = {"enum": ["yes", "no"]}, ("<think>", "</think>")
    for text in ('<think>is 1 < 2?</think>\n\n"yes"', 'so it is</think>"no"'):
        assert lets(schema, text, thoughts)
        assert not lets(schema, text)
    assert not lets(schema, '"yes"', thoughts)
    assert not lets(schema, '<think>is it?</think> well, "yes"', thoughts)
    channels = ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>")
    assert lets(schema, f'{channels[0]}is it?{channels[1]}"yes"', channels)


def test_a_long_string_costs_few_rules() -> None:
    assert grammar.of({"type": "string", "maxLength": 4000}).count("\n") < 10


def test_a_key_more_that_may_be_left_out_costs_no_more_than_the_one_before() -> None:
    def size(keys: int) -> int:
        return len(grammar.of({"type": "object", "properties": {f"key{n:02}": {"type": "null"} for n in range(keys)}}))

    # The numbers of rules have more digits, that is all.
    assert size(16) - size(8) < 1.2 * 2 * (size(8) - size(4))


@pytest.mark.parametrize(
    "schema",
    [{"type": "string", "pattern": "x"}, {"type": "function"}, {"type": "integer", "minimum": 2}, {"$ref": "#/x"}],
)
def test_what_has_no_grammar_is_not_passed_over(schema: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no grammar for"):
        grammar.of(schema)


def test_all_tests_that_need_llama_stand_together() -> None:
    # What `make test-fast` leaves out lies in this folder.
    tests = Path(__file__).parents[1]
    marked = [path for path in tests.rglob("test_*.py") if "mark.llama\n" in path.read_text(encoding="utf-8")]
    assert marked
    assert {path.parent for path in marked} == {tests / "models"}
