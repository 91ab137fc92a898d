"""Footnotes and ledger lines: read as they were meant, whatever the words in them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pace import assert_linear
from words import sentences, shown

from quern.pages import evidence, links, markup
from quern.records import Claim

A, B = "77b0e4aa12c9", "5d0e8c1b2a34"

# fmt: off
nasty = st.sampled_from(
    ['he said "yes": "no"', "a · b", '" → [[x]]', '[[slug#^id|T]], line 1: "q"', "a, by b", "x, as of 2024",
     "a; b, also c",
     "Foo (entity)", ": [[#^77b0e4aa12c9|1]]", " — because", "\\", 'ends with "', "lines 1-2, line 9",
     "Sheet1!B4", "00:12:31"]
)
# fmt: on
words = (sentences | nasty | st.lists(nasty, max_size=3).map("".join)).map(lambda text: " ".join(text.split()))
slugs = st.sampled_from(["tides-of-brittany", "b", "été-2024", "日本"])
places = st.builds(evidence.Place, slugs, words.filter(bool), words, words)


def shown_title(title):
    """A title as a link can show it."""
    return title.replace(" | ", " – ").translate(str.maketrans({"[": "(", "]": ")", "|": "/"}))


@given(st.lists(places, min_size=1, max_size=3))
def test_a_footnote_says_what_was_written(noted):
    line = evidence.footnote_md(A, noted)
    assert "\n" not in line
    note = evidence.read_footnote(line, 3, 4)
    assert note == evidence.Footnote(A, [place._replace(title=shown_title(place.title)) for place in noted], 3, 4, "")
    assert evidence.footnote_md(A, note.places) == line
    assert [link.target for link in links.find(line)] == [f"{place.slug}#^{A}" for place in noted]


def test_a_footnote_reads_well():
    one = evidence.Place("tides", "Tides of Brittany", "lines 12-13", 'It "opened"\nin 1966.')
    two = evidence.Place("log", "Log | Site", "line 5", "Open.")
    assert evidence.footnote_md(A, [one, two]) == (
        f'[^{A}]: [[tides#^{A}|Tides of Brittany]], lines 12-13: "It \\"opened\\" in 1966."'
        f' · [[log#^{A}|Log – Site]], line 5: "Open."'
    )


@pytest.mark.parametrize(
    ("line", "count", "rest"),
    [
        (f'[^{A}]: [[a#^{A}|T]], line 1: "q" – I doubt it', 1, "– I doubt it"),
        (f"[^{A}]: said on the phone", 0, "said on the phone"),
        (f'[^{A}]: [[a#^{A}]], line 1: "q" · more', 1, "· more"),
        (f'[^{A}]: [[a#^{A}|T]], line 1: "q', 0, f'[[a#^{A}|T]], line 1: "q'),
        (f"[^{A}]:", 0, ""),
    ],
)
def test_what_a_person_wrote_in_a_footnote_is_kept_apart(line, count, rest):
    note = evidence.read_footnote(line, 0, 1)
    assert (len(note.places), note.rest) == (count, rest)


def test_a_line_that_is_no_footnote_is_none():
    assert evidence.read_footnote("[La Rance]: x", 0, 1) is None
    assert evidence.read_footnote(f"see [^{A}]: x", 0, 1) is None


def claim(text, quote, by=None, **more):
    return Claim(id=A, source="s", passage="p", text=text, quote=quote, spans=[], by=by, **more)


@given(words.filter(bool), words, st.none() | words.filter(bool), words, st.sampled_from(["asserted", "negated"]))
@example("a ^77b0e4aa12c9", "q", "b, as of 2024 · c", 'p: "x"', "reported")
def test_an_item_says_what_was_written(text, quote, by, place, stance):
    pages = [("La Rance", "La Rance"), ("C sharp", "C# | .NET")]
    first = evidence.item_md(A, markup.escape(text))
    second = evidence.evidence_md(claim(text, quote, by, stance=stance, as_of="2024", role="event"), place, pages)
    item = evidence.read_item(first, second, 7, ["Tides"])
    assert (item.text, item.quote, item.by, item.place) == (text, quote, by, place)
    assert (item.id, item.role, item.stance, item.as_of) == (A, "event", stance, "2024")
    assert (item.pages, item.headings, item.line, item.evidence_line) == (["La Rance", "C sharp"], ["Tides"], 7, 8)
    assert [link.target for link in links.find(f"{first}\n{second}")] == ["La Rance", "C sharp"]


def test_an_item_reads_well():
    made = claim("[La Rance] opened in 1966.", "It opened in 1966.", "EDF", role="event")
    assert evidence.item_md(A, made.text) == f"- [La Rance] opened in 1966. ^{A}"
    assert evidence.evidence_md(made, "line 4", [("La Rance", "La Rance")]) == (
        '\t- event, by EDF · line 4: "It opened in 1966." → [[La Rance]]'
    )


@pytest.mark.parametrize("second", ["", "- another item", '\t- rumour · line 1: "x"', "\t- fact · line 1: x", "text"])
def test_an_item_whose_evidence_is_gone_is_still_an_item(second):
    item = evidence.read_item(f"- text ^{A}", second, 0, [])
    assert (item.id, item.text, item.quote, item.evidence_line) == (A, "text", "", None)


@given(
    words.filter(bool), st.lists(words.filter(bool), max_size=3), st.lists(st.sampled_from([A, B]), max_size=2), words
)
def test_a_waiting_name_says_what_was_written(name, aliases, ids, reason):
    line = evidence.waiting_md(name, "entity", aliases, ids, reason)
    assert evidence.read_waiting(line, 2) == evidence.Waiting(name, "entity", aliases, ids, reason, 2)


def test_a_waiting_name_reads_well():
    line = evidence.waiting_md("Program Counter (PC)", "concept", ["PC", "a; b"], [A, B], "only one source")
    assert line == (f'- Program Counter (PC) (concept), also PC; "a; b": [[#^{A}|1]] [[#^{B}|2]] — only one source')


@given(words.filter(bool), words)
def test_what_was_left_unread_says_what_was_written(place, why):
    assert evidence.read_unread(evidence.unread_md(place, why), 1) == evidence.Unread(place, why, 1)


@given(words)
def test_ledger_lines_show_the_words_and_nothing_live(text):
    line = evidence.unread_md("line 1", text)
    assert shown(line) == (f"line 1: {text}".strip().replace("\x00", "\ufffd"), [])


@pytest.mark.parametrize("piece", ['"', "(x), also ", ": ", ' · [[a#^b|c]], x: "y"', "\\", " — ", "; "])
def test_a_long_line_that_is_none_of_ours_is_kept_as_words_in_linear_time(piece):
    text = piece * 5_000
    note = evidence.read_footnote(f"[^{A}]: {text}", 0, 1)
    assert (note.id, note.places, note.rest) == (A, [], text.strip())
    item = evidence.read_item(f"- {text} ^{A}", f"\t- fact · {text}", 0, [])
    assert (item.id, item.text_md, item.evidence_line) == (A, text, None)
    assert evidence.read_waiting(f"- a {text}", 0) is None
    unread = evidence.read_unread(f"- {text}", 0)
    assert unread is None or f"{unread.place}: {unread.why}".rstrip() == text.rstrip()
    assert_linear(lambda line: evidence.read_footnote(f"[^{A}]: {line}", 0, 1), piece, 5_000)
    assert_linear(lambda line: evidence.read_item(f"- {line} ^{A}", f"\t- fact · {line}", 0, []), piece, 5_000)
    assert_linear(lambda line: evidence.read_unread(f"- {line}", 0), piece, 5_000)
