"""Questions as a model sees them: the prompts beside this module, filled with what the schema says, and texts fenced.

A prompt has a part that all questions of a stage share (instructions, guidance, examples), which comes first so that it
is evaluated once, and then the one text that is asked about. Nothing of the wiki stands in it, however large that is.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Sequence
from importlib.resources import files
from string import Template
from typing import Literal, NamedTuple

from quern.models import Message, Task
from quern.program import Failure
from quern.records import Passage, Sentence, Source
from quern.schema import MEANINGS, Guidance, Schema

_PART = re.compile(r"^=== (system|user|assistant)\n", re.MULTILINE)

# What could end the fence, or begin a turn: the marks of chat templates, of thoughts, and our own.
_MARKS = re.compile(
    r"<(?=/?\s*(?:passage|claims|think|thinking|thought|reasoning|s|start_of_turn|end_of_turn|bos|eos|tool_call)\b"
    r"|\||<SYS|</SYS)|\[(?=/?(?:INST|THINK|SYSTEM_PROMPT)\])",
    re.IGNORECASE,
)
# A number in brackets is how we call a sentence.
_NUMBER = re.compile(r"\[(\d{1,4})\]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Prompt(NamedTuple):
    """The part of a prompt that all questions share. `name`: the task and the version of its text, for the records."""

    name: str
    shared: tuple[Message, ...]


def prompt(task: Task | Literal["survey"], schema: Schema) -> Prompt:
    """The prompt of a task (a judge has two), with the guidance of the schema and its types of pages.

    Raises Failure if the guidance is for a type that the schema has not.
    """
    name, parts = _read(task)
    filled = {"types": _types(schema), "guidance": _guidance(schema)}
    (_, system), *examples = parts
    told = f"{name}\n{Template(system).substitute(filled).strip()}"
    return Prompt(name.removeprefix("quern "), (Message("system", told), *(Message(*part) for part in examples)))


@functools.cache
def _read(task: str) -> tuple[str, list[tuple[Literal["system", "user", "assistant"], str]]]:
    text = (files("quern.engines.llm") / "prompts" / f"{task}.txt").read_text(encoding="utf-8")
    name, *rest = _PART.split(text)
    roles: dict[str, Literal["system", "user", "assistant"]] = {
        "system": "system",
        "user": "user",
        "assistant": "assistant",
    }
    return name.strip(), [(roles[role], words.strip()) for role, words in zip(rest[::2], rest[1::2], strict=True)]


def _types(schema: Schema) -> str:
    told = schema.guidance.types if isinstance(schema.guidance, Guidance) else {}
    return "\n".join(_of_type(type_, told.get(type_, "")) for type_ in schema.pages.types)


def _of_type(type_: str, told: str) -> str:
    words = " ".join(told.split())
    meaning = MEANINGS.get(type_, "" if words else f"a {type_}")
    return f"  {type_}: " + ". ".join(part for part in (meaning, words) if part)


def _guidance(schema: Schema) -> str:
    told = schema.guidance
    if isinstance(told, Guidance):
        for type_ in told.types:
            if type_ not in schema.pages.types:
                raise Failure(f"guidance: types: {type_!r} is none of pages: types", "schema.yaml")
    general = (told.general if isinstance(told, Guidance) else told).strip()
    return f"\nHow this wiki is kept:\n{general}" if general else ""


def passage(
    source: Source, of: Passage, sentences: Sequence[Sentence], language: str, wanted: Sequence[str] = ()
) -> Message:
    """The question about some sentences of a passage. `wanted`: what an earlier answer has not said."""
    head = [f"Source: {line(source.title)}"]
    head += [f"Published: {source.published}"] if source.published else []
    head += [f"Under: {line(' > '.join(of.headings))}"] if of.headings else []
    head += [f"Language: {language}"]
    head += [f"Asked for: {line(source.focus)}"] if source.focus.strip() else []
    head += [f"Not said yet: {line('; '.join(wanted))}"] if wanted else []
    body = (f"[{sentence.n}] {line(sentence.plain)}" for sentence in sentences)
    return Message("user", "\n".join([*head, *fenced("passage", body)]))


def claims(head: Iterable[str], texts: Iterable[str]) -> Message:
    """The question about some claims, which are numbered from 1."""
    body = (f"[{number}] {line(text)}" for number, text in enumerate(texts, 1))
    return Message("user", "\n".join([*(_CONTROL.sub(" ", part) for part in head), *fenced("claims", body)]))


def fenced(mark: str, lines: Iterable[str]) -> list[str]:
    """The lines between the two marks of a fence."""
    return [f"<{mark}>", *lines, f"</{mark}>"]


class Shown:
    """Prints the messages of questions as they go out, the part that they share once."""

    def __init__(self, put: Callable[[str], None]) -> None:
        self._put = put
        self._before: tuple[Message, ...] = ()

    def __call__(self, messages: Sequence[Message]) -> None:
        known = [one == other for one, other in zip(messages, self._before, strict=False)]
        same = known.index(False) if False in known else len(known)
        for role, text in messages[same if same < len(messages) else 0 :]:
            self._put(f"=== {role}\n{text}\n")
        self._before = tuple(messages)


def line(text: str) -> str:
    """A text of a source on one line, with nothing in it that could end its fence, begin a turn or number a sentence.

    Only a model sees it so: what is stored, quoted and checked is the text as it is.
    """
    text = " ".join(_CONTROL.sub(" ", text).split())
    return _NUMBER.sub(r"(\1)", _MARKS.sub(lambda match: f"{match[0]} ", text))
