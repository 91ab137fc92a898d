"""A server that speaks as Anthropic's do: messages, with the answer as the input of a tool that has to be used."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from quern.models import Message, Reply, Request, http
from quern.models.wire import Patience, Rejected, Unanswered, Wire, trouble
from quern.program import warn
from quern.schema import Anthropic as Spec

_VERSION = "2023-06-01"
_TOOL = "answer"
_PUBLIC = "https://api.anthropic.com"  # which tells nothing of what it has loaded
_CACHED = {"cache_control": {"type": "ephemeral"}}
_FINISH = {
    "end_turn": "stop", "tool_use": "stop", "stop_sequence": "stop", "max_tokens": "length",
    "model_context_window_exceeded": "context",
}  # fmt: skip


class Anthropic:
    """A model behind the interface of messages."""

    def __init__(self, name: str, spec: Spec) -> None:
        self.name = name
        self._spec = spec
        self._wire = Wire(name, spec.url, spec.key_env, _headers, warn)
        self._warm = True
        self._loaded: http.Loaded | None = None
        self._lock = threading.Lock()

    @property
    def identity(self) -> str:
        """The model as the schema names it, with a hash of its options if it has any."""
        return http.identity(self._spec.model, self._spec.options)

    @property
    def served(self) -> str | None:
        """What the server tells of the file behind the name, asked once and in one request."""
        return http.served(self._wire, self._spec.model) if self._wire.where != _PUBLIC else ""

    @property
    def context(self) -> int | None:
        """As the schema says, which the first call compares with what is loaded; else as it is loaded."""
        return self._spec.n_ctx or self.loaded().context

    def count(self, messages: Sequence[Message]) -> int:
        """About the most tokens that these can be."""
        return http.count(messages)

    def loaded(self) -> http.Loaded:
        """What a server of one's own has loaded, asked once. Raises Failure if it cannot be reached."""
        with self._lock:
            if self._loaded is None:
                is_public = self._wire.where == _PUBLIC
                self._loaded = http.Loaded(kind="Anthropic") if is_public else http.look(self._wire, self._spec.model)
            return self._loaded

    def ask(self, request: Request) -> Reply:
        """One reply, as it came.

        Raises Failure if the server is not there, falls silent, refuses, or has not the context that the schema says.
        """
        if self._loaded is None:
            http.agree(self._wire, self._spec, self.loaded())
        warm = self._warm
        try:
            reply, retries = self._wire.persist(lambda: self._once(request, warm), request.timeout)
        except Rejected as error:
            if error.is_too_long:
                return Reply(text="", finish="context", details={"error": error.message})
            if not (warm and "temperature" in error.message):
                raise self._wire.failure(error.message) from None
            self._cool()
            return self.ask(request)
        return replace(reply, retries=retries)

    def close(self) -> None:
        """Break off what is being asked."""
        self._wire.close()

    def _cool(self) -> None:
        """Say no temperature any more: some models have none."""
        with self._lock:
            if self._warm:
                self._warm = False
                warn(f"model {self.name}: it takes no temperature, so its answers may differ from run to run")

    def _once(self, request: Request, warm: bool) -> Reply:
        patience = Patience(request.timeout)
        body = _body(self._spec, request, warm=warm)
        with contextlib.closing(self._wire.events(f"{self._wire.base}/messages", body, patience)) as events:
            return _gathered(events, patience)


def _headers(key: str) -> Mapping[str, str]:
    return {"anthropic-version": _VERSION, **({"x-api-key": key} if key else {})}


def _body(spec: Spec, request: Request, *, warm: bool) -> dict[str, Any]:
    """What is sent. A model that thinks cannot be held to a tool, so it is told the schema in words."""
    parts = http.with_schema(request) if request.thinking else [*request.shared, *request.asked]
    messages = [_message(part) for part in parts]
    if request.shared:  # up to here the prompt is the same for all questions of a stage
        messages[len(request.shared) - 1]["content"][0].update(_CACHED)
    body: dict[str, Any] = {
        "model": spec.model,
        "max_tokens": request.max_tokens,
        "system": [block for message in messages if message["role"] == "system" for block in message["content"]],
        "messages": [message for message in messages if message["role"] != "system"],
        "stream": True,
    }
    if request.thinking:
        body["thinking"] = {"type": "adaptive"}
    else:
        tool = {"name": _TOOL, "description": "Gives the answer.", "input_schema": request.schema}
        body.update(tools=[tool], tool_choice={"type": "tool", "name": _TOOL})
        if warm:
            body["temperature"] = request.temperature
    return {key: value for key, value in (body | spec.options).items() if value not in (None, [])}


def _message(part: Message) -> dict[str, Any]:
    return {"role": part.role, "content": [{"type": "text", "text": part.text}]}


def _gathered(events: Iterator[Any], patience: Patience) -> Reply:
    begun = time.monotonic()
    first: float | None = None
    parts: dict[str, list[str]] = {"text": [], "partial_json": [], "thinking": []}
    finish: str | None = None
    usage: dict[str, Any] = {}
    for event in events:
        if event is None:
            continue
        trouble(event)
        usage.update((event.get("message") or event).get("usage") or {})
        delta = event.get("delta") or {}
        finish = delta.get("stop_reason") or finish
        for key, said in parts.items():
            if delta.get(key):
                first = first or time.monotonic()
                patience.renew()
                said.append(delta[key])
    if finish is None:
        raise Unanswered("the answer broke off", 4)
    ended = time.monotonic()
    first = first or ended
    reused = int(usage.get("cache_read_input_tokens") or 0)
    fresh = int(usage.get("input_tokens") or 0) + int(usage.get("cache_creation_input_tokens") or 0)
    return Reply(
        text="".join(parts["partial_json"] or parts["text"]),
        finish=_FINISH.get(finish, finish),
        reasoning="".join(parts["thinking"]),
        prompt_tokens=fresh + reused,
        reused_tokens=reused,
        completion_tokens=int(usage.get("output_tokens") or 0),
        prefill_seconds=first - begun,
        decode_seconds=ended - first,
    )
