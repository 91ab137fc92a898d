"""A server that speaks as OpenAI's do: llama-server, LM Studio, Ollama, vLLM, and the rest of them."""

from __future__ import annotations

import contextlib
import hashlib
import re
import threading
import time
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from quern.models import Message, Reply, Request, shapes
from quern.models.wire import END, Patience, Rejected, Unanswered, Wire, trouble
from quern.program import warn
from quern.schema import Anthropic as OfMessages
from quern.schema import Http as Spec

_ABOUT_FORMAT = re.compile(r"response_format|json_schema|schema|grammar|guided|structured|\bformat\b", re.IGNORECASE)
_REFUSING = (400, 404, 415, 422, 500, 501)  # what servers say to a format that they do not know
_CHARS = 40  # of a reply for each token that it may have, past which it is not read on
_PIECE = re.compile(r"[A-Za-z]+|[0-9]|[^\sA-Za-z0-9]|\n+")
_FRAME = 12  # tokens that a template may put around a message


# Where people set the context of each kind of server.
_SET_BY = {
    "llama-server": "its -c",
    "LM Studio": "the context length it loads the model with",
    "Ollama": "num_ctx of the model or OLLAMA_CONTEXT_LENGTH",
    "vLLM": "its --max-model-len",
}
# Where a key may be left out that a schema does not require. OpenAI's strict mode refuses such a schema, and so do
# those that follow it: there the model writes all keys.
_LENIENT = frozenset(_SET_BY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a server says it has loaded. `context`: tokens for one question; `trained`: those that the model can have.

    `model`: what it calls the one that answers; `kind`: which server it is, as far as can be told.
    """

    kind: str = "server"
    model: str = ""
    context: int | None = None
    trained: int | None = None
    slots: int = 1
    thinks: bool = False


class Http:
    """A model behind chat completions."""

    def __init__(self, name: str, spec: Spec) -> None:
        self.name = name
        self._spec = spec
        self._wire = Wire(name, spec.url, spec.key_env, _headers, warn)
        self._format = "json_schema"
        self._loaded: Loaded | None = None
        self._lock = threading.Lock()

    @property
    def identity(self) -> str:
        """The model as the schema names it, with a hash of its options if it has any; not where it runs."""
        return identity(self._spec.model, self._spec.options)

    @property
    def served(self) -> str | None:
        """What the server tells of the file behind the name, asked once and in one request."""
        return served(self._wire, self._spec.model)

    @property
    def context(self) -> int | None:
        """As the schema says, which the first call compares with what is loaded; else as it is loaded."""
        return self._spec.n_ctx or self.loaded().context

    def count(self, messages: Sequence[Message]) -> int:
        """About the most tokens that these can be: see `count`."""
        return count(messages)

    def ask(self, request: Request) -> Reply:
        """One reply, as it came.

        Raises Failure if the server is not there, falls silent, refuses, or has not the context that the schema says.
        """
        self._agree()
        try:
            return self._persist(request)
        except Rejected as error:
            if error.is_too_long:
                return Reply(text="", finish="context", details={"error": error.message})
            raise self._wire.failure(error.message) from None

    def close(self) -> None:
        """Break off what is being asked."""
        self._wire.close()

    def loaded(self) -> Loaded:
        """What the server has loaded, asked once; a server that loads on demand loads it.

        Raises Failure if it cannot be reached.
        """
        with self._lock:
            if self._loaded is None:
                self._loaded = look(self._wire, self._spec.model)
            return self._loaded

    def _agree(self) -> None:
        if self._loaded is None:
            agree(self._wire, self._spec, self.loaded())

    def _persist(self, request: Request) -> Reply:
        tried = self._format
        try:
            reply, retries = self._wire.persist(lambda: self._once(request, tried), request.timeout)
        except Rejected as error:
            about = error.status in _REFUSING and _ABOUT_FORMAT.search(error.message)
            if tried == "json_object" or not about or error.is_too_long:
                raise
            self._fall_back(error)
            return self._persist(request)
        return replace(reply, retries=retries)

    def _fall_back(self, error: Rejected) -> None:
        with self._lock:
            if self._format == "json_schema":
                self._format = "json_object"
                warn(
                    f"model {self.name}: the server takes no schema ({self._wire.scrubbed(error.message)}): asking "
                    "for any JSON, which is refused if it does not fit"
                )

    def _once(self, request: Request, form: str) -> Reply:
        patience = Patience(request.timeout)
        events = self._wire.events(f"{self._wire.base}/chat/completions", self._body(request, form), patience)
        with contextlib.closing(events):
            return _gathered(events, patience, request.max_tokens)

    def _body(self, request: Request, form: str) -> dict[str, Any]:
        messages = [*request.shared, *request.asked]
        if form == "json_object":
            messages = with_schema(request)
        body: dict[str, Any] = {
            "model": self._spec.model,
            "messages": [{"role": message.role, "content": message.text} for message in messages],
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            "seed": request.seed,
            "stream": True,
            "stream_options": {"include_usage": True},
            "response_format": {"type": "json_object"},
            **_about_thinking(self.loaded(), request.thinking),
        }
        if form == "json_schema":
            may_lack = self.loaded().kind in _LENIENT
            shape = request.schema if may_lack else shapes.complete(request.schema)
            schema = {"name": "answer", "strict": True, "schema": shape}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return {key: value for key, value in (body | self._spec.options).items() if value is not None}


def look(wire: Wire, model: str) -> Loaded:
    """What a server has loaded, so far as it tells. Raises Failure if it cannot be reached."""
    return next(filter(None, (of_kind(wire, model) for of_kind in _KINDS)), Loaded())


def agree(wire: Wire, spec: Spec | OfMessages, loaded: Loaded) -> None:
    """Raise Failure if the schema says another model or context than the server has loaded."""
    if loaded.model and not _is_named(spec.model, loaded.model):
        raise wire.failure(f"{loaded.kind} has loaded {loaded.model}, schema.yaml says {spec.model}")
    if loaded.context and spec.n_ctx and loaded.context != spec.n_ctx:
        slots = f" (for each of {loaded.slots} slots)" if loaded.slots > 1 else ""
        raise wire.failure(
            f"{loaded.kind} has loaded a context of {loaded.context} tokens{slots}, schema.yaml says n_ctx: "
            f"{spec.n_ctx}: change that, or {_SET_BY.get(loaded.kind, 'what the server loads')}"
        )


def served(wire: Wire, model: str) -> str | None:
    """A hash of what a server lists of a model besides its name; "" if that is nothing, None if it does not answer.

    llama-server tells sizes, Ollama when the model was pulled, vLLM where it lies; none loads anything for it. Nothing
    that is another at each request counts.
    """
    try:
        listed = _listed(wire.glimpse("/v1/models"))
    except Unanswered:
        return None
    own = next((one for one in listed if one.get("id") in (model, f"{model}:latest")), None)
    one = own or (listed[0] if len(listed) == 1 else {})
    meta: Any = one.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    told = {key: meta[key] for key in ("n_params", "n_vocab", "size") if key in meta}
    if told:
        told["id"] = one.get("id")
    if one.get("owned_by") == "library":
        told["created"] = one.get("created")
    if one.get("root") not in (None, one.get("id")):
        told["root"] = one["root"]
    return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()[:8] if told else ""


def identity(model: str, options: Mapping[str, Any]) -> str:
    """What a server's answers depend on besides the request, so far as the schema tells."""
    if not options:
        return model
    return f"{model}+{hashlib.sha256(orjson.dumps(options, option=orjson.OPT_SORT_KEYS)).hexdigest()[:8]}"


def count(messages: Sequence[Message]) -> int:
    """About the most tokens that messages can be for any usual vocabulary: the same on each day, and without asking.

    A word is a token for each three letters; another letter, a figure or a mark is one, and two where it has three
    bytes.
    """
    return sum(_FRAME + _tokens(message.text) for message in messages)


def _headers(key: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def _tokens(text: str) -> int:
    count = 0
    for piece in _PIECE.findall(text):
        count += -(-len(piece) // 3) if piece.isascii() else 2 if piece > "\u07ff" else 1
    return count


def with_schema(request: Request) -> list[Message]:
    """The messages, the first of which asks for JSON that fits: all questions of a stage share it."""
    told = "Answer with one JSON object and nothing else. It has to fit this JSON Schema:\n"
    told += orjson.dumps(request.schema).decode()
    first, *rest = [*request.shared, *request.asked]
    return [Message(first.role, f"{first.text}\n\n{told}"), *rest]


def _about_thinking(loaded: Loaded, thinking: bool) -> dict[str, Any]:
    if loaded.kind in ("llama-server", "vLLM"):
        return {"chat_template_kwargs": {"enable_thinking": thinking}}
    if loaded.kind == "Ollama" and loaded.thinks and not thinking:
        return {"reasoning_effort": "none"}
    return {}


def _gathered(events: Iterator[Any], patience: Patience, max_tokens: int) -> Reply:
    """The reply of the events of a stream, or of the one that is a whole completion."""
    begun = time.monotonic()
    first: float | None = None
    texts: list[str] = []
    thoughts: list[str] = []
    finish: str | None = None
    usage: dict[str, Any] = {}
    timings: dict[str, Any] = {}
    size = 0
    done = False
    for event in events:
        if event is END:
            done = True
            continue
        trouble(event)
        usage = event.get("usage") or usage
        timings = event.get("timings") or timings
        for choice in event.get("choices") or ():
            part = choice.get("delta") or choice.get("message") or {}
            text, thought = part.get("content") or "", part.get("reasoning_content") or part.get("reasoning") or ""
            finish = choice.get("finish_reason") or finish
            done = done or "message" in choice
            if text or thought:
                first = first or time.monotonic()
                patience.renew()
                texts.append(text)
                thoughts.append(thought)
                size += len(text) + len(thought)
        if size > _CHARS * max_tokens + 4000:
            finish = "length"
            break
    if finish is None and not done:
        raise Unanswered("the answer broke off", 4)
    ended = time.monotonic()
    first = first or ended
    return Reply(
        text="".join(texts),
        finish=finish,
        reasoning="".join(thoughts),
        prompt_tokens=int(usage.get("prompt_tokens") or 0),
        reused_tokens=int(
            (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or timings.get("cache_n") or 0
        ),
        completion_tokens=int(usage.get("completion_tokens") or 0),
        prefill_seconds=timings["prompt_ms"] / 1000 if "prompt_ms" in timings else first - begun,
        decode_seconds=timings["predicted_ms"] / 1000 if "predicted_ms" in timings else ended - first,
    )


def _is_named(said: str, loaded: str) -> bool:
    """Whether the schema means the model that a server of one model has: its alias, its file, or part of that."""
    name = loaded.replace("\\", "/").rpartition("/")[2].casefold().removesuffix(".gguf")
    said = said.replace("\\", "/").rpartition("/")[2].casefold().removesuffix(".gguf")
    return said in name or name in said


def _llama_server(wire: Wire, model: str) -> Loaded | None:
    # One that has several models wants to know of which; the others do not mind.
    props = wire.get(f"/props?model={urllib.parse.quote(model)}")
    if not isinstance(props, dict) or "default_generation_settings" not in props:
        return None
    listed = [one for one in _listed(wire.get("/v1/models")) if one.get("meta")]
    own = next((one for one in listed if one.get("id") == model), listed[0] if listed else {})
    return Loaded(
        kind="llama-server",
        model=str(props.get("model_alias") or props.get("model_path") or model),
        context=props["default_generation_settings"].get("n_ctx") or None,
        trained=own["meta"].get("n_ctx_train") if own else None,
        slots=int(props.get("total_slots") or 1),
    )


def _lm_studio(wire: Wire, model: str) -> Loaded | None:
    def found() -> dict[str, Any]:
        return next((one for one in _listed(wire.get("/api/v0/models")) if one.get("id") == model), {})

    one = found()
    if "state" not in one:
        return None
    if one["state"] != "loaded":
        wire.get(
            "/v1/chat/completions", {"model": model, "messages": [{"role": "user", "content": "-"}], "max_tokens": 1}
        )
        one = found()
    return Loaded(
        kind="LM Studio", context=one.get("loaded_context_length"), trained=one.get("max_context_length"), model=model
    )


def _ollama(wire: Wire, model: str) -> Loaded | None:
    told = wire.get("/api/show", {"model": model})
    if not isinstance(told, dict) or "model_info" not in told:
        return None
    running = _running(wire, model)
    if not running:
        wire.get("/api/generate", {"model": model, "stream": False})  # without a prompt it loads and says nothing
        running = _running(wire, model)
    lengths = (value for key, value in told["model_info"].items() if key.endswith(".context_length"))
    return Loaded(
        kind="Ollama",
        context=running.get("context_length"),
        trained=next(lengths, None),
        thinks="thinking" in (told.get("capabilities") or ()),
    )


def _running(wire: Wire, model: str) -> dict[str, Any]:
    names = (model, f"{model}:latest")
    found = wire.get("/api/ps")
    running = found.get("models") if isinstance(found, dict) else None
    return next((one for one in running or () if one.get("name") in names or one.get("model") in names), {})


def _vllm(wire: Wire, model: str) -> Loaded | None:
    one = next((one for one in _listed(wire.get("/v1/models")) if one.get("id") == model), {})
    if "max_model_len" not in one:
        return None
    return Loaded(kind="vLLM", context=one["max_model_len"], trained=one["max_model_len"])


def _listed(found: Any) -> list[dict[str, Any]]:
    listed = found.get("data") if isinstance(found, dict) else None
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


_KINDS = (_llama_server, _lm_studio, _ollama, _vllm)
