"""A checkup of what a model needs and does here: what `doctor` says, one thing after the other."""

from __future__ import annotations

import os
import platform
import re
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
import orjson

from quern import models
from quern.models import Message, Model, Reply, Request, Task, gate, machine, weights
from quern.program import Failure
from quern.records import Check
from quern.schema import Guidance, Schema, Served
from quern.vault import Vault

Shared = Callable[[Schema], Sequence[Message]]
"""The part of a prompt that all questions share, as the engine makes it of a schema."""

TRIED = 8192
"""Tokens for which memory is counted where `n_ctx` is auto, which takes what a stage needs."""
_WAIT_FOR_VECTORS = 60.0
_GPUS = ("Metal", "MTL", "CUDA", "ROCm", "HIP", "Vulkan", "SYCL", "CANN", "OpenCL")
_WORD = {
    "type": "object",
    "properties": {"code_word": {"type": "string", "minLength": 1, "maxLength": 24}},
    "required": ["code_word"],
    "additionalProperties": False,
}
_TEXT = {
    "type": "object",
    "properties": {"text": {"type": "string", "minLength": 200, "maxLength": 400}},
    "required": ["text"],
    "additionalProperties": False,
}


def checks(vault: Vault, schema: Schema, shared: Shared, only: str = "") -> Iterator[Check]:
    """What there is to say of this machine and of each model of the schema; with `only`, of that model alone.

    Models are loaded and asked. Raises Failure if there is no model of the name `only`.
    """
    if only and only not in schema.models:
        raise Failure(f"no model of this name: {', '.join(sorted(schema.models)) or 'none is named'}", only)
    yield from _python(any(served.llama is not None for served in schema.models.values()))
    gpus: list[str] = []
    memory = machine.memory()
    if any(served.llama is not None for served in schema.models.values()):
        found, gpus = _llama_cpp()
        yield from found
        if not gpus and all(check.state == "fine" for check in found):
            yield from _idle(memory)
    yield _memory(memory)
    if schema.is_rules:
        yield Check(
            subject="schema.yaml", code="engine", state="noted",
            message="engine: rules, which only quotes and asks no model" if schema.engine else "no model is named, so "
            "engine: rules, which only quotes",
        )  # fmt: skip
    for name in [only] if only else sorted(schema.models):
        if name not in schema.writing:
            yield _embedding(vault, schema.models[name])
            continue
        patient = _Patient(vault, schema, schema.models[name], shared, memory, gpus)
        yield from patient.checks()


def _embedding(vault: Vault, served: Served) -> Check:
    """Whether a model that writes nothing makes vectors, and how fast."""
    from quern.models import embedding

    texts = [f"Sentence {number}: the tide turns a wheel, and the wheel grinds corn." for number in range(32)]
    try:
        embedder = embedding.load(vault, served, _WAIT_FOR_VECTORS)
        list(embedder.vectors(texts[:1]))
        begun = time.perf_counter()
        made = list(embedder.vectors(texts))
        seconds = time.perf_counter() - begun
        embedder.close()
    except Failure as failure:
        return _wrong(served.name, "embedding", failure)
    speed = len(texts) / max(seconds, 1e-9)
    message = f"{embedder.identity}: vectors of {len(made[0])} numbers, {speed:.0f} sentences a second"
    return Check(subject=served.name, code="embedding", state="fine", message=message, value=speed, unit="texts/s")


def _python(needs_llama: bool) -> Iterator[Check]:
    version = platform.python_version()
    yield Check(subject="python", code="version", state="fine", message=f"Python {version} on {platform.platform()}")
    found, missing = [], []
    for required in metadata.requires("quern") or ():
        name = re.split(r"[\s;<>=!~\[(]", required, maxsplit=1)[0]
        extra = re.search(r"extra\s*==\s*[\"'](\w+)", required)
        if extra and not (needs_llama and extra[1] == "llama"):
            continue
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append((name, "make setup LLAMA=1" if extra else "make setup"))
    yield Check(subject="python", code="packages", state="fine", message=", ".join(found), value=len(found))
    for name, fix in missing:
        yield Check(subject="python", code="packages", state="wrong", message=f"{name} is missing", fix=fix)


def _llama_cpp() -> tuple[list[Check], list[str]]:
    """What the build of llama.cpp can do, and which GPUs it knows."""
    from quern.models import llama

    try:
        library = llama.library()
    except Failure as failure:
        return [_wrong("llama.cpp", "build", failure)], []
    told = library.llama_print_system_info().decode(errors="replace")
    backends = list(dict.fromkeys(re.findall(r"(\w+) : ", told)))
    gpus = [name for name in backends if name.startswith(_GPUS)] if library.llama_supports_gpu_offload() else []
    built = f"llama-cpp-python {library.__version__}, backends: {', '.join(backends)}"
    message = f"{built}; weights can lie on a GPU" if gpus else f"{built}; no GPU"
    return [Check(subject="llama.cpp", code="build", state="fine", message=message)], gpus


def _idle(memory: machine.Memory) -> Iterator[Check]:
    """A GPU that this build of llama.cpp cannot use."""
    if not memory.gpu:
        return
    name, flag = ("Metal", "GGML_METAL") if memory.wired else ("CUDA", "GGML_CUDA")
    yield Check(
        subject="llama.cpp", code="gpu", state="wrong", message=f"built without {name}: the GPU stays idle",
        fix=f"CMAKE_ARGS=-D{flag}=on .venv/bin/pip install --force-reinstall --no-cache-dir --no-binary "
        "llama-cpp-python llama-cpp-python",
    )  # fmt: skip


def _memory(memory: machine.Memory) -> Check:
    said = f"{_gb(memory.total)} of memory, {_gb(memory.free)} free"
    if memory.gpu:
        what = "of which a GPU may hold" if memory.wired else "; a GPU has"
        said += f"{',' if memory.wired else ''} {what} {_gb(memory.gpu)}"
    return Check(subject="machine", code="memory", state="noted", message=said, value=memory.total, unit="bytes")


@dataclass
class _Patient:
    """One model, looked at from all sides."""

    vault: Vault
    schema: Schema
    served: Served
    shared: Shared
    memory: machine.Memory
    gpus: Sequence[str]

    def checks(self) -> Iterator[Check]:
        """What there is to say of it. What cannot be asked is not asked, and says so once."""
        try:
            sound = True
            for check in self._of_file() if self.served.llama is not None else self._of_server():
                sound = sound and check.state != "wrong"
                yield check
            if sound:
                yield from self._asked()
        except Failure as failure:
            yield _wrong(self.name, "asked", failure)
        finally:
            self.model.close()

    @property
    def name(self) -> str:
        return self.served.name

    @cached_property
    def task(self) -> Task:
        """The first task that it has."""
        for task in get_args(Task):
            if self.schema.asked(task).model in (self.name, ""):
                return task  # type: ignore[no-any-return]
        return "extract"

    @cached_property
    def model(self) -> Model:
        role = msgspec.structs.replace(self.schema.asked(self.task), model=self.name)
        return models.load(self.vault, msgspec.structs.replace(self.schema, roles={self.task: role}), self.task)

    # What is known without asking

    def _of_file(self) -> Iterator[Check]:
        spec = self.served.llama
        assert spec is not None  # noqa: S101 - the caller knows
        path = Path(self.vault.root, os.path.expanduser(spec.path))
        try:
            found = weights.read(path)
        except Failure as failure:
            yield _wrong(self.name, "file", failure)
            return
        kind = f"{found.name}, {found.architecture}" if found.name else found.architecture
        yield self._fine("file", f"{path} ({_gb(found.size)}, {kind})", found.size, "bytes")
        yield self._of_context(spec.n_ctx, found.context)
        yield (
            self._fine("template", f"a chat template of {len(found.template):,} characters")
            if (found.template)
            else self._noted("template", "no chat template in the file: ChatML is used")
        )
        yield self._fitting(found, spec)

    def _of_context(self, configured: int | Literal["auto"], trained: int) -> Check:
        if configured == "auto":
            return self._fine("context", f"n_ctx: auto, at most the {trained:,} tokens trained", trained, "tokens")
        if trained and configured > trained:
            return Check(
                subject=self.name, code="context", state="wrong", value=configured, unit="tokens",
                message=f"n_ctx: {configured}, and the model was trained for {trained}",
                fix=f"n_ctx: {trained} or less, or auto",
            )  # fmt: skip
        return self._fine("context", f"n_ctx: {configured}, trained: {trained}", configured, "tokens")

    def _fitting(self, found: weights.Weights, spec: Any) -> Check:
        n_ctx = min(found.context or TRIED, TRIED) if spec.n_ctx == "auto" else int(spec.n_ctx)
        cache = found.cache(n_ctx, spec.options)
        need = found.size + cache + found.scratch(int(spec.options.get("n_ubatch", 512)))
        on_gpu = self._is_on_gpu()
        room = self.memory.room(on_gpu)
        place = "on the GPU" if on_gpu and self.memory.gpu else "in memory"
        parts = f"weights {_gb(found.size)} and a cache of {_gb(cache)} for {n_ctx:,} tokens: about {_gb(need)}"
        if not room or need <= room:
            return self._fine("memory", f"{parts}, {_gb(room)} free {place}", need, "bytes")
        line = self.memory.raising(need) if on_gpu else ""
        fix = "a smaller n_ctx, a smaller model, or a cache of less (options: {type_k: q8_0, type_v: q8_0})"
        return Check(
            subject=self.name, code="memory", state="wrong", value=need, unit="bytes",
            message=f"{parts}, and {_gb(room)} are free {place}", fix=f"{line}, or {fix}" if line else fix,
        )  # fmt: skip

    def _is_on_gpu(self) -> bool:
        options = {} if self.served.llama is None else self.served.llama.options
        return bool(self.gpus) and options.get("n_gpu_layers", -1) != 0

    def _of_server(self) -> Iterator[Check]:
        spec = self.served.http or self.served.anthropic
        assert spec is not None  # noqa: S101 - the schema was checked
        model: Any = self.model
        try:
            loaded = model.loaded()
        except Failure as failure:
            yield _wrong(self.name, "server", failure)
            return
        slots = f", {loaded.slots} slots" if loaded.slots > 1 else ""
        yield self._fine("server", f"{spec.url}: {loaded.kind}{slots}, {loaded.model or spec.model}")
        if spec.parallel > loaded.slots > 1:
            yield self._noted("parallel", f"parallel: {spec.parallel}, and the server has {loaded.slots} slots")
        trained = f" (trained: {loaded.trained:,})" if loaded.trained else ""
        if not loaded.context:
            said = f"n_ctx: {spec.n_ctx}" if spec.n_ctx else "none in schema.yaml either: name it with n_ctx"
            yield self._noted("context", f"the server does not tell its context; {said}")
        elif spec.n_ctx and spec.n_ctx != loaded.context:
            yield Check(
                subject=self.name, code="context", state="wrong", value=loaded.context, unit="tokens",
                message=f"loaded: {loaded.context:,} tokens{trained}, and schema.yaml says n_ctx: {spec.n_ctx}",
                fix="load the model with that context, or change n_ctx: what is longer is cut off unseen",
            )  # fmt: skip
        else:
            yield self._fine("context", f"loaded: {loaded.context:,} tokens{trained}", loaded.context, "tokens")

    # What it answers

    def _asked(self) -> Iterator[Check]:
        word = f"{secrets.choice(('tern', 'plover', 'dunlin', 'godwit', 'curlew'))}-{secrets.randbelow(9000) + 1000}"
        told = msgspec.structs.replace(self.schema, guidance=_with_word(self.schema.guidance, word))
        prompt = tuple(self.shared(told))
        yield self._room(prompt)
        first = self._ask((Message("user", "Answer with one word."),), _WORD, 1)
        seconds = first.prefill_seconds
        if first.completion_tokens or first.text or first.reasoning:
            yield self._fine("generation", f"one token after {seconds:.2f} s", round(seconds, 3), "seconds")
        else:
            yield self._wrong("generation", f"it gave no token (finish: {first.finish})", "look at the server's log")
        yield self._of_word(self._ask(self._question(), _WORD, 0, prompt), word)
        yield from self._speed()

    def _room(self, prompt: Sequence[Message]) -> Check:
        """Whether the longest passage, at three characters a token, has room beside the instructions and the reply."""
        context = self.model.context
        asked = self.schema.asked(self.task)
        need = self.model.count(prompt) + self.schema.passages.max_chars // 3 + asked.max_tokens
        said = f"a passage needs up to {need:,} tokens"
        if context is None or need <= context:
            return self._fine("room", said if context is None else f"{said} of {context:,}", need, "tokens")
        return self._wrong(
            "room", f"{said}, and the context has {context:,}",
            f"a context of {-(-need // 1024) * 1024}, a smaller max_tokens, or smaller passages: max_chars",
        )  # fmt: skip

    def _question(self) -> tuple[Message, ...]:
        asked = "How this wiki is kept, as you were told, has a code word. Which one? Answer in JSON."
        return (Message("user", asked),)

    def _of_word(self, reply: Reply, word: str) -> Check:
        said = gate.said(reply)
        if reply.finish != "stop":
            return self._wrong("probe", f"its reply to a schema did not end (finish: {reply.finish})", _ANOTHER)
        try:
            answer = orjson.loads(said)["code_word"]
        except (orjson.JSONDecodeError, TypeError, KeyError):
            return self._wrong("probe", f"its reply is not of the schema: {said[:80]!r}", _ANOTHER)
        if str(answer).strip().casefold() != word:
            return self._wrong(
                "probe", f"it was told the code word {word} in the guidance and said {answer!r}", _ANOTHER
            )
        return self._fine("probe", "a reply of the schema, with the code word that stands in the guidance")

    def _speed(self) -> Iterator[Check]:
        reply = self._ask(
            (Message("user", "Tell in some sentences, as JSON, how the tide rises and falls."),), _TEXT, 96
        )
        if not reply.decode_seconds or not reply.completion_tokens:
            yield self._noted("speed", "it does not tell how many tokens it wrote")
            return
        rate = reply.completion_tokens / reply.decode_seconds
        read = (reply.prompt_tokens - reply.reused_tokens) / reply.prefill_seconds if reply.prefill_seconds else 0.0
        said = f"{_rate(rate)} tokens/s written, {_rate(read)} read"
        expected = self._expected()
        yield self._noted("speed", f"{said}{expected}", round(rate, 2), "tokens/s")

    def _expected(self) -> str:
        spec = self.served.llama
        if spec is None:
            return ""  # a server tells nothing of its memory
        on_card = self._is_on_gpu() and not self.memory.wired
        bandwidth = machine.card_bandwidth() if on_card else machine.bandwidth()
        if not bandwidth:
            return "; what the memory of the card allows is not known: it does not tell how fast it is"
        read = weights.read(Path(self.vault.root, os.path.expanduser(spec.path))).read_per_token
        return f"; at most {_rate(bandwidth / read)} written by {_gb(bandwidth)}/s of memory, {_gb(read)} a token"

    def _ask(
        self, asked: tuple[Message, ...], schema: dict[str, Any], max_tokens: int, shared: tuple[Message, ...] = ()
    ) -> Reply:
        """The reply to a question; with `max_tokens` 0 as long as the schema lets replies of this role be."""
        role = self.schema.asked(self.task)
        thinking = role.thinking in (True, "on")
        request = Request(
            task=self.task,
            shared=shared,
            asked=asked,
            schema=schema,
            max_tokens=max_tokens or role.max_tokens,
            temperature=role.temperature,
            seed=role.seed,
            thinking=thinking,
            timeout=role.timeout,
        )
        return self.model.ask(request)

    def _fine(self, code: str, message: str, value: float | None = None, unit: str = "") -> Check:
        return Check(subject=self.name, code=code, state="fine", message=message, value=value, unit=unit)

    def _noted(self, code: str, message: str, value: float | None = None, unit: str = "") -> Check:
        return Check(subject=self.name, code=code, state="noted", message=message, value=value, unit=unit)

    def _wrong(self, code: str, message: str, fix: str) -> Check:
        return Check(subject=self.name, code=code, state="wrong", message=message, fix=fix)


_ANOTHER = "take another model: this one does not do what it is told"


def table(found: Sequence[Check]) -> Iterator[str]:
    """The checks as a table for people; what is wrong stands out, with what to do below it."""
    marks = {"fine": "ok", "noted": "", "wrong": "WRONG"}
    subjects = max((len(check.subject) for check in found), default=0)
    codes = max((len(check.code) for check in found), default=0)
    before = ""
    for check in found:
        subject = "" if check.subject == before else check.subject
        before = check.subject
        yield f"{subject:{subjects}}  {check.code:{codes}}  {marks[check.state]:5}  {check.message}"
        if check.fix:
            yield f"{'':{subjects}}  {'':{codes}}  {'':5}  → {check.fix}"


def _with_word(guidance: str | Guidance, word: str) -> str | Guidance:
    told = f"The code word of this wiki is {word}."
    if isinstance(guidance, Guidance):
        return msgspec.structs.replace(guidance, general=f"{guidance.general}\n{told}".strip())
    return f"{guidance}\n{told}".strip()


def _wrong(subject: str, code: str, failure: Failure) -> Check:
    what, _, fix = failure.message.partition(": 'make ")
    where = f"{failure.path}: " if failure.path else ""
    fix = "make " + fix.partition("'")[0] if fix else ""
    return Check(subject=subject, code=code, state="wrong", message=where + what, fix=fix)


def _gb(size: float) -> str:
    """Bytes as people say them."""
    return f"{size / machine.GB:.1f} GB" if size >= machine.GB / 10 else f"{size / 1e6:.1f} MB"


def _rate(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"
