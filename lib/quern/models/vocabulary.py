"""Text as the tokens of a model, and back."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from typing import Any

# A vocabulary also has plain words that are one token whole, like `<b>`; these are not plain.
_TELLING = ("|", "think")
# Of calls: nothing is added before or after a text; and special tokens stand by their names.
_AS_IT_IS, _SPECIAL = False, True

# What llama.cpp takes for one character: it looks at the first byte alone, and does not mind one that is none.
_CHARACTER = re.compile(rb"[\xC0-\xDF][\x80-\xBF]|[\xE0-\xEF][\x80-\xBF]{2}|[\xF0-\xFF][\x80-\xBF]{3}")
_UNKNOWN = "\ufffd"


def text(data: bytes) -> str:
    """The text of the bytes of tokens; what is none is the same number of characters as for a grammar."""
    return _CHARACTER.sub(_readable, data).decode(errors="replace")


def _readable(found: re.Match[bytes]) -> bytes:
    try:
        found[0].decode()
    except UnicodeDecodeError:
        return _UNKNOWN.encode()
    return found[0]


class Vocabulary:
    """The tokens of a model that llama.cpp has read, with or without its weights."""

    def __init__(self, lib: Any, model: Any) -> None:
        self._lib = lib
        self.pointer = lib.llama_model_get_vocab(model)
        self._begin = lib.llama_vocab_bos(self.pointer)
        self._begins = bool(lib.llama_vocab_get_add_bos(self.pointer))

    @property
    def ends(self) -> tuple[str, str]:
        """The words that a text begins and ends with, "" for none."""
        return self._word(self._begin), self._word(self._lib.llama_vocab_eos(self.pointer))

    def tokens(self, text: str) -> list[int]:
        """The tokens of a prompt, special ones where it names them, and where the model wants it the one to begin."""
        data = text.encode()
        room = (ctypes.c_int32 * (len(data) + 8))()
        count = self._lib.llama_tokenize(self.pointer, data, len(data), room, len(room), _AS_IT_IS, _SPECIAL)
        tokens = list(room[:count])
        return [self._begin, *tokens] if self._begins and tokens[:1] != [self._begin] else tokens

    def piece(self, token: int) -> bytes:
        """The bytes of a token; of a special one, its name."""
        room = ctypes.create_string_buffer(64)
        size = self._lib.llama_token_to_piece(self.pointer, token, room, len(room), 0, _SPECIAL)
        if size < 0:
            room = ctypes.create_string_buffer(-size)
            size = self._lib.llama_token_to_piece(self.pointer, token, room, len(room), 0, _SPECIAL)
        return room.raw[:size]

    def special(self) -> Iterator[tuple[int, str]]:
        """The tokens that mean something to the model besides text, each with its word."""
        lib = self._lib
        control = lib.LLAMA_TOKEN_ATTR_CONTROL | lib.LLAMA_TOKEN_ATTR_UNKNOWN
        for token in range(lib.llama_vocab_n_tokens(self.pointer)):
            kind = lib.llama_vocab_get_attr(self.pointer, token)
            if kind & (control | lib.LLAMA_TOKEN_ATTR_USER_DEFINED):
                word = self._word(token)
                if len(word) > 1 and (kind & control or any(sign in word for sign in _TELLING)):
                    yield token, word

    def _word(self, token: int) -> str:
        return "" if token < 0 else self._lib.llama_vocab_get_text(self.pointer, token).decode()
