"""Markdown without what nobody searches for."""

from __future__ import annotations

import re

_NOTE = re.compile(
    r"\[\^[^\]\s\[]+\]:?|\(\[\[#\^[^()\n]*\]\]\)|(?<!\S)\^[0-9A-Za-z-]+[ \t\r]*$|<!--.*?-->", re.MULTILINE
)
_TARGET = re.compile(r"!?\[\[(?:[^\[\]|\n]*\\?\|)?|\]\]|(?<=\])\([^()\s]*\)|\\(?=[!-/:-@\[-`{-~])")


def plain(markdown: str) -> str:
    """The words of Markdown as they are searched: links as their words, without footnotes and block ids."""
    return _TARGET.sub("", _NOTE.sub("", markdown))
