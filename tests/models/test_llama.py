"""llama.cpp itself, as the tests build it: it loads a model, and says the same thing twice."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.llama


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    import llama_cpp
    from models import tiny

    path = tiny.write(tmp_path_factory.mktemp("model") / "tiny.gguf")
    loaded = llama_cpp.Llama(str(path), n_ctx=256, seed=1, n_threads=1, verbose=False)
    yield loaded
    loaded.close()


def said(model: Any, **settings: Any) -> str:
    # A fresh context each time, so that nothing of the call before is left in it.
    model.reset()
    answer = model.create_completion("The tide", max_tokens=48, temperature=0.8, seed=11, **settings)
    return str(answer["choices"][0]["text"])


def test_the_same_prompt_and_seed_give_the_same_tokens(model: Any) -> None:
    first = said(model)
    assert first
    assert said(model) == first


def test_another_seed_gives_other_tokens(model: Any) -> None:
    model.reset()
    other = model.create_completion("The tide", max_tokens=48, temperature=0.8, seed=12)["choices"][0]["text"]
    assert other != said(model)


def test_every_byte_goes_in_and_comes_out(model: Any) -> None:
    text = "Ebbe ünd Flut, 潮汐, 🌊"
    tokens = model.tokenize(text.encode(), add_bos=False)
    assert model.detokenize(tokens).decode().strip() == text


def test_a_grammar_makes_json_of_what_a_random_model_says(model: Any) -> None:
    import llama_cpp

    schema = {
        "type": "object",
        "properties": {"evidence": {"type": "array", "items": {"enum": [1, 2]}, "minItems": 1, "maxItems": 3}},
        "required": ["evidence"],
        "additionalProperties": False,
    }
    grammar = llama_cpp.LlamaGrammar.from_json_schema(json.dumps(schema), verbose=False)
    first = said(model, grammar=grammar)
    assert set(json.loads(first)["evidence"]) <= {1, 2}
    assert said(model, grammar=grammar) == first


def test_only_the_test_of_llama_needs_llama() -> None:
    # What `make test-fast` leaves out is this file alone.
    tests = Path(__file__).parents[1]
    marked = [path for path in tests.rglob("test_*.py") if "mark.llama\n" in path.read_text(encoding="utf-8")]
    assert [os.path.relpath(path, tests) for path in marked] == ["models/test_llama.py"]
