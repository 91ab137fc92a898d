"""Sentences on a page: their words, their footnotes, their marks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pace import assert_linear
from words import one_line
from words import sentences as texts

from quern.pages import bullets, markup

A, B, C = "77b0e4aa12c9", "5d0e8c1b2a34", "3fa9c1d2e0b4"
MARK = f" *(capacity: 320 MW since 2024[^{B}])*"
ids = st.lists(st.sampled_from([A, B, C]), max_size=3, unique=True)


@given(texts, ids, st.sampled_from(["", MARK, MARK + " *(disputed)*"]))
def test_the_words_of_a_bullet_are_the_text_that_it_was_made_of(text, cited, marks):
    text = one_line(text).strip()
    line = bullets.bullet_md(markup.escape(text), cited) + marks
    assert bullets.plain_of(line[2:]) == text
    assert bullets.claims_in(line[2:]) == cited
    assert bullets.split_bullet(line) == (None if marks else markup.escape(text), cited)


@given(texts, ids, st.sampled_from(["", MARK]), st.sampled_from([A, B, C]))
def test_a_footnote_is_put_behind_the_words_and_before_the_marks(text, cited, marks, after):
    line = bullets.bullet_md(markup.escape(one_line(text).strip()) or "x", cited)
    longer = bullets.append_reference(line + marks, f"[^{after}]", "[^aaaaaaaaaaaa]")
    assert longer.replace("[^aaaaaaaaaaaa]", "", 1) == line + marks
    assert "aaaaaaaaaaaa" in bullets.claims_in(longer[2:])
    if after in cited:
        assert f"[^{after}][^aaaaaaaaaaaa]" in longer


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("[La Rance] opened in [[Brittany|Brittany]].[^77b0e4aa12c9]", "[La Rance] opened in Brittany."),
        (f"A[^{A}][^{B}]{MARK}", "A"),
        ("A (note) *(kept)* and more", "A (note) *(kept)* and more"),
        (f"One. ([[#^{A}|1]]) Two. ([[#^{A}|1]], [[#^{B}|2]])", "One. Two."),
        (f"Lead one.[^{A}] Lead two.[^{B}]", "Lead one. Lead two."),
        (r"\[\[x]] \*a\* [[f|\*b\*]] [[f\|c]]", "[[x]] *a* *b* c"),
        (r"a \[^77b0e4aa12c9]", "a [^77b0e4aa12c9]"),
        ("![[map.png]] [[Rance#Tides]]", "map.png Rance#Tides"),
    ],
)
def test_words_are_read_as_a_reader_reads_them(markdown, words):
    assert bullets.plain_of(markdown) == words


@pytest.mark.parametrize(
    ("line", "sentence", "cited"),
    [
        (f"- A.[^{A}][^{B}]", "A.", [A, B]),
        (f"- A[^{A}] and B.[^{B}]", None, [A, B]),
        (f"- A.[^{A}] (see there)", None, [A]),
        (f"- A.[^{A}]{MARK}", None, [A]),
        (f"- A.[^{A}][^note]", None, [A]),
        ("- A.", "A.", []),
    ],
)
def test_a_bullet_is_split_only_if_it_is_words_and_footnotes(line, sentence, cited):
    assert bullets.split_bullet(line) == (sentence, cited)


def test_paragraphs_are_made_of_cited_sentences():
    said = [("One.", [A, B]), ("Two.", [B]), ("Three.", [])]
    assert bullets.lead_md(said) == f"One.[^{A}][^{B}] Two.[^{B}] Three."
    assert bullets.summary_md(said) == f"One. ([[#^{A}|1]], [[#^{B}|2]]) Two. ([[#^{B}|2]]) Three."
    assert bullets.plain_of(bullets.summary_md(said)) == bullets.plain_of(bullets.lead_md(said)) == "One. Two. Three."


@pytest.mark.parametrize(
    ("piece", "shown", "cited"),
    [
        (f"[^{A}]", "", [A]),
        ("*(", "*(", []),
        ("*(a)* ", "*(a)* ", []),
        ("[[", "[[", []),
        ("([[#^a|1]] ", "(1 ", []),
        (r"\\", "\\", []),
        ("x [^a]", "x ", []),
    ],
)
def test_a_long_line_is_read_as_a_short_one_in_linear_time(piece, shown, cited):
    text = piece * 10_000 + "x"
    assert bullets.plain_of(text) == shown * 10_000 + "x"
    assert bullets.claims_in(text) == cited
    assert bullets.split_bullet(text) == (None if "[^" in piece else text, cited)
    assert bullets.append_reference(text, f"[^{A}]", f"[^{B}]").replace(f"[^{B}]", "", 1) == text
    for work in (bullets.plain_of, bullets.claims_in, bullets.split_bullet):
        assert_linear(work, piece)
    assert_linear(lambda line: bullets.append_reference(line, f"[^{A}]", f"[^{B}]"), piece)
