"""Sources: bytes into text, front matter into what is known, and text into units."""

from __future__ import annotations

import codecs
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from quern import sources
from quern.program import Failure
from quern.sources import encodings, frontmatter, inline, markdown, plain, turns
from quern.sources.frontmatter import Meta
from quern.sources.inline import Line


def of(text: str, format_: Any = markdown) -> list[tuple[str, str]]:
    """Sort and words of each unit; every unit must stand where it says."""
    found = list(format_.units(text, 0))
    assert all(0 <= unit.start < unit.end <= len(text) for unit in found)
    return [(unit.sort, unit.plain.text.strip()) for unit in found]


def slices(text: str, format_: Any = markdown) -> list[str]:
    return [text[unit.start : unit.end] for unit in format_.units(text, 0)]


def words(text: str) -> str:
    """What a reader reads in one paragraph."""
    return inline.read(text, [Line(0, len(text))]).text


# Blocks of Markdown

BLOCKS = {
    "paragraph": ("One\ntwo.\n\nThree.", [("prose", "One two."), ("prose", "Three.")]),
    "headings": ("# A\n\nB\n===\n\n## C ##", [("heading", "A"), ("heading", "B"), ("heading", "C")]),
    "a line of bold": ("**Costs:**\n\nx", [("heading", "Costs:"), ("prose", "x")]),
    "bold sentence": ("**It costs 5.**", [("prose", "It costs 5.")]),
    "quote": ("> One\n> two.\n>\n> > Three", [("prose", "One two."), ("prose", "Three")]),
    "callout": ("> [!note] Mind the *gap*\n> It is wide.", [("heading", "Mind the gap"), ("prose", "It is wide.")]),
    "callout without title": ("> [!tip]\n> It is wide.", [("prose", "It is wide.")]),
    "list": ("- one\n- two\n  more\n\n  and\n    1. deep", [("item", x) for x in ("one", "two more", "and", "deep")]),
    "task": ("- [ ] call *EDF*\n- [x] done", [("item", "call EDF"), ("item", "done")]),
    "code": ("```py\na = 1\n\n  b\n```", [("code", "a = 1\n\n  b")]),
    "indented code": ("x\n\n    a = 1\n    b", [("prose", "x"), ("code", "a = 1\nb")]),
    "code in a list": ("- x\n\n  ```\n  a\n    b\n  ```", [("item", "x"), ("code", "a\n  b")]),
    "formula": ("$$\na = b\n\nc\n$$", [("code", "a = b\n\nc")]),
    "comment": (
        "a\n\n<!-- b\n\nc -->\n\n%%\nd\n\ne\n%%\n\nf <!-- g --> h %%i%% j",
        [("prose", "a"), ("prose", "f h j")],
    ),
    "footnote": ("A[^1].\n\n[^1]: B\n    c.\n\n    D", [("prose", "A."), ("prose", "B c."), ("prose", "D")]),
    "one-word footnote": ("[^1]: Word", [("prose", "Word")]),
    "reference": ("[a] b\n\n[a]: http://x.y", [("prose", "a b")]),
    "rule": ("a\n\n***\n\nb", [("prose", "a"), ("prose", "b")]),
    "html": ("<div>A <b>b</b><p>c</div>", [("prose", "A b\u2029c")]),
    "html table": ("<table><tr><td>A</td><td>1</td></tr></table>", [("prose", "A · 1")]),
    "script": ("<script>\nalert(1)\n</script>\n\nx", [("prose", "x")]),
    "table of contents": ("[TOC]\n\nx", [("prose", "x")]),
    "turns": ("Alice: Hello\nBob: Bye", [("prose", "Alice: Hello"), ("prose", "Bob: Bye")]),
    "a colon is no turn": ("Note: this\ngoes on.", [("prose", "Note: this goes on.")]),
    "speaker": ("Ann Lee: 00:00:20\n\nLive.", [("heading", "Ann Lee: 00:00:20"), ("prose", "Live.")]),
    "block id": ("A fact. ^abc-1", [("prose", "A fact.")]),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_blocks(name: str) -> None:
    text, expected = BLOCKS[name]
    assert of(text) == expected
    assert of(text.replace("\n", "\r\n")) == [(sort, words.replace("\r", "")) for sort, words in expected]


TABLE = "| Plant | Power | Note |\n|---|--:|---|\n| La Rance | 240 MW | `a\\|b` |\n| [[S\\|Sihwa]] | | x |\n"


def test_a_row_is_understood_without_its_table() -> None:
    expected = [("row", "Plant: La Rance · Power: 240 MW · Note: a|b"), ("row", "Plant: Sihwa · Note: x")]
    assert of(TABLE) == expected
    assert of("> " + TABLE.replace("\n", "\n> ")) == expected
    assert slices(TABLE)[0] == "La Rance | 240 MW | `a\\|b`"


def test_the_box_of_a_task_is_in_its_slice() -> None:
    assert slices("- [ ] call *EDF*\n") == ["[ ] call *EDF*"]


def test_headings_are_a_path() -> None:
    text = "# A\n\n## B\n\nb\n\n**C**\n\nc\n\n# D\n\n> # E\n\nd\n"
    paths = {unit.plain.text: unit.headings for unit in markdown.units(text, 0) if unit.sort == "prose"}
    assert paths == {"b": ("A", "B"), "c": ("A", "B", "C"), "d": ("D",)}


def test_lines_break_at_lf_crlf_and_cr_only() -> None:
    text = "# A\rb\u2028c\u0085d\x0be\r\n\r\nf"
    assert of(text) == [("heading", "A"), ("prose", "b c d e"), ("prose", "f")]


# Markdown inside a paragraph

INLINE = {
    "*a* **b** ***c*** _d_ __e__": "a b c d e",
    "snake_case_name 2 * 3 * 4": "snake_case_name 2 * 3 * 4",
    "`a * b` and `` `c` ``": "a * b and `c`",
    r"\*a\* \[b\] C:\dir": r"*a* [b] C:\dir",
    "&amp; &copy; &#233; &notit; AT&T": "& © é &notit; AT&T",
    "[a](http://x.y 'z') [b *c*](<d e>) [d] (e)": "a b c [d] (e)",
    "![alt](x.png) a ![[x.png]] b": " a b",
    "<http://x.y> http://a.b/c_d_e": "http://x.y http://a.b/c_d_e",
    "[[Page]] [[Page|words]] [[Page#Part]] [[#Part]]": "Page words Page > Part Part",
    "==a== ~~b~~ c": "a c",
    "a %%b%% c<!-- d -->": "a c",
    "a[^1] b^[note] c": "a b (note) c",
    "$a_1 * b_2$ for $5 or $6": "$a_1 * b_2$ for $5 or $6",
    "10<sup>6</sup> m<sup>2</sup> CO<sub>2</sub> a<sup>[1]</sup> 2<sup>nd</sup>": "10⁶ m² CO2 a 2nd",
    "a[1](#cite) b[\\[2\\]](#cite-2) see [3](#three)": "a b see 3",
    "a<br>b <span class='x'>c</span>": "a\nb c",
    "a \u00a0 b\tc\u200bd\u00ad": "a b cd",
    "**好。**他说": "好。他说",
    "a ` b * c [ d ]( e": "a ` b * c [ d ]( e",
}


@pytest.mark.parametrize("text", INLINE)
def test_a_reader_reads(text: str) -> None:
    assert words(text) == INLINE[text]


def test_soft_and_hard_ends_of_lines() -> None:
    assert of("a\nb  \nc\\\nd\n\n漢字\n漢字") == [("prose", "a b\nc\nd"), ("prose", "漢字漢字")]


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u2029]+", "", text)


def rendered(text: str) -> str:
    """The words that markdown-it shows; images left out, as here."""
    shown = []
    for token in MarkdownIt("commonmark").parse(text):
        shown += [token.content] if token.type in ("fence", "code_block") else []
        for child in token.children or []:
            shown += [child.content] if child.type in ("text", "code_inline", "text_special") else []
    return "".join(shown)


# Without what only Obsidian knows (footnotes, wikilinks, ==, ~~, %%, $) and without HTML blocks.
PIECES = st.sampled_from(
    ["a", "b", "word", " ", "  ", "\n", "\n\n", "*", "**", "_", "__", "`", "``", "[", "](x)", "]", "![", "(", ")", "\\",
     "&amp;", "&", "<http://x.y>", "# ", "- ", "> ", "1. ", "    ", "\t", "é", "漢", "👩‍👩‍👧",
      "e\u0301", ".", ",", "!", "---"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_reads_what_markdown_it_shows(text: str) -> None:
    if re.search(r"!?\[\[|\^\[|%%|==|~~|\$|[a-z]:\s|漢\W*[*_]|[*_]\W*漢|\[\s*[xX]?\s*\]|\[!|\^$", text):
        return  # where Obsidian, or Chinese, reads otherwise
    assert squeezed("".join(unit.plain.text for unit in markdown.units(text, 0))) == squeezed(rendered(text))


# Plain text


PLAIN = {
    "wrapped": (
        "The tide rises at La Rance and it falls again\nafter some hours. Then\nit rises.\n\nNext.",
        [
            ("prose", "The tide rises at La Rance and it falls again after some hours. Then it rises."),
            ("prose", "Next."),
        ],
    ),
    "short lines": ("Met Bob.\nTalked tides.\nand fish", [("prose", "Met Bob."), ("prose", "Talked tides. and fish")]),
    "title": (
        "Coast group\nFerry terminal\n\nx y.",
        [("heading", "Coast group"), ("prose", "Ferry terminal"), ("prose", "x y.")],
    ),
    "underlined": ("Costs\n-----\nThey rise.", [("heading", "Costs"), ("prose", "They rise.")]),
    "capitals": ("x.\n\nACTION ITEMS\n\ny.", [("prose", "x."), ("heading", "ACTION ITEMS"), ("prose", "y.")]),
    "list": (
        "x:\n- one\n  goes on\n* two\n3) three",
        [("prose", "x:"), ("item", "one goes on"), ("item", "two"), ("item", "three")],
    ),
    "turns": (
        "[00:12:31] Alice: We start with\nthe figures.\n[00:12:40] Bob: Fine.\n\nAnn Lee (1:02): Yes.",
        [
            ("prose", "[00:12:31] Alice: We start with the figures."),
            ("prose", "[00:12:40] Bob: Fine."),
            ("prose", "Ann Lee (1:02): Yes."),
        ],
    ),
    "quoted": ("a b.\n> c d\n> e\n>> f", [("prose", "a b."), ("prose", "c d e"), ("prose", "f")]),
    "tabs": ("Name\tMW\nRance\t240", [("row", "Name · MW"), ("row", "Rance · 240")]),
    "rule": ("a.\n\n* * *\n\nb.", [("prose", "a."), ("prose", "b.")]),
    "markup is text": ("x *y* <b> &amp; [z](w).", [("prose", "x *y* <b> &amp; [z](w).")]),
}  # fmt: skip


@pytest.mark.parametrize("name", PLAIN)
def test_plain_text(name: str) -> None:
    text, expected = PLAIN[name]
    assert of(text, plain) == expected
    assert of(text.replace("\n", "\r\n"), plain) == expected


@pytest.mark.parametrize(
    ("line", "speaker", "time"),
    [
        ("Alice: Hi", "Alice", None),
        ("[00:12:31] Alice Moreau: Hi", "Alice Moreau", "00:12:31"),
        ("Alice (12:31): Hi", "Alice", "12:31"),
        ("**Alice:** Hi", "Alice", None),
        ("Ann Lee: 00:00:20", "Ann Lee", "00:00:20"),
        ("00:12:31 - Hi", None, "00:12:31"),
        ("小明：你好", "小明", None),
    ],
)
def test_who_speaks_and_when(line: str, speaker: str | None, time: str | None) -> None:
    found = turns.turn(line)
    assert found is not None
    assert (found.speaker, found.time) == (speaker, time)
    assert line[found.start :] in ("Hi", "", "你好")


@pytest.mark.parametrize("line", ["http://x.y", "He said that this is so: yes", "alice: hi", "Ratio 3:1", ""])
def test_nobody_speaks(line: str) -> None:
    assert turns.turn(line) is None


# Front matter


def test_reads_what_the_web_clipper_writes() -> None:
    text = (
        '---\ntitle: "Tides: a tour"\nsource: "https://x.y/z"\nauthor:\n  - "[[Jane Doe]]"\npublished: 2023-09-14\n'
        'created: 2026-03-28\ndescription: "D"\ntags:\n  - "clippings"\n---\nText.\n'
    )
    front = frontmatter.read(text)
    assert front.meta == Meta("Tides: a tour", ["Jane Doe"], "2023-09-14", "https://x.y/z", "D", ["clippings"])
    assert text[front.end :] == "Text.\n"
    assert front.problem is None


@pytest.mark.parametrize("value", ["No", "1.10", "007", "12:30", "null", "2024-01-01", "~", "0x1F"])
def test_a_title_stays_what_was_written(value: str) -> None:
    assert frontmatter.read(f"---\ntitle: {value}\n---\n").meta.title == value


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("Jane Doe", ["Jane Doe"]),
        ("[Jane Doe, John Roe]", ["Jane Doe", "John Roe"]),
        ("Jane Doe, John Roe and Ann Lee", ["Jane Doe", "John Roe", "Ann Lee"]),
        ("Doe, Jane", ["Jane Doe"]),
        ("Jane Doe, Jr.", ["Jane Doe, Jr."]),
        ("[[Jane Doe]]", ["Jane Doe"]),
        ('"[[people/jd|Jane Doe]]"', ["Jane Doe"]),
        ('"[Jane Doe](https://x.y)"', ["Jane Doe"]),
        ("\n  - '[[Jane Doe]]'\n  - Jane Doe\n  - ''", ["Jane Doe"]),
        ("", []),
    ],
)
def test_authors_in_any_form(written: str, names: list[str]) -> None:
    assert frontmatter.read(f"---\nauthor: {written}\n---\n").meta.authors == names


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("2024-03-01", "2024-03-01"), ("2024-03-01T12:00:00Z", "2024-03-01"), ("2024", "2024"), ("2024-3", "2024-03"),
        ("2024/03/01", "2024-03-01"), ("1.3.2024", "2024-03-01"), ("[[2024-03-01]]", "2024-03-01"),
        ("soon", None), ("2024-13-01", None), ("", None),
    ],
)  # fmt: skip
def test_dates_may_be_partial(written: str, date: str | None) -> None:
    assert frontmatter.date(written) == date


def test_published_comes_before_created() -> None:
    assert frontmatter.read("---\ncreated: 2026-01-01\n---\n").meta.published == "2026-01-01"
    assert frontmatter.read("---\ncreated: 2026-01-01\npublished: 2024\n---\n").meta.published == "2024"


def test_broken_front_matter_is_read_line_by_line() -> None:
    front = frontmatter.read("---\nauthor: Jane\ntitle: Rust: a history\ntags:\n  - a\n  - b\n---\nText")
    assert (front.meta.title, front.meta.authors, front.meta.tags) == ("Rust: a history", ["Jane"], ["a", "b"])
    assert front.problem is not None
    assert front.problem[0] == 3


@pytest.mark.parametrize(
    "text", ["---\nJust prose.\n---\n", "--- \n\nText", "----\na: b\n----\n", "", "---", "a\n---\nb: c\n---"]
)
def test_what_is_no_front_matter_is_text(text: str) -> None:
    front = frontmatter.read(text)
    assert (front.end, front.meta) == (0, Meta())


def test_front_matter_that_never_ends_is_text_and_told() -> None:
    front = frontmatter.read("---\ntitle: x\n\nText")
    assert front.end == 0
    assert front.problem is not None


@given(
    st.lists(st.sampled_from([*"ab:-[]{}&*!|>'\"%@`# \n\t,é\u2028", "\\ud800", "title: "]), max_size=60).map("".join)
)
def test_any_front_matter_is_survived(inside: str) -> None:
    front = frontmatter.read(f"---\n{inside}\n---\ntext")
    assert front.end >= 0
    "".join([front.meta.title or "", *front.meta.authors, *front.meta.tags]).encode()


def test_aliases_of_aliases_do_not_explode() -> None:
    levels = "".join(f"k{n}: &k{n} [{', '.join([f'*k{n - 1}'] * 50)}]\n" for n in range(1, 8))
    assert len(frontmatter.read(f"---\nk0: &k0 [x, y]\n{levels}author: *k7\n---\n").meta.authors) <= 100


def test_a_plain_text_says_who_and_when_in_its_first_lines() -> None:
    text = sources.decode(b"Tides\nBy: Jane Doe\n2026-03-11\n\nText. Date: 1999\n", "raw/x.txt")
    assert (text.front.meta.authors, text.front.meta.published, text.front.end) == (["Jane Doe"], "2026-03-11", 0)


# Encodings


@pytest.mark.parametrize(
    ("data", "encoding", "start"),
    [
        ("é".encode(), "utf-8", 0),
        (codecs.BOM_UTF8 + "é".encode(), "utf-8", 1),
        (codecs.BOM_UTF16_LE + "é".encode("utf-16-le"), "utf-16", 0),
        (codecs.BOM_UTF16_BE + "é".encode("utf-16-be"), "utf-16", 0),
        (b"", "utf-8", 0),
    ],
)
def test_offsets_count_what_the_encoding_gives(data: bytes, encoding: str, start: int) -> None:
    text = sources.decode(data, "raw/x.md")
    assert (text.encoding, text.raw) == (encoding, data.decode(encoding))
    assert [(unit.start, unit.plain.text) for unit in text.units] == ([(start, "é")] if data else [])


def test_front_matter_after_a_byte_order_mark() -> None:
    assert sources.decode(codecs.BOM_UTF8 + b"---\r\ntitle: A\r\n---\r\nb", "raw/x.md").front.meta.title == "A"


def test_what_is_not_of_the_encoding_that_a_sample_tells_is_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "これは日本語の文章です。水車は川のそばにあります。" * 40
    monkeypatch.setattr(encodings, "_SAMPLE", 2000)
    assert sources.decode(text.encode("cp932"), "raw/x.txt").raw == text
    with pytest.raises(Failure, match="no other encoding can be told"):
        sources.decode(text.encode("cp932") + b"\x81\n\x81\n", "raw/x.txt")


def test_another_encoding_is_told_from_the_bytes() -> None:
    written = "Das Kraftwerk an der Mündung wurde für 240 Megawatt gebaut, größer als üblich. " * 20
    text = sources.decode(written.encode("cp1252"), "raw/x.txt")
    assert text.raw == written
    assert text.encoding != "utf-8"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"a\n\0b", "NUL"),
        ("a\0b".encode("utf-16"), "NUL"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8a\x00", "UTF-16"),
        (b"\x89PNG\r\n\x1a\n\x01\x02\x03\xff\xfe\x80" * 40, "UTF-8"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(Failure, match=says):
        sources.decode(data, "raw/x.md")


def test_a_format_that_nothing_reads_is_refused_by_name() -> None:
    with pytest.raises(Failure, match=r"\.pdf"):
        sources.decode(b"%PDF", "raw/x.pdf")
    assert sources.readable("raw/X.MD")
    assert not sources.readable("raw/x.pdf")
