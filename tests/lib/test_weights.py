"""A model by the header of its file, whatever has happened to the file."""

from __future__ import annotations

import struct
from pathlib import Path

import gguf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from models import tiny

from quern.models import weights
from quern.program import Failure


def string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def key(name: str, value: object) -> bytes:
    """One key as the format has it: a number is a uint32, a list one of uint32, a text a string."""
    if isinstance(value, str):
        return string(name) + struct.pack("<I", 8) + string(value)
    if isinstance(value, int):
        return string(name) + struct.pack("<II", 4, value)
    assert isinstance(value, list)
    if value and isinstance(value[0], str):
        return string(name) + struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(string, value))
    return string(name) + struct.pack(f"<IIQ{len(value)}I", 9, 4, len(value), *value)


def model(keys: dict[str, object], tensors: dict[str, int], version: int = 3) -> bytes:
    """A file with these keys, and with tensors of so many bytes."""
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(keys))
    head += b"".join(key(name, value) for name, value in keys.items())
    offset = 0
    for name, size in tensors.items():
        head += string(name) + struct.pack("<IQIQ", 1, size, 24, offset)
        offset += size
    return head + b"\0" * (-len(head) % 32) + b"\0" * offset


SHAPE: dict[str, object] = {
    "general.architecture": "qwen3", "general.name": "Small", "qwen3.context_length": 4096, "qwen3.block_count": 4,
    "qwen3.embedding_length": 256, "qwen3.attention.head_count": 8, "qwen3.attention.head_count_kv": 2,
    "tokenizer.chat_template": "{{ messages }}", "tokenizer.ggml.tokens": ["a", "b", "ü"],
}  # fmt: skip


def read(folder: Path, keys: dict[str, object], tensors: dict[str, int] | None = None) -> weights.Weights:
    path = folder / "x.gguf"
    path.write_bytes(model(keys, tensors or {"token_embd.weight": 64}))
    return weights.read(path)


def test_what_the_header_says(tmp_path: Path) -> None:
    found = read(tmp_path, SHAPE, {"token_embd.weight": 96, "blk.0.attn_q.weight": 64})
    assert (found.architecture, found.name, found.context, found.vocabulary) == ("qwen3", "Small", 4096, 3)
    assert found.template == "{{ messages }}"
    assert found.version == 3
    assert found.size == (tmp_path / "x.gguf").stat().st_size
    assert found.tensors == {"token_embd.weight": 96, "blk.0.attn_q.weight": 64}


def test_a_file_that_the_gguf_package_wrote(tmp_path: Path) -> None:
    path = tiny.write(tmp_path / "tiny.gguf")
    found = weights.read(path)
    known = gguf.GGUFReader(path)
    words = len(known.get_field("tokenizer.ggml.tokens").data)
    assert (found.architecture, found.context, found.vocabulary) == ("llama", tiny.CONTEXT, words)
    written = {one.name: one.n_bytes for one in known.tensors}
    assert {name: size - size % 4 for name, size in found.tensors.items()} == written


def test_the_cache_is_a_key_and_a_value_a_head_layer_and_token(tmp_path: Path) -> None:
    # 4 layers of 2 heads of 256 / 8 values, 2 bytes each, twice.
    assert read(tmp_path, SHAPE).cache(1000) == 1000 * 4 * 2 * (32 + 32) * 2
    assert read(tmp_path, SHAPE).cache(1000, {"type_k": "q8_0", "type_v": "f32"}) == 1000 * 4 * 2 * (34 + 128)


def test_heads_may_have_a_width_of_their_own(tmp_path: Path) -> None:
    wide = SHAPE | {"qwen3.attention.key_length": 128, "qwen3.attention.value_length": 64}
    assert read(tmp_path, wide).cache(1000) == 1000 * 4 * 2 * (128 + 64) * 2


def test_layers_without_attention_hold_nothing(tmp_path: Path) -> None:
    hybrid = SHAPE | {"qwen3.attention.head_count_kv": [0, 0, 0, 2]}
    assert read(tmp_path, hybrid).cache(1000) == 1000 * 2 * (32 + 32) * 2
    assert read(tmp_path, {"general.architecture": "mamba", "mamba.block_count": 2}).cache(1000) == 0


def test_one_token_reads_all_weights_but_what_it_looks_up(tmp_path: Path) -> None:
    own = {"token_embd.weight": 9600, "output.weight": 9600, "blk.0.attn_q.weight": 3200}
    shared = {"token_embd.weight": 9600, "blk.0.attn_q.weight": 3200}
    assert read(tmp_path, SHAPE, own).read_per_token == pytest.approx(12_800, rel=0.05)
    assert read(tmp_path, SHAPE, shared).read_per_token == pytest.approx(12_800, rel=0.05)


def test_of_the_experts_one_token_reads_those_it_asks(tmp_path: Path) -> None:
    keys = SHAPE | {"qwen3.expert_count": 8, "qwen3.expert_used_count": 2}
    tensors = {"token_embd.weight": 3200, "blk.0.ffn_up_exps.weight": 64_000}
    assert read(tmp_path, keys, tensors).read_per_token == pytest.approx(3200 + 16_000, rel=0.05)


def test_the_size_of_a_model_in_parts_is_that_of_all(tmp_path: Path) -> None:
    first = tmp_path / "m-00001-of-00002.gguf"
    first.write_bytes(model(SHAPE, {"token_embd.weight": 64}))
    with pytest.raises(Failure, match=r"a part of m-00001-of-00002\.gguf is missing"):
        weights.read(first)
    (tmp_path / "m-00002-of-00002.gguf").write_bytes(bytes(1000))
    assert weights.read(first).size == first.stat().st_size + 1000


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "an empty file"),
        (b"<!doctype html>", "no GGUF file"),
        (b"GGUF", "cut short in its header"),
        (b"GGUF" + struct.pack("<IQQ", 1, 0, 0), "GGUF of version 1, and 2 or 3 is known"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1 << 40, 0), "its header is broken"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 1 << 60), "its header is broken"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + string("a") + struct.pack("<I", 77), "unknown type 77"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + string("a") + struct.pack("<IIQ", 9, 9, 1), "its header is broken"),
        (model(SHAPE, {"a": 64, "b": 640})[:-640], "cut short: it ends before its last weights begin"),
    ],
)
def test_a_broken_file_is_said_in_a_line(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(data)
    with pytest.raises(Failure, match=said):
        weights.read(path)


def test_a_header_that_promises_too_much_is_bounded(tmp_path: Path) -> None:
    assert read(tmp_path, SHAPE | {"qwen3.block_count": 4_000_000_000}).cache(1) < 2**40
    path = tmp_path / "x.gguf"
    path.write_bytes(model(SHAPE, {}))
    assert weights.read(path).read_per_token == path.stat().st_size


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="no such file: 'make model' fetches one"):
        weights.read(tmp_path / "none.gguf")
    with pytest.raises(Failure, match="a folder"):
        weights.read(tmp_path)


@given(st.data())
def test_whatever_bytes_a_file_has_it_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data) -> None:
    whole = model(SHAPE | {"x.list": [1, 2]}, {"a": 64, "b": 64})
    place = data.draw(st.integers(0, len(whole) - 1))
    broken = whole[:place] + data.draw(st.binary(max_size=12)) + whole[data.draw(st.integers(place, len(whole))) :]
    path = tmp_path_factory.getbasetemp() / "broken.gguf"
    path.write_bytes(broken)
    try:
        found = weights.read(path)
    except Failure:
        return
    assert found.cache(100) >= 0
    assert found.vocabulary >= 0
    assert found.read_per_token >= 0
    assert found.context >= 0
    assert found.scratch() >= 0
    assert isinstance(found.name + found.architecture + found.template, str)
