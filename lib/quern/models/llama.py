"""A GGUF file in this process, by llama.cpp: the same request and seed give the same reply.

The one module that knows llama-cpp-python, which is imported when a model is first asked or counted by. Weights are
loaded by the first question, and the context is made as large as the largest question so far.
"""

from __future__ import annotations

import ctypes
import datetime
import hashlib
import os
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import takewhile
from typing import Any

from quern import schema
from quern.models import Message, Reply, Request, dialogue, grammar, guard, options, prefixes, vocabulary
from quern.models.sampling import Sampling
from quern.models.vocabulary import Vocabulary
from quern.program import Failure
from quern.vault import Vault

# Contexts are made so many tokens larger at a time, and at least the second large.
_STEP, _LEAST = 1024, 2048
# Below so many tokens a snapshot is not worth its file.
_WORTH = 32
# Tokens of a prompt that a GPU gets at once: it can be interrupted only between two such batches.
_GPU_BATCH = 256
# The day that a chat template is told, if it asks: a prompt must not be another one tomorrow.
_DAY = datetime.date(2025, 1, 1)
# Of a context, what says nothing of the values that it holds.
_NOT_HELD = {"n_ctx", "n_threads", "n_threads_batch"}
_ABORTED, _ERROR = 2, 4


class Llama:
    """A model as `models: {name: {llama: …}}` describes it. `cap`: megabytes for snapshots; 0: none are kept."""

    def __init__(self, vault: Vault, name: str, spec: schema.Llama, cap: int = 2000) -> None:
        self.name = name
        self._spec = spec
        self._path = os.path.join(vault.root, os.path.expanduser(spec.path))
        self._prefixes = prefixes.Prefixes(str(vault.cache / "prefix"), cap * 1_000_000)
        self._weights: _Weights | None = None
        self._starts: dict[object, list[int]] = {}

    @cached_property
    def identity(self) -> str:
        """The name of the file, a hash of what is in it, and one of the options that change answers, if there are."""
        telling = {key: value for key, value in sorted(self._spec.options.items()) if key not in options.PACE}
        said = f"+{hashlib.sha256(repr(telling).encode()).hexdigest()[:8]}" if telling else ""
        return f"{os.path.basename(self._path)}:{prefixes.fingerprint(self._file)[:12]}{said}"

    @property
    def served(self) -> str:
        """Nothing: the identity has a hash of the file."""
        return ""

    @property
    def context(self) -> int:
        """Tokens of a prompt and its reply together: as configured, or else as many as the model was trained for."""
        return self._trained if self._spec.n_ctx == "auto" else self._spec.n_ctx

    def count(self, messages: Sequence[Message]) -> int:
        """The tokens of a prompt of these messages, exactly."""
        return len(self._tokens(messages, thinking=False))

    def ask(self, request: Request) -> Reply:
        """The reply to a request.

        Raises Failure if the model cannot be loaded, if prompt and reply do not fit its context, and if no token comes
        within the time-out; KeyboardInterrupt within a second of one, whatever llama.cpp is doing.
        """
        tokens = self._tokens([*request.shared, *request.asked], request.thinking)
        start = self._start(request)
        if tokens[: len(start)] != start or len(start) < _WORTH:
            start = []
        need = len(tokens) + request.max_tokens
        if need > self.context:
            raise Failure(
                f"models: {self.name}: {len(tokens)} tokens of prompt and {request.max_tokens} of reply are more than "
                f"its context of {self.context}"
            )
        thoughts = self._dialogue.thoughts(request.thinking)
        if self._spec.n_ctx == "auto":
            # A smaller one than the least would lay out a sliding window otherwise.
            room = min(max(-(-need // _STEP) * _STEP, _LEAST), self.context)
        else:
            room = self._spec.n_ctx
        # To a grammar the word of a special token is text: in a reply there is none, but around a thought.
        barred = [token for token, _word in self._special] if thoughts is None else []
        question = _Question(request, tokens, start, (grammar.of(request.schema, thoughts), barred), room)
        with guard.quiet(), guard.interruptible() as interrupted:
            reply = self._loaded(interrupted).reply(question, interrupted)
        text, reasoning = _parted(reply.pop("text"), thoughts)
        return Reply(text=text, reasoning=reasoning, **reply)

    def close(self) -> None:
        """Give the memory back; a later question loads the model again."""
        if self._weights is not None:
            self._weights.close()
            self._weights = None

    @cached_property
    def _file(self) -> str:
        if not os.path.isfile(self._path):
            raise Failure(f"models: {self.name}: no such file: 'make model' fetches one", self._path)
        return self._path

    @cached_property
    def _reader(self) -> GgufFile:
        """The model without its weights, which knows its words: all that counting needs."""
        with guard.quiet(), guard.interruptible() as interrupted:
            options.check(library(), self.name, self._spec.options)
            model = GgufFile(self.name, self._file, {}, interrupted, vocabulary_only=True)
        if model.told("attention.causal") == "false":
            raise Failure(f"models: {self.name}: it is made for embeddings, and writes nothing", self._path)
        return model

    @cached_property
    def _trained(self) -> int:
        return self._reader.number("context_length", 0)

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary(library(), self._reader.pointer)

    @cached_property
    def _special(self) -> list[tuple[int, str]]:
        return list(self._vocabulary.special())

    @cached_property
    def _dialogue(self) -> dialogue.Dialogue:
        from llama_cpp import llama_chat_format as formats

        # Jinja comes with llama-cpp-python: it is no dependency of ours.
        broken: type[Exception] = vars(formats)["jinja2"].TemplateError
        found = library().llama_model_chat_template(self._reader.pointer, None)
        template = found.decode() if found else dialogue.CHATML
        begin, end = self._vocabulary.ends
        try:
            formatter: Any = formats.Jinja2ChatFormatter(template, eos_token=end, bos_token=begin)
        except broken as error:
            raise Failure(f"models: {self.name}: its chat template cannot be read: {error}", self._path) from None
        formatter.strftime_now = _DAY.strftime

        def render(turns: dialogue.Turns, thinking: bool) -> str:
            try:
                return str(formatter(messages=turns, enable_thinking=thinking).prompt)
            except broken as error:
                raise ValueError(str(error)) from None

        return dialogue.Dialogue(render, template, (word for _token, word in self._special))

    def _tokens(self, messages: Sequence[Message], thinking: bool) -> list[int]:
        try:
            return self._vocabulary.tokens(self._dialogue.prompt(messages, thinking))
        except ValueError as error:
            raise Failure(f"models: {self.name}: its chat template takes no such messages: {error}") from None

    def _start(self, request: Request) -> list[int]:
        """The tokens that each prompt with these shared messages begins with.

        A tokenizer may draw the last letters of the shared part and the first of what is asked into one token. So it
        is tried with several first letters, and what is common to all is the start.
        """
        if not request.shared:
            return []
        key = (request.shared, tuple(message.role for message in request.asked), request.thinking)
        if key not in self._starts:
            begun = self._dialogue.beginnings(request.shared, request.asked, request.thinking)
            each = list(zip(*map(self._vocabulary.tokens, begun), strict=False))
            common = takewhile(lambda tokens: len(set(tokens)) == 1, each)
            self._starts[key] = [tokens[0] for tokens in common]
        return self._starts[key]

    def _loaded(self, interrupted: Callable[[], bool]) -> _Weights:
        if self._weights is None:
            model = GgufFile(self.name, self._file, self._spec.options, interrupted)
            about = [prefixes.fingerprint(self._file), library().__version__]
            self._weights = _Weights(self.name, model, self._spec.options, self._prefixes, about)
        return self._weights


@dataclass(frozen=True, slots=True)
class _Question:
    """A request in tokens. `start`: what of them its snapshot holds; `rules`: a grammar and the tokens that are barred;
    `room`: tokens of a context for it.
    """

    request: Request
    tokens: list[int]
    start: list[int]
    rules: tuple[str, list[int]]
    room: int


class _Weights:
    """A model with its weights, and a context: one sequence of tokens, which begins anew with each question."""

    def __init__(
        self, name: str, model: GgufFile, given: Mapping[str, Any], kept: prefixes.Prefixes, about: Sequence[object]
    ) -> None:
        self._lib = lib = library()
        self._name, self._model, self._given, self._kept, self._about = name, model, given, kept, about
        self._vocabulary = Vocabulary(lib, model.pointer)
        self._context: Any = None
        self._free: Callable[[], object] = bool
        self._size, self._deadline, self._timeout = 0, 0.0, 0.0
        self._interrupted: Callable[[], bool] = bool
        # llama.cpp asks this between any two steps of its work on a CPU, and stops when it is told so.
        self._stop = lib.ggml_abort_callback(lambda _data: self._interrupted() or time.monotonic() > self._deadline)
        # Only a cache that holds every token by itself can be cut back to its beginning.
        self._can_cut = not (
            lib.llama_model_is_recurrent(model.pointer)
            or lib.llama_model_is_hybrid(model.pointer)
            or lib.llama_model_n_swa(model.pointer)
        )
        self._held: list[int] = []
        self._last: tuple[str, bytes] = ("", b"")

    def reply(self, question: _Question, interrupted: Callable[[], bool]) -> dict[str, Any]:
        """The fields of a reply; its text is all that the model said."""
        request, start = question.request, question.start
        self._interrupted, self._timeout = interrupted, request.timeout
        begun = self._waits_from_now()
        self._make_room(question.room)
        said, count, finish = bytearray(), 0, "length"
        with Sampling(self._lib, self._vocabulary.pointer, self._given, request, question.rules) as sampling:
            reused = self._return_to(start)
            self._evaluate(question.tokens[len(start) :])
            evaluated = self._waits_from_now()
            while count < request.max_tokens:
                token = sampling.next(self._context)
                count += 1
                if sampling.is_end(token):
                    finish = "stop"
                    break
                said += self._vocabulary.piece(token)
                self._waits_from_now()
                self._evaluate([token])
        return {
            "text": vocabulary.text(bytes(said)),
            "finish": finish,
            "prompt_tokens": len(question.tokens),
            "reused_tokens": reused,
            "completion_tokens": count,
            "prefill_seconds": evaluated - begun,
            "decode_seconds": time.monotonic() - evaluated,
            "details": {"context": self._size},
        }

    def close(self) -> None:
        self._free()
        self._context = None
        self._model.close()

    def _waits_from_now(self) -> float:
        now = time.monotonic()
        self._deadline = now + self._timeout
        return now

    def _make_room(self, size: int) -> None:
        """Make the context as large as this, if it is smaller."""
        lib = self._lib
        if self._size >= size:
            return
        self._free()
        self._held = []
        params = lib.llama_context_default_params()
        # What has left a window need not be kept: we go back to a snapshot, and never by cutting.
        params.swa_full = False
        options.fill(lib, params, self._given)
        params.n_threads, params.n_threads_batch = options.threads(self._given)
        if "n_batch" not in self._given and lib.llama_supports_gpu_offload():
            params.n_batch = _GPU_BATCH
        self._size = params.n_ctx = size
        params.n_seq_max, params.no_perf, params.abort_callback = 1, True, self._stop
        complaints().clear()
        self._context = lib.llama_init_from_model(self._model.pointer, params)
        if not self._context:
            self._size = 0
            raise Failure(f"models: {self._name}: llama.cpp makes no context of {size} tokens{why()}")
        # A context is freed while its model is there still, in whatever order the two are forgotten.
        self._free = weakref.finalize(self, _free, lib, self._context, self._model)
        self._memory = lib.llama_get_memory(self._context)
        self._batch = int(lib.llama_n_batch(self._context))
        values = [item for item in sorted(options.numbers(params).items()) if item[0] not in _NOT_HELD]
        # Some models turn their tokens otherwise in a context above the length that they were first trained for.
        is_long = self._size > self._model.number("rope.scaling.original_context_length", self._size)
        self._made_by = [*self._about, lib.llama_print_system_info(), values, is_long]

    def _return_to(self, start: list[int]) -> int:
        """Have the context hold exactly these tokens; how many of them were not evaluated for it."""
        held, self._held = self._held, start
        if held == start and self._can_cut and self._lib.llama_memory_seq_rm(self._memory, 0, len(start), -1):
            return len(start)
        if not start:
            self._clear()
            return 0
        name = prefixes.key(self._made_by, start)
        data = self._last[1] if self._last[0] == name else self._kept.load(name)
        is_known = data is not None and self._restore(data)
        if data is None or not is_known:
            data = self._made(start)
            self._kept.save(name, data)
            # Evaluated tokens may lie in the context in another order than restored ones, and sums then differ in
            # their last digit: what is asked goes on from restored ones, always.
            self._restore(data)
        self._last = ("", b"") if self._can_cut else (name, data)
        return len(start) if is_known else 0

    def _made(self, start: list[int]) -> bytes:
        """The snapshot of these tokens, evaluated."""
        self._clear()
        self._evaluate(start)
        size = self._lib.llama_state_seq_get_size(self._context, 0)
        room = (ctypes.c_uint8 * size)()
        return bytes(memoryview(room)[: self._lib.llama_state_seq_get_data(self._context, room, size, 0)])

    def _restore(self, data: bytes) -> bool:
        self._clear()
        source = ctypes.cast(ctypes.c_char_p(data), ctypes.POINTER(ctypes.c_uint8))
        return bool(self._lib.llama_state_seq_set_data(self._context, source, len(data), 0))

    def _clear(self) -> None:
        self._lib.llama_memory_clear(self._memory, True)  # noqa: FBT003 - the cells and what is in them

    def _evaluate(self, tokens: list[int]) -> None:
        for at in range(0, len(tokens), self._batch):
            some = tokens[at : at + self._batch]
            # A batch only points to its tokens, which have to last as long.
            room = (ctypes.c_int32 * len(some))(*some)
            complaints().clear()
            failed = self._lib.llama_decode(self._context, self._lib.llama_batch_get_one(room, len(some)))
            if failed or self._interrupted() or time.monotonic() > self._deadline:
                self._held = []
                self._give_up(failed)

    def _give_up(self, failed: int) -> None:
        if self._interrupted():
            raise KeyboardInterrupt
        if failed not in (0, _ABORTED):
            raise Failure(f"models: {self._name}: llama.cpp cannot evaluate the prompt ({failed}){why()}")
        raise Failure(
            f"models: {self._name}: no token within {self._timeout:g} s: raise the timeout of its role, or take a "
            "smaller model"
        )


class GgufFile:
    """A file that llama.cpp has read. Raises Failure if it cannot."""

    def __init__(
        self,
        name: str,
        path: str,
        given: Mapping[str, Any],
        interrupted: Callable[[], bool],
        *,
        vocabulary_only: bool = False,
    ) -> None:
        self._lib = lib = library()
        params = lib.llama_model_default_params()
        params.n_gpu_layers = -1
        options.fill(lib, params, given)
        params.vocab_only = vocabulary_only
        params.progress_callback = going_on = lib.llama_progress_callback(lambda _done, _data: not interrupted())
        complaints().clear()
        self.pointer = lib.llama_model_load_from_file(os.fsencode(path), params)
        del going_on
        if interrupted():
            raise KeyboardInterrupt
        if not self.pointer:
            raise Failure(f"models: {name}: llama.cpp cannot load it{why()}", path)
        # Also when the program ends: a GPU may complain of memory that was not given back.
        self.close = weakref.finalize(self, lib.llama_model_free, self.pointer)

    def number(self, key: str, otherwise: int) -> int:
        """A number of the file's metadata, named without its architecture."""
        return int(self.told(key) or otherwise)

    def told(self, key: str) -> str:
        """What the file says of itself, "" if it does not."""
        return self._meta(f"{self._meta('general.architecture')}.{key}")

    def _meta(self, key: str) -> str:
        room = ctypes.create_string_buffer(128)
        size = self._lib.llama_model_meta_val_str(self.pointer, key.encode(), room, len(room))
        return room.value.decode() if size > 0 else ""


def _free(lib: Any, context: Any, _model: GgufFile) -> None:
    lib.llama_free(context)


def _parted(said: str, thoughts: tuple[str, str] | None) -> tuple[str, str]:
    """A reply, and the thought before it."""
    if thoughts is None:
        return said, ""
    begin, end = thoughts
    reasoning, _end, text = said.removeprefix(begin).partition(end)
    return text.lstrip("\n"), reasoning


@lru_cache(maxsize=1)
def library() -> Any:
    """llama-cpp-python, which keeps what it has to say to itself. Raises Failure if it is not installed."""
    with guard.quiet():
        try:
            import llama_cpp
        except ImportError:
            raise Failure("llama-cpp-python is not installed: 'make setup LLAMA=1' installs it") from None
        llama_cpp.llama_log_set(_listener(llama_cpp.llama_log_callback), ctypes.c_void_p(0))
        llama_cpp.llama_backend_init()
    return llama_cpp


@lru_cache(maxsize=1)
def complaints() -> list[str]:
    """What llama.cpp complained of, for the one line that a person reads."""
    return []


@lru_cache(maxsize=1)
def _listener(kind: Callable[..., Any]) -> Any:
    def listen(level: int, text: bytes, _data: object) -> None:
        if level == _ERROR:
            complaints().append(text.decode(errors="replace").strip())

    return kind(listen)


def why() -> str:
    """What it complained of first, without the name of the function that did."""
    said = next((line for line in complaints() if line), "")
    return f": {said.partition(': ')[2] or said}" if said else ""
