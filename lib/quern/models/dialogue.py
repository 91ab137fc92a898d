"""Messages as one prompt, by the chat template of a model."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from quern.models import Message

# What stands around a thought, and how a model begins a reply without one. A template knows one of these, or none.
THOUGHTS = {
    "<think>": ("<think>", "</think>"),
    "<|channel|>": ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
}
# The template of a file that brings none: what llama.cpp takes, too.
CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
# A character that no text has by itself, and beginnings of texts that tokenizers treat differently.
_MARK = "\ue0f0"
_BEGINNINGS = ("x", "1", "[")

Turns = list[dict[str, str]]


class Dialogue:
    """A chat template. `render` makes a prompt of turns (role, content), thinking or not; it raises ValueError for
    turns that the template does not allow. `special`: the words that mean something to the model besides text.
    """

    def __init__(self, render: Callable[[Turns, bool], str], template: str, special: Iterable[str]) -> None:
        self._render = render
        self._template = template
        words = sorted(special, key=lambda word: (-len(word), word))
        self._special = re.compile("|".join(map(re.escape, words)) if words else r"(?!)")
        self._has_system = self._takes_system()

    def thoughts(self, thinking: bool) -> tuple[str, str] | None:
        """The marks around a thought, if there is to be one and the template knows of any."""
        if not thinking:
            return None
        return next((marks for known, marks in THOUGHTS.items() if known in self._template), None)

    def prompt(self, messages: Sequence[Message], thinking: bool) -> str:
        """The prompt for the next reply. What is special to the model has no meaning in the text of a message."""
        turns = self._turns([message._replace(text=self._harmless(message.text)) for message in messages])
        prompt = self._render(turns, thinking)
        if thinking:
            return prompt
        # A template that cannot be told not to think is told so by a thought that has ended.
        if prompt.rstrip().endswith("<think>"):
            return prompt.rstrip() + "\n\n</think>\n\n"
        if "<|channel|>" in self._template and prompt.endswith("assistant"):
            return prompt + "<|channel|>final<|message|>"
        return prompt

    def beginnings(self, shared: Sequence[Message], asked: Sequence[Message], thinking: bool) -> list[str]:
        """Prompts that begin as all prompts with these shared messages do, and then each with another letter."""
        found = []
        for beginning in _BEGINNINGS:
            asking = [Message(message.role, beginning + _MARK) for message in asked]
            found.append(self.prompt([*shared, *asking], thinking).partition(_MARK)[0])
        return found

    def _turns(self, messages: Sequence[Message]) -> Turns:
        """System first, then user and assistant in turn: what one side says in several messages is one turn."""
        system = [message.text for message in messages if message.role == "system"]
        turns: Turns = [{"role": "system", "content": "\n\n".join(system)}] if system else []
        for message in messages:
            if message.role == "system":
                continue
            if turns and turns[-1]["role"] == message.role:
                turns[-1]["content"] += "\n\n" + message.text
            else:
                turns.append({"role": message.role, "content": message.text})
        return turns if self._has_system else folded(turns)

    def _harmless(self, text: str) -> str:
        # A zero-width space behind its first character: to a reader the same, to the tokenizer plain text.
        return self._special.sub(lambda found: found[0][0] + "\u200b" + found[0][1:], text)

    def _takes_system(self) -> bool:
        turns = [{"role": "system", "content": _MARK}, {"role": "user", "content": "x"}]
        try:
            return _MARK in self._render(turns, False)  # noqa: FBT003 - not thinking
        except ValueError:
            return False


def folded(turns: Turns) -> Turns:
    """The turns without a system role: what it said begins the first turn of the user."""
    if not turns or turns[0]["role"] != "system":
        return turns
    system, rest = turns[0]["content"], turns[1:]
    if rest and rest[0]["role"] == "user":
        return [{"role": "user", "content": f"{system}\n\n{rest[0]['content']}"}, *rest[1:]]
    return [{"role": "user", "content": system}, *rest]
