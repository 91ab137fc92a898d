"""A GGUF file by its header: what it says of the model, read without llama.cpp and without its weights.

The layout is that of the format's specification (ggml, docs/gguf.md), versions 2 and 3: magic, version, counts of
tensors and keys, then keys with typed values, then name, dimensions, type and offset of each tensor.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from quern.program import Failure

_LARGEST = 1 << 26  # bytes of a string, items of an array: more is no header
_MOST = 1 << 20  # keys, tensors
_DEEPEST = 1 << 12  # layers
_PLAIN = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_SPLIT = re.compile(r"-(\d{5})-of-(\d{5})\.gguf$")
# Bytes of one value in a cache, by the type that llama.cpp calls so.
_CACHED = {
    "f32": 4.0, "f16": 2.0, "bf16": 2.0, "q8_0": 34 / 32, "q5_1": 24 / 32, "q5_0": 22 / 32, "q4_1": 20 / 32,
    "q4_0": 18 / 32, "iq4_nl": 18 / 32,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Weights:
    """What the header says. `size`: bytes of all its files; `tensors`: the bytes of each tensor of the first file."""

    path: str
    size: int
    version: int
    keys: Mapping[str, Any]
    tensors: Mapping[str, int]

    @property
    def architecture(self) -> str:
        return str(self.keys.get("general.architecture", ""))

    @property
    def name(self) -> str:
        return str(self.keys.get("general.name", ""))

    @property
    def context(self) -> int:
        """The tokens it was trained for; 0 if the file does not say."""
        return self._number("context_length")

    @property
    def template(self) -> str:
        """Its chat template; "" if it has none."""
        return str(self.keys.get("tokenizer.chat_template", ""))

    @property
    def vocabulary(self) -> int:
        """How many tokens it knows."""
        words = self.keys.get("tokenizer.ggml.tokens")
        return len(words) if isinstance(words, list) else self._number("vocab_size")

    def cache(self, n_ctx: int, options: Mapping[str, Any] | None = None) -> int:
        """Bytes of the KV cache for so many tokens, at most: windows that slide need less.

        A layer holds a key and a value a head and token; recurrent layers (0 heads) hold none.
        """
        options = options or {}
        width = self._number("embedding_length")
        heads = _each(self.keys.get(f"{self.architecture}.attention.head_count"), self._number("block_count"))
        groups = _each(self.keys.get(f"{self.architecture}.attention.head_count_kv"), len(heads)) or heads
        widest = max(heads, default=0) or 1
        key = self._number("attention.key_length") or width // widest
        value = self._number("attention.value_length") or width // widest
        key_bytes, value_bytes = (_CACHED.get(str(options.get(f"type_{side}", "f16")).lower(), 2.0) for side in "kv")
        return int(n_ctx * sum(groups) * (key * key_bytes + value * value_bytes))

    def scratch(self, batch: int = 512) -> int:
        """Bytes that evaluating so many tokens at once takes besides, about: their scores over the vocabulary."""
        return 4 * batch * (self.vocabulary + 8 * self._number("embedding_length"))

    @property
    def read_per_token(self) -> int:
        """Bytes of weights that one token of a reply has to read.

        All, but for the table of embeddings where the output has one of its own, and the experts that are not asked.
        """
        known = sum(self.tensors.values())
        experts, used = self._number("expert_count"), self._number("expert_used_count")
        read = 0.0
        for name, size in self.tensors.items():
            if name == "token_embd.weight" and "output.weight" in self.tensors:
                continue
            read += size * used / experts if "_exps" in name and experts and used else size
        return int(read * self.size / known) if known else self.size

    def _number(self, key: str) -> int:
        return max(_each(self.keys.get(f"{self.architecture}.{key}"), 1), default=0)


def read(path: Path) -> Weights:
    """The header of a GGUF file; of a model in several files any, and the size of all.

    Raises Failure if there is no such file, if it is no GGUF, and if it is cut short or broken.
    """
    try:
        with open(path, "rb") as stream:
            version, keys, tensors = _header(stream, os.fstat(stream.fileno()).st_size)
    except IsADirectoryError:
        raise Failure("a folder, and no GGUF file", str(path)) from None
    except FileNotFoundError:
        raise Failure("no such file: 'make model' fetches one", str(path)) from None
    except _Broken as error:
        raise Failure(f"{error}: fetch it again", str(path)) from None
    return Weights(str(path), sum(_sizes(path)), version, keys, tensors)


class _Broken(Exception):
    """What is wrong with a file."""


def _header(stream: IO[bytes], size: int) -> tuple[int, dict[str, Any], dict[str, int]]:
    magic = stream.read(4)
    if magic != b"GGUF":
        raise _Broken("no GGUF file" if magic else "an empty file")
    (version,) = _take(stream, "I")
    if version not in (2, 3):
        raise _Broken(f"GGUF of version {version}, and 2 or 3 is known")
    count, pairs = _take(stream, "QQ")
    if max(count, pairs) > _MOST:
        raise _Broken("its header is broken")
    keys = {}
    for _ in range(pairs):
        name = _text(stream)
        (kind,) = _take(stream, "I")
        keys[name] = _value(stream, kind)
    places = {}
    for _ in range(count):
        name = _text(stream)
        (dimensions,) = _take(stream, "I")
        if dimensions > 8:
            raise _Broken("its header is broken")
        *_, offset = _take(stream, f"{dimensions}QIQ")
        places[name] = offset
    alignment = max(_each(keys.get("general.alignment"), 1), default=0) or 32
    begin = -(-stream.tell() // alignment) * alignment
    return version, keys, dict(_spans(places, begin, size))


def _spans(places: dict[str, int], begin: int, size: int) -> Iterator[tuple[str, int]]:
    """The bytes of each tensor: up to where the next begins."""
    held = size - begin
    order = sorted(places, key=lambda name: places[name])
    ends = [places[name] for name in order[1:]]
    for name, end in zip(order, [*ends, held], strict=False):
        # The last tensor ends where the file does, so a file cut short shows as one that begins behind its end.
        if places[name] >= held:
            raise _Broken("cut short: it ends before its last weights begin")
        yield name, end - places[name]


def _value(stream: IO[bytes], kind: int) -> Any:
    if kind == _STRING:
        return _text(stream)
    if kind == _ARRAY:
        item, count = _take(stream, "IQ")
        if count > _LARGEST or item == _ARRAY:
            raise _Broken("its header is broken")
        if item in _PLAIN:
            return _take(stream, f"{count}{_PLAIN[item]}")
        return [_value(stream, item) for _ in range(count)]
    if kind not in _PLAIN:
        raise _Broken(f"its header has a value of the unknown type {kind}")
    return _take(stream, _PLAIN[kind])[0]


def _text(stream: IO[bytes]) -> str:
    (length,) = _take(stream, "Q")
    if length > _LARGEST:
        raise _Broken("its header is broken")
    return _bytes(stream, length).decode("utf-8", "replace")


def _take(stream: IO[bytes], form: str) -> tuple[Any, ...]:
    # Each for itself: struct would pad some.
    layout = struct.Struct(f"<{form}")
    return layout.unpack(_bytes(stream, layout.size))


def _bytes(stream: IO[bytes], length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise _Broken("cut short in its header")
    return data


def _sizes(path: Path) -> Iterator[int]:
    """The bytes of a file, and of those beside it that are parts of the same model."""
    found = _SPLIT.search(path.name)
    if not found:
        yield path.stat().st_size
        return
    base = path.name[: found.start()]
    for number in range(1, int(found[2]) + 1):
        part = path.with_name(f"{base}-{number:05}-of-{found[2]}.gguf")
        if not part.is_file():
            raise Failure(f"a part of {path.name} is missing", str(part))
        yield part.stat().st_size


def _each(found: Any, layers: int) -> list[int]:
    """A number a layer: many keys say it once for all. What is no number says nothing."""
    if isinstance(found, int):
        return [max(found, 0)] * min(layers, _DEEPEST)
    return [max(one, 0) for one in found if isinstance(one, int)] if isinstance(found, tuple) else []
