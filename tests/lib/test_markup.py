"""Escaping: the words stay, nothing in them lives."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pace import assert_linear
from words import one_line, pieces, sentences, shown

from quern.pages import markup


@given(sentences)
@example("\\")
@example("\\*\\\\_")
def test_unescape_is_the_inverse_of_escape(text):
    text = one_line(text)
    assert markup.unescape(markup.escape(text)) == text
    assert markup.unescape(markup.escape_quote(text)) == text


@given(sentences)
@example("--")
@example("[foo]: http://a.b")
@example("2. two")
@example("\x00")
@example("foo\\")
def test_a_reader_sees_the_text_and_nothing_is_live(text):
    text = one_line(text).strip()
    escaped, seen = markup.escape(text), text.replace("\x00", "\ufffd")
    for before, after in (("- ", "\n"), ("- ", "[^77b0e4aa12c9]\n"), ("", "\n"), ("Before. ", " After.\n")):
        words, live = shown(f"{before}{escaped}{after}")
        assert live == []
        assert words == f"{before.removeprefix('- ')}{seen}{after}".strip()
    assert shown(f"| {markup.escape_cell(escaped)} | x |\n|---|---|\n") == (seen + "x", [])


@given(sentences, sentences)
def test_two_sentences_in_one_paragraph_do_not_wake_each_other(first, second):
    texts = [one_line(text).strip() for text in (first, second)]
    words, live = shown(" ".join(markup.escape(text) for text in texts))
    assert (words, live) == (" ".join(texts).strip().replace("\x00", "\ufffd"), [])


@given(sentences, st.text(max_size=5))
def test_a_quote_ends_where_it_ends(text, after):
    text = one_line(text)
    quoted = re.match(r'"((?:[^"\\]|\\.)*)"', f'"{markup.escape_quote(text)}"{after}', re.DOTALL)
    assert markup.unescape(quoted[1]) == text


@pytest.mark.parametrize(
    "text",
    [
        "[La Rance] opened in 1966 with 240 MW (50 %).",
        "In 1966, snake_case and C# cost $5 to $10; a < b > c & d, 2 * 3 = 6, a == b.",
        'Rule #1: don’t (really) – it’s ~50 % “quoted” and "quoted"; see https://example.org/a_b?c=d&e=f#part.',
        "C:\\Users\\name, Ω ≈ 3.5 µm, 中文（注）, [1] and [sic].",
        "La Rance (1966) | Barrage: 240 MW!? Yes.",
    ],
)
def test_plain_sentences_stay_as_they_are(text):
    assert markup.escape(text) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("[[Page|words]] and ![[image.png]]", r"\[\[Page|words]] and !\[\[image.png]]"),
        ("see #tag and (#tag/sub)", r"see \#tag and (\#tag/sub)"),
        ("a line ^block-1", r"a line \^block-1"),
        ("%%comment%%", r"%\%comment%\%"),
        ("==bright==", r"=\=bright=\="),
        ("$x^2$ costs US$5", r"$x^2\$ costs US\$5"),
        ("rating:: 5, [due:: today]", r"rating:\: 5, [due:\: today]"),
        ("`= this.x` and `$= dv.x`", r"\`= this.x\` and \`\$= dv.x\`"),
        ("<% tp.file.title %> {{date}}", r"<\% tp.file.title %\> {\{date}}"),
        ("[^1] and ^[inline]", r"\[^1] and ^\[inline]"),
        ("[ ] a task", r"\[ ] a task"),
        ("[x] done", r"\[x] done"),
        ("<img src=http://a.b/c.png>", r"\<img src=http://a.b/c.png>"),
        ("![](http://a.b/c.png)", r"!\[\](http://a.b/c.png)"),
        ("&lt;b&gt;", r"\&lt;b\&gt;"),
        ("Wow!", r"Wow\!"),
        ("C #", r"C \#"),
        ("> [!note] x", r"\> [!note] x"),
    ],
)
def test_live_syntax_of_obsidian_and_its_plugins_is_broken(text, written):
    assert markup.escape(text) == written


def test_line_breaks_become_blanks():
    assert markup.escape("one \r\n\r\n two\n- three") == "one two - three"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a `b` c ``d ` e``", ["`b`", "``d ` e``"]),
        ("a ` b", []),
        ("a \\`b` c", []),
        ("```py\nx `y`\n```\nz", ["```py\nx `y`\n```"]),
        ("> ```\n> x\n> ```\nz", ["```\n> x\n> ```"]),
        ("~~~\nx\n```\n~~~~\nz", ["~~~\nx\n```\n~~~~"]),
        ("```\nnever closed\n\nat all", ["```\nnever closed\n\nat all"]),
        ("<!-- a\n\nb --> c <!-- d", ["<!-- a\n\nb -->"]),
        ("%%a\nb%% c %% d", ["%%a\nb%%"]),
        ("$x$ costs $5 and $10", ["$x$"]),
        ("$$\nx\n$$ y", ["$$\nx\n$$"]),
        ("a `b\n\nc` d", []),
    ],
)
def test_what_is_no_prose_is_found(text, parts):
    assert [text[start:end] for start, end in markup.hidden(text)] == parts


@given(st.lists(pieces | st.sampled_from(["\n", "\n\n", "\n    ", "\n\t", "\r\n\t"]), max_size=30).map("".join))
def test_blanking_moves_nothing(text):
    blanked = markup.blanked(text)
    assert len(blanked) == len(text)
    assert all(new in (old, " ") for old, new in zip(text, blanked, strict=True))
    assert re.findall(r"[\r\n]", blanked) == re.findall(r"[\r\n]", text)


def test_indented_code_is_blanked_but_not_what_belongs_to_a_list():
    assert markup.blanked("a\n\n    code\n\nb").split() == ["a", "b"]
    assert markup.blanked("- a\n\n    text\n").split() == ["-", "a", "text"]
    assert markup.blanked("a\n    text\n").split() == ["a", "text"]


@pytest.mark.parametrize("piece", ["`", "`` ` ", "$", "$$ ", "%% ", "<!-- ", "*(", "[[", "\\", "# ", "_a", "^a "])
def test_a_long_line_is_escaped_and_blanked_in_linear_time(piece):
    text = piece * 20_000
    assert markup.unescape(markup.escape(text)) == text
    assert len(markup.blanked(text)) == len(text)
    assert_linear(lambda line: markup.unescape(markup.escape(line)), piece, 20_000)
    assert_linear(markup.blanked, piece, 20_000)
