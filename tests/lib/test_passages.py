"""Passages: numbered sentences at exact places, under headings, under a size; and what is known of a source."""

from __future__ import annotations

import functools
import operator
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quern import passages, schema, sentences, sources, vault
from quern.program import Failure
from quern.records import Passage, Sentence, Source

SOURCE = Source(id="0123456789ab", slug="s", path="raw/x.md", sha256="", title="T", language="en")


def segment(raw: str, limit: int = 2400, path: str = "raw/x.md") -> list[Passage]:
    return list(passages.segment(SOURCE, sources.decode(raw.encode(), path), limit))


def of(raw: str, limit: int = 2400, path: str = "raw/x.md") -> list[Sentence]:
    return functools.reduce(operator.iadd, (passage.sentences for passage in segment(raw, limit, path)), [])


def test_sentences_are_exact_slices_and_plain_is_what_is_read() -> None:
    raw = "# Rance\r\n\r\n> It **opened\r\n> in *1966*.** Then[^1] [it](http://x.y) ran.[^2] `Yes.`\r\n"
    found = [(s.n, s.sort, s.text, s.plain, s.place) for s in of(raw)]
    assert found == [
        (1, "heading", "Rance", "Rance", "line 1"),
        (2, "prose", "It **opened\r\n> in *1966*.**", "It opened in 1966.", "lines 3-4"),
        (3, "prose", "Then[^1] [it](http://x.y) ran.[^2]", "Then it ran.", "line 4"),
        (4, "prose", "`Yes.`", "Yes.", "line 4"),
    ]


PIECES = [
    "La Rance", "240 MW", "e.g.", "Dr.", ". ", "! ", "? ", "… ", "\n", "\n\n", "\r\n", "\r", "\t", "  \n", "*", "**",
    "_", "`", "```\n", "[", "](x)", "[[a|b]]", "[^1]", "[^1]: ", "# ", "- ", "1. ", "> ", "> [!note] ",
    "| a | b |\n", "|--|--|\n", "    ", "<b>", "</b>", "<!-- c -->", "<div>", "%%", "$$", "&amp;", "\\", "👩‍👩‍👧",
    "e\u0301",
    "漢字。", "かな", "שלום", "नमस्ते।",
    "Alice: ", "[00:01:02] ", "\u2028", "\u00a0", "\ufeff", "~~", "==", "---\n", "===\n", "^[",
    "<sup>2</sup>", "\u0085",
]  # fmt: skip
MARKUP = {"md": st.lists(st.sampled_from(PIECES), max_size=40).map("".join), "txt": st.text(max_size=200)}


@settings(max_examples=200, deadline=None)
@given(MARKUP["md"] | MARKUP["txt"], st.sampled_from(["raw/x.md", "raw/x.txt"]), st.sampled_from([5, 60, 2400]))
def test_every_sentence_is_where_it_says(raw: str, path: str, limit: int) -> None:
    text = sources.decode(raw.encode(errors="ignore").replace(b"\0", b""), path)
    at = -1
    for passage in passages.segment(SOURCE, text, limit):
        assert [sentence.n for sentence in passage.sentences] == list(range(1, len(passage.sentences) + 1))
        for sentence in passage.sentences:
            assert text.raw[sentence.start : sentence.end] == sentence.text
            assert sentence.text.strip()
            assert sentence.plain.rstrip() == sentence.plain != ""
            assert sentence.plain[0] > " " or sentence.sort == "code"
            assert "\n" not in sentence.plain or sentence.sort == "code"
            assert sentence.start >= at
            at = sentence.start
        if len(passage.sentences) > 1:
            assert sum(len(sentence.plain) for sentence in passage.sentences) <= limit
            assert sum(len(sentence.text) for sentence in passage.sentences) <= limit


WORDS = st.lists(
    st.sampled_from(["Rance", "tide", "EDF", "240", "große", "e\u0301te\u0301", "潮汐", "मौज", "👩‍👩‍👧"]),
    min_size=1,
    max_size=6,
)
STYLES = st.sampled_from(
    [
        "{}",
        "**{}**",
        "*{}*",
        "`{}`",
        "[{}](http://x.y)",
        "[[page|{}]]",
        "=={}==",
        "<b>{}</b>",
        "{}[^1]",
        "{}<!-- c -->",
        "![a](b){}",
    ]
)
PARAGRAPH = st.lists(st.tuples(WORDS.map(" ".join), STYLES), min_size=1, max_size=5)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(PARAGRAPH, min_size=1, max_size=4),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["", "> ", "- ", "# "]),
)
def test_plain_is_the_words_without_the_markup(
    paragraphs: list[list[tuple[str, str]]], newline: str, prefix: str
) -> None:
    raw = (newline * 2).join(prefix + " ".join(style.format(words) for words, style in each) for each in paragraphs)
    expected = " ".join(words for each in paragraphs for words, _ in each)
    assert " ".join(sentence.plain for sentence in of(raw)) == expected


def test_passages_follow_headings() -> None:
    found = segment("Before.\n\n# A\n\n## B\n\nText.\n\n## C\n\n## D\n\nMore.\n\n# E\n")
    assert [(p.ordinal, p.headings, [s.plain for s in p.sentences]) for p in found] == [
        (1, [], ["Before."]),
        (2, ["A", "B"], ["A", "B", "Text."]),
        (3, ["A", "C"], ["C"]),
        (4, ["A", "D"], ["D", "More."]),
        (5, ["E"], ["E"]),
    ]
    assert [p.id for p in found] == [f"0123456789ab-{n}" for n in range(1, 6)]


def test_a_paragraph_moves_whole_to_the_next_passage() -> None:
    found = segment("One is. Two is.\n\nThree is. Four is.\n", limit=30)
    assert [[s.plain for s in p.sentences] for p in found] == [["One is.", "Two is."], ["Three is.", "Four is."]]


def test_code_is_never_cut() -> None:
    code = "a = 1. B = 2.\n" * 50
    found = segment(f"x\n\n```\n{code}```\n\ny\n", limit=40)
    assert [[s.sort for s in p.sentences] for p in found] == [["prose"], ["code"], ["prose"]]
    assert found[1].sentences[0].text == code.rstrip("\n")


def test_a_long_item_is_split_and_a_short_one_is_not() -> None:
    short, long = "One is. Two is.", "The tide at La Rance rises by eight metres. " * 8
    assert [s.sort for s in of(f"- {short}\n- {long}\n")] == ["item"] * 9


def test_no_sentence_ends_in_code_or_a_formula() -> None:
    raw = "Write `![a](b). See!` or $f! (x). Y$ first. `B. C` follows."
    assert [s.text for s in of(raw)] == ["Write `![a](b). See!` or $f! (x). Y$ first.", "`B. C` follows."]


def test_a_turn_begins_with_its_speaker() -> None:
    found = of("[0:01] Ann: Hi. We\nstart.\n[0:02] Bob: Yes.\n", path="raw/x.txt")
    assert [s.plain for s in found] == ["[0:01] Ann: Hi.", "We start.", "[0:02] Bob: Yes."]


def test_no_sentence_is_longer_than_a_passage() -> None:
    for raw in ("word " * 3000, "潮" * 9000, "x" * 9000, "| a |\n|---|\n| " + "word " * 3000 + "|"):
        found = of(raw, limit=500)
        assert max(len(s.plain) for s in found) <= 500
        assert "".join(s.plain for s in found).replace("a: ", "").replace(" ", "") == raw.split("| ")[-1].strip(
            "|"
        ).replace(" ", "")


# Sentences

SPLIT = [
    ("en", "Dr. Smith paid $3.50 on Jan. 5th. He left.", 2),
    ("en", "See Fig. 3 and No. 5, e.g. this, i.e. that. It costs approx. 5 kg etc. and so on.", 2),
    ("en", "The U.S. Government met J. R. R. Tolkien. Wait... and see.", 2),
    ("en", '"Really?" he said. He said "I am. You are." Then he left.', 3),
    ("en", "(This is a note. It is long.) After that.", 2),
    ("en", "Call println! macros. Version 2.1.0 is out.", 2),
    ("en", "The answer is no. They left.", 2),
    ("de", "Am 3. Mai war die ca. 5 km lange Strecke z. B. usw. fertig. Gut.", 2),
    ("fr", "M. Dupont est né en 1966. Il a dit « oui ».", 2),
    ("es", "Sí, claro. Eso es, p. ej. esto.", 2),
    ("ru", "Он родился в 1990 г. в Москве, т. е. здесь. Да.", 2),
    ("zh", "今天很好。我们去吧！你说呢？", 3),
    ("ja", "彼は「行く。」と言った。私は帰った。", 2),
    ("hi", "यह है। वह है।", 2),
    ("ar", "هذا هو. ماذا؟ نعم.", 3),
    ("en", "— 12 — ...", 1),
    ("en", "Line one\nLine two\nand on\u2029Block", 3),
    ("xx", "Aa bb. Cc dd.", 2),
    ("en", " \n ", 0),
]


@pytest.mark.parametrize(("language", "text", "count"), SPLIT)
def test_splits_into_sentences(language: str, text: str, count: int) -> None:
    assert len([text[start:end] for start, end in sentences.split(text, language)]) == count


@settings(max_examples=200, deadline=None)
@given(
    st.text(alphabet=st.sampled_from("ab A.!?\"'()[]“”。」 \n\u2029…,5é\u0301😀"), max_size=60),
    st.sampled_from(["en", "ja", "xx"]),
)
def test_nothing_is_lost_between_sentences(text: str, language: str) -> None:
    at = 0
    for start, end in sentences.split(text, language):
        assert not text[at:start].strip()
        assert text[start:end].strip() == text[start:end] != ""
        at = end
    assert not text[at:].strip()


def test_a_cut_never_parts_a_letter_from_its_mark() -> None:
    text = "e\u0301" * 100
    assert all(not text[start:end].startswith("\u0301") for start, end in sentences.cut(text, 0, len(text), 7))


def test_a_cut_prefers_the_end_of_a_clause() -> None:
    text = "one two three; four five six seven"
    assert [text[start:end] for start, end in sentences.cut(text, 0, len(text), 20)] == [
        "one two three;",
        "four five six seven",
    ]


# What is known of a source


class Catalogue:
    """Look-ups as the catalogue has them, over a few rows."""

    def __init__(self, vault_: vault.Vault, *rows: SimpleNamespace, taken: tuple[str, ...] = ()) -> None:
        self.vault, self.rows, self.taken = vault_, rows, taken

    def source_by_path(self, path: str) -> SimpleNamespace | None:
        return next((row for row in self.rows if row.path == path), None)

    def source_by_sha(self, sha: str) -> SimpleNamespace | None:
        return next((row for row in self.rows if row.sha256 == sha), None)

    def path_taken(self, name: str) -> str | None:
        return next((f"wiki/{name}.md" for taken in self.taken if taken == name), None)


@pytest.fixture
def here(vault):
    return schema.Vault(vault)


def describe(raw: str, catalogue: Catalogue, path: str = "raw/x.md") -> Source:
    return passages.describe(sources.decode(raw.encode(), path), catalogue)  # type: ignore[arg-type]


def test_title_comes_from_front_matter_then_heading_then_file_name(here) -> None:
    empty = Catalogue(here)
    assert describe("---\ntitle: No\n---\n# B", empty).title == "No"
    assert describe("## A\n\n# B *c*\n", empty).title == "B c"
    assert describe("## A\n\ntext", empty, "raw/Some notes.md").title == "Some notes"
    assert describe("Coast group\n\ntext.", empty, "raw/x.txt").title == "Coast group"


def test_date_comes_from_front_matter_or_file_name(here) -> None:
    empty = Catalogue(here)
    assert describe("x", empty, "raw/call-2026-03-11.md").published == "2026-03-11"
    assert describe("---\npublished: 2024\n---\nx", empty, "raw/2026-03-11.md").published == "2024"
    assert describe("x", empty, "raw/20260311.md").published is None


def test_a_known_source_keeps_its_id_and_slug(here) -> None:
    row = SimpleNamespace(id="aaaaaaaaaaaa", slug="old-slug", path="raw/x.md", sha256="f" * 64)
    found = describe("# New title\n\nchanged", Catalogue(here, row))
    assert (found.id, found.slug, found.title) == ("aaaaaaaaaaaa", "old-slug", "New title")


def test_a_moved_source_keeps_its_id_and_a_copy_is_the_source_itself(here) -> None:
    new = describe("text", Catalogue(here))
    row = SimpleNamespace(id="aaaaaaaaaaaa", slug="old", path="raw/old.md", sha256=new.sha256)
    moved = describe("text", Catalogue(here, row))
    assert (moved.id, moved.slug, moved.path) == ("aaaaaaaaaaaa", "old", "raw/x.md")
    (here.raw / "old.md").write_text("text")
    copy = describe("text", Catalogue(here, row))
    assert (copy.id, copy.path) == ("aaaaaaaaaaaa", "raw/old.md")


def test_a_slug_is_free(here) -> None:
    new = describe("# Tides\n", Catalogue(here))
    assert (new.slug, new.id) == ("tides", new.sha256[:12])
    assert describe("# Tides\n", Catalogue(here, taken=("tides",))).slug == "tides-source"
    assert describe("# Tides\n", Catalogue(here, taken=("tides", "tides-source"))).slug == f"tides-{new.id[:6]}"


def test_language_and_words(here) -> None:
    found = describe(
        "---\ntitle: the of and\n---\nDas Werk ist nicht groß.\n\n```\nthe of and the\n```\n", Catalogue(here)
    )
    assert (found.language, found.words) == ("de", 9)
    assert describe("---\nlang: pt-BR\n---\nThe tide.", Catalogue(here)).language == "pt"


# Where a source may be


def test_a_file_in_raw_is_found_from_anywhere(here, monkeypatch, tmp_path) -> None:
    (here.raw / "a b.md").write_text("x")
    assert passages.locate(here, str(here.raw / "a b.md")) == "raw/a b.md"
    monkeypatch.chdir(here.raw)
    assert passages.locate(here, "a b.md") == "raw/a b.md"
    monkeypatch.chdir(tmp_path)
    assert passages.locate(here, "raw/a b.md") == "raw/a b.md"


def test_a_file_elsewhere_is_refused_with_the_line_that_helps(here, monkeypatch, tmp_path) -> None:
    other = tmp_path / "it's.md"
    other.write_text("x")
    monkeypatch.chdir(here.root)
    with pytest.raises(Failure) as failure:
        passages.locate(here, str(other))
    assert str(failure.value) == f"{other}: not in raw/: cp '{tmp_path}/it'\"'\"'s.md' raw/"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "-x.md").write_text("x")
    with pytest.raises(Failure, match=f"cp './-x.md' '{here.raw}/'"):
        passages.locate(here, "-x.md")


def test_a_link_out_of_raw_is_refused(here, tmp_path) -> None:
    (tmp_path / "x.md").write_text("x")
    (here.raw / "link.md").symlink_to(tmp_path / "x.md")
    with pytest.raises(Failure, match="a link out of raw/"):
        passages.locate(here, str(here.raw / "link.md"))
    with pytest.raises(Failure, match="no such file"):
        passages.locate(here, "raw/missing.md")
    with pytest.raises(Failure, match="directory"):
        passages.locate(here, str(tmp_path))
