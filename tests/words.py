"""Words as sources have them, at their worst, and what a reader of Markdown sees of them."""

from __future__ import annotations

import re

from hypothesis import strategies as st
from markdown_it import MarkdownIt

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
QUIET = {
    f"{name}_{side}"
    for name in ("paragraph", "bullet_list", "list_item", "table", "thead", "tbody", "tr", "th", "td")
    for side in ("open", "close")
}

# fmt: off
pieces = st.sampled_from(
    ["word", "a", "1", " ", "  ", "\t", "\\", "é", "中", "\u0301", "“", ".", ":", "(", ")", "]", "|", '"', "'", "x^2",
     "*", "**", "_", "__", "`", "``", "[", "![", "[[", "](", "]]", "]:", "[^1]", "^[", "<", "<b>", "</",
     "<!--", "-->",
     "<%", "%>", "%%", "==", "~~", "~~~", "$", "$$", "&amp;", "&#35;", "#", "# ", "#tag", "- ", "+ ", "---",
     "1. ", "> ",
     "{{", "::", "key:: v", "^abc", "[ ] ", "[x] ", "http://a.b/c_d", "snake_case", "C#", "\x00", "\U0001f600", "!"]
)
# fmt: on
sentences = st.lists(pieces, max_size=12).map("".join) | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def one_line(text):
    return " ".join(re.split(r"[\r\n]+", text))


def shown(markdown):
    """What a reader sees of Markdown, and which of it is more than words."""
    words, live = [], []

    def walk(tokens):
        for token in tokens:
            if token.type == "inline":
                walk(token.children)
            elif token.type == "text":
                words.append(token.content)
            elif token.type not in QUIET:
                live.append(token.type)

    walk(MARKDOWN.parse(markdown))
    return "".join(words), live
