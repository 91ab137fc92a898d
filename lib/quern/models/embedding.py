"""Texts as vectors: a GGUF file made for embeddings in this process, or a server's `/v1/embeddings`."""

from __future__ import annotations

import ctypes
import hashlib
import os
from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from typing import Any, Protocol

from quern import schema
from quern.models import guard, llama, options, prefixes
from quern.models.http import identity
from quern.models.wire import Patience, Rejected, Wire
from quern.program import Failure, warn
from quern.vault import Vault

# Texts that are asked for at once.
_TOGETHER = 16
# Tokens that are evaluated at once at least: several short texts, or one as long as the model takes.
_BATCH = 512
_MEAN = 1
_CHARACTERS = 6000
"""Of one text, which a server may count as one too many: what stands behind them hardly changes a vector."""


class Embedder(Protocol):
    """Whatever makes vectors. Raises Failure if it cannot."""

    @property
    def identity(self) -> str:
        """What its vectors depend on besides the text."""
        ...

    def vectors(self, texts: Sequence[str]) -> Iterator[Sequence[float]]:
        """The vector of each text, in their order; all have one dimension, and no length in particular."""
        ...

    def close(self) -> None: ...


def load(vault: Vault, spec: schema.Served, timeout: float = 600.0) -> Embedder:
    """What embeds as this part of the schema says. Nothing is loaded before it is asked.

    Raises Failure if it is of a kind that embeds nothing.
    """
    if spec.llama is not None:
        return InProcess(vault, spec.name, spec.llama)
    if spec.http is not None:
        return Served(spec.name, spec.http, timeout)
    raise Failure(
        f"models: {spec.name}: no such server makes embeddings: roles: embed wants llama or http", "schema.yaml"
    )


class Served:
    """A model behind `/v1/embeddings`."""

    def __init__(self, name: str, spec: schema.Http, timeout: float) -> None:
        self._name, self._spec, self._timeout = name, spec, timeout
        self._wire = Wire(
            name, spec.url, spec.key_env, lambda key: {"Authorization": f"Bearer {key}"} if key else {}, warn
        )

    @property
    def identity(self) -> str:
        return identity(self._spec.model, self._spec.options)

    def vectors(self, texts: Sequence[str]) -> Iterator[Sequence[float]]:
        for at in range(0, len(texts), _TOGETHER):
            some = [text[:_CHARACTERS] or " " for text in texts[at : at + _TOGETHER]]
            body = {"model": self._spec.model, "input": some, **self._spec.options}
            try:
                answer, _ = self._wire.persist(partial(self._once, body), self._timeout)
            except Rejected as error:
                raise self._wire.failure(error.message) from None
            yield from self._read(answer, len(some))

    def close(self) -> None:
        self._wire.close()

    def _once(self, body: Any) -> Any:
        events = self._wire.events(f"{self._wire.base}/embeddings", body, Patience(self._timeout))
        try:
            return next(events, None)
        finally:
            events.close()

    def _read(self, answer: Any, count: int) -> list[list[float]]:
        try:
            found = sorted(answer["data"], key=lambda one: one.get("index", 0))
            vectors = [[float(value) for value in one["embedding"]] for one in found]
        except (TypeError, KeyError, ValueError, AttributeError):
            raise self._wire.failure("answers with no embeddings") from None
        if len(vectors) != count or len({len(vector) for vector in vectors}) != 1 or not vectors[0]:
            raise self._wire.failure(f"answers with {len(vectors)} embeddings for {count} texts")
        return vectors


class InProcess:
    """A GGUF file, run by llama.cpp; several texts are evaluated at once."""

    def __init__(self, vault: Vault, name: str, spec: schema.Llama) -> None:
        self._name, self._spec = name, spec
        self._path = os.path.join(vault.root, os.path.expanduser(spec.path))
        self._context: Any = None

    @cached_property
    def identity(self) -> str:
        if not os.path.isfile(self._path):
            raise Failure(f"models: {self._name}: no such file", self._path)
        telling = {key: value for key, value in sorted(self._spec.options.items()) if key not in options.PACE}
        said = hashlib.sha256(repr((telling, self._spec.n_ctx)).encode()).hexdigest()[:8]
        return f"{os.path.basename(self._path)}:{prefixes.fingerprint(self._path)[:12]}+{said}"

    def vectors(self, texts: Sequence[str]) -> Iterator[Sequence[float]]:
        _ = self.identity
        with guard.quiet(), guard.interruptible() as interrupted:
            if self._context is None:
                self._load(interrupted)
            for some in self._batches([self._tokens(text) for text in texts]):
                if interrupted():
                    return
                yield from self._evaluated(some)

    def close(self) -> None:
        """Give the memory back; what is asked later loads the model again."""
        if self._context is not None:
            self._lib.llama_free(self._context)
            self._context = None
            self._file.close()

    def _load(self, interrupted: Any) -> None:
        self._lib = lib = llama.library()
        options.check(lib, self._name, self._spec.options)
        self._file = llama.GgufFile(self._name, self._path, self._spec.options, interrupted)
        self._vocabulary = lib.llama_model_get_vocab(self._file.pointer)
        trained = self._file.number("context_length", _BATCH)
        self._longest = min(trained, trained if self._spec.n_ctx == "auto" else self._spec.n_ctx, 8192)
        params = lib.llama_context_default_params()
        options.fill(lib, params, self._spec.options)
        params.n_threads, params.n_threads_batch = options.threads(self._spec.options)
        self._size = max(self._longest if trained <= 2 * _BATCH else _BATCH * 2, _BATCH)
        self._longest = min(self._longest, self._size)
        params.n_ctx = params.n_batch = params.n_ubatch = self._size
        params.n_seq_max, params.embeddings, params.no_perf, params.kv_unified = _TOGETHER, True, True, True
        if not self._file.number("pooling_type", 0):
            params.pooling_type = _MEAN
        llama.complaints().clear()
        self._context = lib.llama_init_from_model(self._file.pointer, params)
        if not self._context:
            self._file.close()
            raise Failure(f"models: {self._name}: llama.cpp makes no context for embeddings{llama.why()}", self._path)
        self._dimension = int(lib.llama_model_n_embd(self._file.pointer))

    def _tokens(self, text: str) -> list[int]:
        data = (text[:_CHARACTERS] or " ").encode(errors="replace")
        room = (ctypes.c_int32 * (len(data) + 16))()
        count = self._lib.llama_tokenize(self._vocabulary, data, len(data), room, len(room), True, False)  # noqa: FBT003
        tokens = list(room[: max(0, count)])
        if len(tokens) > self._longest:
            # What ends a text belongs to it.
            tokens = [*tokens[: self._longest - 1], tokens[-1]]
        return tokens

    def _batches(self, all_tokens: Sequence[list[int]]) -> Iterator[list[list[int]]]:
        some: list[list[int]] = []
        for tokens in all_tokens:
            if some and (len(some) == _TOGETHER or sum(map(len, some)) + len(tokens) > self._size):
                yield some
                some = []
            some.append(tokens)
        if some:
            yield some

    def _evaluated(self, some: Sequence[list[int]]) -> Iterator[list[float]]:
        lib = self._lib
        batch = lib.llama_batch_init(self._size, 0, 1)
        try:
            at = 0
            for number, tokens in enumerate(some):
                for place, token in enumerate(tokens):
                    batch.token[at], batch.pos[at] = token, place
                    batch.n_seq_id[at], batch.seq_id[at][0], batch.logits[at] = 1, number, True
                    at += 1
            batch.n_tokens = at
            memory = lib.llama_get_memory(self._context)
            if memory:
                lib.llama_memory_clear(memory, True)  # noqa: FBT003 - the cells and what is in them
            llama.complaints().clear()
            failed = lib.llama_decode(self._context, batch)
            if failed:
                raise Failure(f"models: {self._name}: llama.cpp cannot embed ({failed}){llama.why()}", self._path)
            for number in range(len(some)):
                found = lib.llama_get_embeddings_seq(self._context, number)
                if not found:
                    raise Failure(f"models: {self._name}: it is not made for embeddings", self._path)
                yield list(found[: self._dimension])
        finally:
            lib.llama_batch_free(batch)
