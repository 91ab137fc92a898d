"""One call of a model with everything that surrounds it: the cache of replies, the gate, one retry, the meter."""

from __future__ import annotations

import collections
import datetime
import functools
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import orjson

from quern import models
from quern.models import Message, Model, Reply, Request, Task, gate, meter
from quern.models.meter import Call, Meter
from quern.models.pace import Pace
from quern.models.replies import Replies, key
from quern.program import warn
from quern.records import Usage
from quern.schema import Schema
from quern.vault import Vault

# Tokens that the reason of a refusal may add to a question that is asked again: leave so many free.
ROOM = 160
_REASON = 300  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """No usable reply; `reason` in one line, for people."""

    reason: str


class Question(NamedTuple):
    """A request, and what tells whether the answer is taken: `check` says what is wrong with it, None if nothing is.

    A `gate.Doubt` from `check` is overcome by the same answer given again. `evidence`: the text that the answer rests
    on; `language`: what that is written in, "" if the language of the answer does not matter.
    """

    request: Request
    check: Callable[[Any], str | None]
    evidence: str = ""
    language: str = ""


class Client:
    """Asks the model that the schema names for a task.

    Raises Failure if the schema names none. `fresh`: what is in the cache is not used (and is replaced).
    `parallel`: how many questions it may have at once.
    """

    def __init__(
        self, vault: Vault, schema: Schema, task: Task, *, say: Callable[[str], None] = warn, fresh: bool = False
    ) -> None:
        self.task = task
        self._vault = vault
        self._fresh = fresh
        self._asked = schema.asked(task)
        served = schema.model_for(task)
        ways = [way for way in (served.http, served.anthropic) if way is not None]
        self.parallel = max((way.parallel for way in ways), default=1)
        self._is_told = any(way.n_ctx for way in ways)
        self._model: Model = models.load(vault, schema, task)
        self._replies = Replies(vault.cache / "replies", schema.cache.replies * 1_000_000)
        self._meter = Meter(vault)
        # What is said of the pace is of use at once, wherever the rest of what is said goes.
        self.pace = Pace(vault, task, self._model.name, parallel=self.parallel, say=None if say is warn else say)
        self._spent: list[Call] = []
        self._known = ""
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """What people call the model."""
        return self._model.name

    @property
    def identity(self) -> str:
        """What its answers depend on besides the request, for records."""
        return self._model.identity

    @functools.cached_property
    def context(self) -> int | None:
        """Tokens of prompt and reply together, as the model is really loaded; None if that is not known.

        Of a server that cannot be reached, as it was in its last call: what is cached needs no server.
        Raises Failure if it cannot be reached and was never asked.
        """
        if self._served is None and not self._is_told:
            for call in self._before:
                if call.context:
                    return call.context
        return self._model.context

    @functools.cached_property
    def _served(self) -> str | None:
        """What the server tells of the model behind the name; None if it is not there."""
        return self._model.served

    @property
    def _before(self) -> Iterator[Call]:
        """The calls of this model that are known, the last one first."""
        return (call for call in reversed(meter.latest(self._vault)) if call.model == self.name)

    @functools.cached_property
    def _answering(self) -> str:
        """What the answers depend on: who is asked, and what a server has behind that name.

        Of one that does not answer it is what it had in its last call: what is cached needs no server.
        """
        if self._served is None:
            self._known = next((call.served for call in self._before), "")
        else:
            self._known = self._served
        return f"{self.identity} {self._known}" if self._known else self.identity

    def count(self, messages: Sequence[Message]) -> int:
        """The tokens of these messages as a prompt, or a few more."""
        return self._model.count(messages)

    def request(
        self, shared: Sequence[Message], asked: Sequence[Message], schema: Mapping[str, Any], max_tokens: int = 0
    ) -> Request:
        """A request as the schema wants this task asked; `max_tokens`: fewer than it says, 0 for as many."""
        role = self._asked
        return Request(
            task=self.task,
            shared=tuple(shared),
            asked=tuple(asked),
            schema=schema,
            max_tokens=min(max_tokens or role.max_tokens, role.max_tokens),
            temperature=role.temperature,
            seed=role.seed,
            thinking=role.thinking in (True, "on"),
            timeout=role.timeout,
        )

    def ask(
        self, request: Request, check: Callable[[Any], str | None], *, evidence: str = "", language: str = ""
    ) -> Any | Refused:
        """The answer, as the value that its JSON says, or why there is none that can be used.

        Raises Failure if the model cannot be asked: not there, or silent for longer than `request.timeout`.
        """
        return self._answer(Question(request, check, evidence, language))

    def ask_all(self, questions: Iterable[Question]) -> Iterator[Any | Refused]:
        """The answers in the order of the questions, so many asked at once as the schema lets a server have.

        Raises Failure as `ask` does, after the answers that came before.
        """
        if self.parallel == 1:
            yield from map(self._answer, questions)
            return
        from concurrent.futures import Future, ThreadPoolExecutor

        _ = self._answering  # once, and not in each thread

        pool = ThreadPoolExecutor(self.parallel)
        waiting: collections.deque[Future[Any]] = collections.deque()
        whole = False
        try:
            for question in questions:
                waiting.append(pool.submit(self._answer, question))
                if len(waiting) >= 2 * self.parallel:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
            whole = True
        finally:
            if not whole:  # what is being asked is asked in vain, and nobody should wait for it
                self._model.close()
            pool.shutdown(wait=True, cancel_futures=True)

    def usage(self, source: str, stage: str) -> Usage:
        """What was spent since this was asked last."""
        with self._lock:
            calls, self._spent = self._spent, []
        made = [call for call in calls if not call.cached]
        return Usage(
            source=source,
            stage=stage,
            engine="llm",
            model=self.name,
            calls=len(made),
            cached=len(calls) - len(made),
            prompt_tokens=sum(call.prompt_tokens for call in made),
            completion_tokens=sum(call.completion_tokens for call in made),
            seconds=round(sum(call.seconds for call in made), 3),
        )

    def close(self) -> None:
        """Let go of the model, and say what it was asked."""
        self._model.close()
        self.pace.end()

    def _answer(self, question: Question) -> Any | Refused:
        kept = None if self._fresh else self._replies.get(key(self._answering, question.request))
        if kept is not None:
            reply = Reply(text=kept["text"], finish="stop")
            reason = self._refusal(reply, question)
            if reason is None or (isinstance(reason, gate.Doubt) and kept.get("meant")):
                self._note(Call(**self._head(), cached=True, finish="stop"))
                self.pace.step(cached=True)
                return _value(reply)
        return self._asked_anew(question)

    def _asked_anew(self, question: Question) -> Any | Refused:
        request = question.request
        large = self._too_large(request)
        if large:
            return Refused(reason=large)
        first, reason = self._call(question, request, 1)
        if reason is None:
            return self._kept(request, first)
        again = _again(request, reason)
        if first.finish == "context" or self._too_large(again):
            return Refused(reason=reason)
        second, still = self._call(question, again, 2)
        if still is None:
            return self._kept(request, second)
        if isinstance(reason, gate.Doubt) and isinstance(still, gate.Doubt) and _value(first) == _value(second):
            return self._kept(request, second, meant=True)
        return Refused(reason=still)

    def _too_large(self, request: Request) -> str | None:
        """Why a request cannot be sent: what does not fit is cut by some servers without a word."""
        context = self._model.context
        needed = self._model.count((*request.shared, *request.asked)) + request.max_tokens
        if context is None or needed <= context:
            return None
        return f"prompt and reply may need {needed} tokens, and the model has {context}"

    def _call(self, question: Question, request: Request, attempt: int) -> tuple[Reply, str | None]:
        self.pace.asking(self._model.count((*request.shared, *request.asked)), request.timeout)
        begun = time.monotonic()
        reply = self._model.ask(request)
        seconds = time.monotonic() - begun
        self._meet()
        reason = self._refusal(reply, question)
        self.pace.step(reply)
        self._note(
            Call(
                **self._head(),
                finish=reply.finish,
                refused=reason or "",
                attempt=attempt,
                retries=reply.retries,
                prompt_tokens=reply.prompt_tokens,
                reused_tokens=reply.reused_tokens,
                completion_tokens=reply.completion_tokens,
                max_tokens=request.max_tokens,
                context=reply.details.get("context") or self._model.context or 0,
                prefill_seconds=round(reply.prefill_seconds, 4),
                decode_seconds=round(reply.decode_seconds, 4),
                seconds=round(seconds, 4),
            )
        )
        return reply, reason

    def _meet(self) -> None:
        """Of a server that has answered and did not before, ask once more what it has: it may be another model now."""
        with self._lock:
            if self._served is None:
                self._served = self._model.served or ""
                self.__dict__.pop("_answering", None)
                _ = self._answering  # and what is noted of the call is of that

    def _refusal(self, reply: Reply, question: Question) -> str | None:
        reason = gate.refusal(reply, question.request, question.evidence, question.language)
        return question.check(_value(reply)) if reason is None else reason

    def _kept(self, request: Request, reply: Reply, *, meant: bool = False) -> Any:
        self._replies.put(key(self._answering, request), gate.said(reply), model=self.name, meant=meant)
        return _value(reply)

    def _head(self) -> dict[str, Any]:
        now = datetime.datetime.now(datetime.UTC)
        return {
            "time": now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "stage": os.path.basename(sys.argv[0]),
            "role": self.task,
            "model": self.name,
            "served": self._known,
        }

    def _note(self, call: Call) -> None:
        self._meter.note(call)
        with self._lock:
            self._spent.append(call)


def _again(request: Request, reason: str) -> Request:
    """The same question with the reason why the answer was not taken.

    The reason ends the last message: two messages of one side in a row are an error for the templates of some models.
    """
    told = f"Your last answer was not taken: {' '.join(reason.split())[:_REASON]}. Answer again."
    if isinstance(reason, gate.Doubt):
        told += " If it was right, give the same answer."
    if request.asked and request.asked[-1].role == "user":
        last = request.asked[-1]
        return replace(request, asked=(*request.asked[:-1], Message("user", f"{last.text}\n\n{told}")))
    return replace(request, asked=(*request.asked, Message("user", told)))


def _value(reply: Reply) -> Any:
    return orjson.loads(gate.said(reply))
