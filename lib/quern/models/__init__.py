"""Models: what an engine may ask, whatever answers it. A request goes out, a reply comes back, and nothing is written.

A model in this process (`llama`) or a server (`http`, `anthropic`) answers one request at a time, and judges nothing.
What surrounds a call is the same for all: the cache of replies, the gate that refuses, the meter (see `client`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from quern.models.llama import Llama
    from quern.schema import Schema
    from quern.vault import Vault

Task = Literal["extract", "judge", "write", "ask", "rerank"]


class Message(NamedTuple):
    """What one side says."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question. `shared` is the same for all questions of a stage and comes first, so it is evaluated once.

    `schema`: the JSON Schema of the reply. `timeout`: seconds without a token, after which it is given up.
    """

    task: Task
    shared: tuple[Message, ...]
    asked: tuple[Message, ...]
    schema: Mapping[str, Any]
    max_tokens: int
    temperature: float = 0.0
    seed: int = 0
    thinking: bool = False
    timeout: float = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back, as it came. `finish`: why it ended; only "stop" is a whole reply.

    Tokens: of the prompt, how many of these were not evaluated again, and of the reply. Seconds of both parts.
    """

    text: str
    finish: str | None
    reasoning: str = ""
    prompt_tokens: int = 0
    reused_tokens: int = 0
    completion_tokens: int = 0
    prefill_seconds: float = 0.0
    decode_seconds: float = 0.0
    retries: int = 0
    details: Mapping[str, Any] = field(default_factory=dict)


class Model(Protocol):
    """Whatever answers. Raises Failure if it cannot answer: a model that is not there, a server that does not reply."""

    @property
    def name(self) -> str:
        """What the schema calls it, or its file: for people."""
        ...

    @property
    def identity(self) -> str:
        """What its answers depend on besides the request: for keys of caches, and in the records."""
        ...

    @property
    def served(self) -> str | None:
        """What a server tells of the model behind the name, hashed; "" for nothing, None if it does not answer."""
        ...

    @property
    def context(self) -> int | None:
        """How many tokens prompt and reply may have together, as it is really loaded; None if that is not known."""
        ...

    def count(self, messages: Sequence[Message]) -> int:
        """The tokens of these messages as a prompt: exact in this process, an upper bound for a server."""
        ...

    def ask(self, request: Request) -> Reply: ...

    def close(self) -> None: ...


# Files that somebody has open: two roles of one process have the weights of one file once.
_open: WeakValueDictionary[str, Llama] = WeakValueDictionary()


def load(vault: Vault, schema: Schema, task: Task) -> Model:
    """The model that the schema names for a task. Nothing is loaded before it is asked something.

    Raises Failure if there is none of that name.
    """
    spec = schema.model_for(task)
    if spec.llama is not None:
        from quern.models.llama import Llama

        key = repr((vault, spec, schema.cache.prefixes))
        model = _open.get(key) or Llama(vault, spec.name, spec.llama, cap=schema.cache.prefixes)
        _open[key] = model
        return model
    if spec.http is not None:
        from quern.models.http import Http

        return Http(spec.name, spec.http)
    from quern.models.anthropic import Anthropic

    assert spec.anthropic is not None  # noqa: S101 - the schema was checked
    return Anthropic(spec.name, spec.anthropic)
