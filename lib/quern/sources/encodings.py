"""Bytes into text: UTF-8, UTF-16 with its mark, and what else can be told from the bytes."""

from __future__ import annotations

import codecs
import re

from quern.program import Failure

# Of these characters a text that was decoded rightly has hardly any.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MOST_CONTROL = 0.001
_SAMPLE = 1 << 18  # bytes shown to the detector: more take longer and tell no more


def decode(data: bytes, path: str) -> tuple[str, str]:
    """The text and the name of its encoding, such that `data.decode(encoding)` is that text.

    A UTF-8 byte order mark stays in the text as its first character; UTF-16's is no character, and goes.
    Raises Failure if the bytes are no text.
    """
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        encoding = "utf-32"
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif b"\0" in data:
        raise Failure("binary, not text (a NUL byte)", path, data.count(b"\n", 0, data.index(b"\0")) + 1)
    else:
        encoding = "utf-8"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise Failure(f"broken {encoding.upper()}: {error.reason} at byte {error.start}", path) from None
        return _guess(data, path, error.start)
    if "\0" in text:
        raise Failure("binary, not text (a NUL character)", path, text.count("\n", 0, text.index("\0")) + 1)
    return text, encoding


def _guess(data: bytes, path: str, bad: int) -> tuple[str, str]:
    from charset_normalizer import from_bytes

    # The sample must hold what is not UTF-8, or the detector cannot see it.
    start = max(0, min(bad - _SAMPLE // 2, len(data) - _SAMPLE))
    found = from_bytes(data[start : start + _SAMPLE]).best()
    if found is not None:
        try:
            text = data.decode(found.encoding)
        except UnicodeDecodeError:
            text = ""
        if text and "\0" not in text and len(_CONTROL.findall(text)) <= _MOST_CONTROL * len(text):
            return text, found.encoding
    line = data.count(b"\n", 0, bad) + 1
    raise Failure("not UTF-8, and no other encoding can be told: save it as UTF-8", path, line)
