"""Vectors from a model in this process, by llama.cpp itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import pytest
from models import tiny

from quern import schema
from quern.models.embedding import InProcess
from quern.program import Failure
from quern.vault import Vault

pytestmark = pytest.mark.llama

TEXTS = ["The tide rises.", "The tide falls.", "x", "", "Ein langer Text über das Meer. " * 400, "潮汐发电"]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.write(tmp_path_factory.mktemp("model") / "tiny.gguf")


def model(path: Path, **spec: object) -> InProcess:
    return InProcess(Vault(path.parent), "tiny", schema.Llama(path=path.name, **spec))


def likeness(one: Sequence[float], other: Sequence[float]) -> float:
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    return dot / math.hypot(*one) / math.hypot(*other)


def test_each_text_has_its_vector_whatever_it_is_asked_with(file: Path) -> None:
    together = model(file)
    made = list(together.vectors(TEXTS))
    assert {len(vector) for vector in made} == {tiny.WIDTH}
    for text, vector in zip(TEXTS, made, strict=True):
        (alone,) = together.vectors([text])
        assert likeness(alone, vector) == pytest.approx(1, abs=1e-4), text[:20]
    assert likeness(made[0], made[1]) < 0.9999
    together.close()


def test_more_texts_than_are_asked_for_at_once(file: Path) -> None:
    one = model(file)
    made = list(one.vectors([f"text number {number}" for number in range(40)]))
    assert len(made) == 40
    assert len({tuple(vector) for vector in made}) == 40
    one.close()


def test_who_it_is_says_what_its_vectors_depend_on(file: Path, tmp_path: Path) -> None:
    other = tiny.write(tmp_path / "tiny.gguf", seed=8)
    assert model(file).identity == model(file, options={"n_threads": 1}).identity
    assert model(file).identity != model(file, n_ctx=64).identity
    assert model(file).identity != model(other).identity


def test_a_file_that_is_none_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "text.gguf").write_text("# Tides\n", encoding="utf-8")
    for name, said in (("none.gguf", "no such file"), ("text.gguf", "llama.cpp cannot load it")):
        with pytest.raises(Failure, match=said) as failure:
            list(model(tmp_path / name).vectors(["x"]))
        assert "\n" not in str(failure.value)
