"""The gate: which replies are refused, and why. What it refuses reaches no page.

It judges the form of a reply: whether it is whole, is what was asked for, and is an answer at all. Whether a claim is
borne out by its evidence is for the engine to check.
"""

from __future__ import annotations

import functools
import re
from typing import Any

import orjson

from quern import languages
from quern.models import Reply, Request, shapes


class Doubt(str):
    """A reason to ask once more. The same answer given again is accepted: the model means it."""

    __slots__ = ()


# What reasoning models put around their thoughts: Qwen, DeepSeek and others; Mistral; Seed; Gemma and relatives.
_PAIRS = (
    ("<think>", "</think>"), ("<thinking>", "</thinking>"), ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"), ("[THINK]", "[/THINK]"), ("<seed:think>", "</seed:think>"),
    ("<|START_THINKING|>", "<|END_THINKING|>"), ("<|channel>thought", "<channel|>"),
)  # fmt: skip
# OpenAI's harmony: channels before the one that is final.
_CHANNEL = r"(?:<\|start\|>assistant)?<\|channel\|>(?:analysis|commentary)[^<]*<\|message\|>.*?<\|end\|>"
# Thoughts stand apart if the answer begins after them; between its parts they are in it.
_THOUGHTS = re.compile(
    rf"\A(?:\s*(?:{'|'.join(f'{re.escape(a)}.*?{re.escape(b)}' for a, b in _PAIRS)}|{_CHANNEL}))+",
    re.DOTALL | re.IGNORECASE,
)
_FINAL = re.compile(
    r"\A(?:<\|start\|>assistant)?<\|channel\|>final[^<]*<\|message\|>(.*?)(?:<\|(?:return|end)\|>)?\Z", re.DOTALL
)
_MARK = re.compile(
    r"</?(?:think|thinking|thought|reasoning|seed:think)>|\[/?THINK\]|<\|[a-zA-Z_]{2,24}\|>|<\|channel>|<channel\|>",
    re.IGNORECASE,
)
_FENCED = re.compile(r"\A```(?:json)?[ \t]*\n(.*)\n[ \t]*```\Z", re.DOTALL)

# A text that is only this says nothing.
_EMPTY = re.compile(
    r"\W*(?:\.{2,}|…|string|text|todo|tbd|n/?a|none|null|undefined|unknown|placeholder|lorem ipsum|example|claim"
    r"|(?:your|the) (?:claim|text|answer|sentence|summary|title)(?: (?:goes )?here)?"
    r"|(?:claim|sentence|name|title|text|answer|summary|entity|concept) ?(?:text|[0-9a-z]|name|here)?)?\W*",
    re.IGNORECASE,
)
# Such a stretch is a gap to be filled, wherever it stands.
_GAP = re.compile(
    r"\{\{[^{}\n]*\}\}|<(?:insert|your|name|text|claim|title|sentence|summary|answer|placeholder)\b[^<>\n]{0,40}>"
    r"|\[(?:insert|your|placeholder|todo|tbd)\b[^\[\]\n]{0,60}\]|\blorem ipsum\b|\bas an ai (?:language )?model\b",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ENDS = re.compile(r"[.!?…。！？।؟:;)\]\"'»”’]\Z")
ECHO = 9  # words in a row that only the instructions have
_LONG = 40  # characters: a shorter bound is that of a date or a code, which may be as long as it may be
_PROSE = 7  # words from which on a text has a language


def said(reply: Reply) -> str:
    """What a reply says: thoughts that stand apart, and a fence around the whole, are taken off."""
    text = _THOUGHTS.sub("", reply.text).strip()
    final = _FINAL.match(text)
    if final:
        text = final[1].strip()
    fenced = _FENCED.match(text)
    return fenced[1].strip() if fenced else text


def refusal(reply: Reply, request: Request, evidence: str = "", language: str = "") -> str | None:
    """Why a reply is not taken, in one line; None if it is.

    `evidence`: what its text rests on; `language`: what that is written in, "" if it is not to be checked.
    """
    if reply.finish != "stop":
        return _unfinished(reply.finish)
    text = said(reply)
    if not text:
        return "the reply is empty" + (" after much thought" if reply.reasoning else "")
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if mark := _MARK.search(text):
            return f"thoughts are mixed with the answer ({mark[0]})"
        return f"the reply is not JSON: {error}"
    return misfit(value, request, evidence, language)


def misfit(value: Any, request: Request, evidence: str = "", language: str = "") -> str | None:
    """Why the value that a reply gives is not taken."""
    wrong = shapes.misfit(value, request.schema)
    if wrong:
        return f"the reply does not fit: {wrong}"
    given = "\n".join((evidence, *(message.text for message in request.asked)))
    found = list(shapes.strings(value, request.schema))
    for text, schema in found:
        wrong = _of_text(text, schema, given)
        if wrong:
            return wrong
    texts = [text for text, _ in found]
    return _echo(texts, request, given) or (_foreign(texts, evidence, language) if language else None)


def _unfinished(finish: str | None) -> str:
    if finish == "length":
        return "the reply was cut off at its greatest length"
    if finish == "context":
        return "the prompt is longer than the model's context"
    return f"the reply did not end properly ({finish or 'no reason given'})"


def _of_text(text: str, schema: shapes.Schema, given: str) -> str | None:
    if (mark := _MARK.search(text)) and mark[0] not in given:
        return f"thoughts are mixed with the answer ({mark[0]})"
    if control := _CONTROL.search(text):
        return f"a control character (U+{ord(control[0]):04X}) stands in {_short(text)}"
    is_needed = "null" not in schema.get("type", ())
    if text and is_needed and _EMPTY.fullmatch(text) and text.strip() not in given:
        return f"a placeholder stands for a text: {_short(text)}"
    if (gap := _GAP.search(text)) and gap[0].casefold() not in given.casefold():
        return f"a placeholder stands in a text: {_short(gap[0])}"
    # Under a grammar a string ends at its greatest length, be it in the middle of a word.
    if len(text) == schema.get("maxLength", 0) >= _LONG and not _ENDS.search(text) and text not in given:
        return f"a text was cut off at {len(text)} characters: {_short(text)}"
    return None


def _echo(texts: list[str], request: Request, given: str) -> str | None:
    """Whether a text repeats the instructions: a run of words that these have, and what was asked about has not."""
    told = _told(tuple(message.text for message in request.shared))
    for text in texts:
        if (said := _runs(text) & told) and not said <= _runs(given):
            return f"the instructions are repeated: {_short(text)}"
    return None


@functools.lru_cache(maxsize=4)
def _told(texts: tuple[str, ...]) -> set[tuple[str, ...]]:
    return _runs("\n".join(texts))


def _runs(text: str) -> set[tuple[str, ...]]:
    words = [word.casefold() for word in languages.words(text)]
    return {tuple(words[at : at + ECHO]) for at in range(len(words) - ECHO + 1)}


def _foreign(texts: list[str], evidence: str, language: str) -> str | None:
    """Whether a text is in a language that its evidence is not in; a quoted line of another language is evidence."""
    there = {word.casefold() for word in languages.words(evidence)}
    for text in texts:
        if languages.count_words(text) < _PROSE:
            continue
        found = languages.detect(text, language)
        if found == language or _is_made_of(text, there):
            continue
        if all(languages.detect(line, language) != found for line in evidence.splitlines()):
            return f"a text is in another language ({found}, not {language}): {_short(text)}"
    return None


def _is_made_of(text: str, there: set[str]) -> bool:
    """Whether most words of a text that are no names are its evidence's: then it is in the same language, if a rare one
    or one that is much like another.
    """
    words = [word for word in languages.words(text) if word.islower()]
    return 2 * sum(word in there for word in words) > len(words)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return repr(text if len(text) <= 60 else text[:60] + "…")
