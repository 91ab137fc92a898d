"""What a page says, whoever wrote it and whatever they did to it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quern import claims
from quern.pages import document, evidence

QUOTE = "It opened in 1966."
TEXT = "[La Rance] opened in 1966."
ID = claims.claim_id(QUOTE, TEXT)
OTHER = "5d0e8c1b2a34"

PAGE = f"""\
---
title: La Rance tidal power station
type: entity
aliases: [La Rance, Rance barrage]
as_of: 2024-03-01            # newest evidence
---

# La Rance tidal power station

La Rance is a tidal power station in [[Brittany]].[^{OTHER}] It works.[^{ID}]

A person's second paragraph.

## Facts

- [La Rance] opened in 1966.[^{ID}] *(capacity: 320 MW since 2024[^{OTHER}])*
- [La Rance] has opened in 1966,
  as I know.[^{ID}]
\t- a note of mine

### Mine

1. a remark

## Related

- [[Tidal power]] · [[Barrage]]

[^{OTHER}]: [[tides#^{OTHER}|Tides]], line 1: "La Rance is a tidal power station in Brittany."
[^{ID}]: [[tides#^{ID}|Tides]], lines 12-13: "{QUOTE}"
[^mine]: a note,
    of two lines
"""

LEDGER = f"""\
---
title: Tides of Brittany
type: source
---

# Tides of Brittany

La Rance opened in 1966. ([[#^{ID}|1]]) It works. ([[#^{OTHER}|2]])

## Claims

### History

#### Opening

- [La Rance] opened in 1966. ^{ID}
\t- event, by EDF, as of 1966 · lines 12-13: "{QUOTE}" → [[La Rance|Rance]], [[Brittany]]

### Today

- It works. ^{OTHER}

a person's remark

## Waiting

- Barrage (concept), also Dam: [[#^{ID}|1]] — only one source

## Left unread

- lines 1-3: a table without words
"""


def test_footnotes_before_a_heading_are_no_part_of_the_section_above_it():
    page = document.parse(PAGE + "\n## Mine\n\nMy words.\n")
    related, mine = page.sections[-2:]
    assert page.lines[related.start : related.end] == ["## Related", "", "- [[Tidal power]] · [[Barrage]]", ""]
    assert page.lines[mine.start : mine.end] == ["## Mine", "", "My words.", ""]


def test_a_topic_page_is_read():
    page = document.parse(PAGE)
    assert page.front_values["aliases"] == ["La Rance", "Rance barrage"]
    assert (page.title, page.lines[page.title_line]) == (
        "La Rance tidal power station",
        "# La Rance tidal power station",
    )
    assert page.lead.text.startswith("La Rance is")
    assert (page.lead.start, page.lead.end, page.first_sentence) == (
        9,
        10,
        "La Rance is a tidal power station in Brittany.",
    )
    assert [(s.title, s.level) for s in page.sections[1:]] == [("Facts", 2), ("Mine", 3), ("Related", 2)]
    assert page.lines[page.sections[-1].end].startswith("[^")
    assert [note.end - note.line for note in page.footnotes.values()] == [1, 1, 2]
    assert page.footnotes[ID].places == [evidence.Place("tides", "Tides", "lines 12-13", QUOTE)]
    assert page.claims == [OTHER, ID]
    assert [link.file for link in page.links] == ["Brittany", "Tidal power", "Barrage", "tides", "tides"]
    assert page.problems == []
    assert (page.items, page.waiting, page.unread) == ([], [], [])


def test_a_bullet_knows_whether_a_person_edited_it():
    bullets = document.parse(PAGE).bullets
    assert [(b.section, b.claims, b.edited) for b in bullets] == [
        ("Facts", [ID], False),
        ("Facts", [ID], True),
        ("Facts", [], True),
        ("Mine", [], True),
        ("Related", [], True),
    ]
    assert [b.end - b.line for b in bullets] == [1, 2, 1, 1, 1]
    assert bullets[1].text_md == f"[La Rance] has opened in 1966,\n  as I know.[^{ID}]"


@pytest.mark.parametrize(
    "line",
    [
        f"- {TEXT}[^{ID}]",
        f"* [La Rance] opened\n  in 1966.[^{ID}]",
        f"- [[La Rance|[La Rance]]] opened in [[1966]].[^{ID}][^{OTHER}]",
        f"- \\[La Rance\\] opened  in 1966\\.[^{ID}] *(mark)*",
    ],
)
def test_other_marks_and_line_breaks_are_no_edit(line):
    page = document.parse(f'{line}\n\n[^{ID}]: [[tides#^{ID}|Tides]], line 1: "It opened  in 1966\\."\n')
    assert [b.edited for b in page.bullets] == [False]


def test_a_source_page_is_read():
    page = document.parse(LEDGER)
    first, second = page.items
    assert (first.id, first.text, first.quote, first.place) == (ID, TEXT, QUOTE, "lines 12-13")
    assert (first.role, first.by, first.as_of, first.pages) == ("event", "EDF", "1966", ["La Rance", "Brittany"])
    assert (first.headings, second.headings) == (["History", "Opening"], ["Today"])
    assert (second.id, second.evidence_line) == (OTHER, None)
    assert page.waiting == [evidence.Waiting("Barrage", "concept", ["Dam"], [ID], "only one source", 26)]
    assert page.unread == [evidence.Unread("lines 1-3", "a table without words", 30)]
    assert (page.first_sentence, page.claims, page.bullets) == ("La Rance opened in 1966.", [ID, OTHER], [])


def test_what_is_code_or_a_comment_says_nothing():
    hidden = f"```\n## Facts\n- a[^{ID}]\n[^{ID}]: x\n<<<<<<< a\n```\n\n<!--\n## B\n-->\n\n%%\n- c\n%%\n"
    page = document.parse(hidden)
    assert (page.sections, page.bullets, page.footnotes, page.refs, page.problems) == ([], [], {}, [], [])


def test_a_page_without_front_matter_or_title():
    page = document.parse("Just words.\n\n- a")
    assert (page.front_end, page.title, page.title_line, page.lead.start) == (0, "", -1, 0)
    assert document.parse("").lead is None
    assert document.parse("# Only a title").lead is None
    assert document.parse("- a list").lead is None


def test_headings_are_read_as_words():
    page = document.parse("# `C` and [[C sharp|C#]] \\#1 ##\n##\n####### no\n#no\n  # no\n# \n## C#\n")
    assert [section.title for section in page.sections] == ["`C` and C# #1", "", "", "C#"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("---\ntitle: [a\n---\n", 2, "not YAML"),
        ("---\na: 1\na: 2\n---\n", 3, "twice"),
        ("---\ntitle: x\n\n# x\n", 1, "no end"),
        ("# x\n\n<<<<<<< HEAD\n- a\n=======\n- b\n>>>>>>> other\n", 3, "merge conflict"),
        (f"[^{ID}]: a\n[^{ID}]: b\n", 2, "twice"),
    ],
)
def test_problems_name_their_line(text, line, words):
    problem = document.parse(text).problems[0]
    assert problem.line == line
    assert words in problem.message


# fmt: off
lines = st.sampled_from(
    ["---", "title: x", "type: source", "- a", "aliases:", "# T", "## Facts", "## Waiting", "### X #", "",
     " ", "words here",
     f"- text[^{ID}]", f"- item ^{ID}", '\t- fact · line 1: "q" → [[X]]', "  more", "    code",
     f"[^{ID}]: x", "    y",
     f'[^{OTHER}]: [[s#^{OTHER}|S]], line 1: "q"', "```", "~~~", "<!--", "-->", "%%", "$$", "<<<<<<< a",
     "> - q", "1. a",
     "| a | b |", "|---|---|", "***", "===", "a `b", "c` d", "\ufeff", "\x00", "[[a]]", "![[b|c]]",
     "[x](y.md)", "\u2028"]
)
# fmt: on
pages = st.lists(st.tuples(lines, st.sampled_from(["\n", "\n", "\n", "\r\n", "\r", ""])), max_size=25).map(
    lambda pairs: "".join(line + end for line, end in pairs)
)


@given(pages | st.text())
@example(PAGE)
@example(LEDGER)
@example(PAGE.replace("\n", "\r\n"))
@example(PAGE.replace("\n", "\r"))
@example("\ufeff" + PAGE.rstrip("\n"))
@example("\r\n\n\r")
@example("\ta\r\n\tb\r\n")
def test_reading_loses_nothing_and_points_at_what_is_there(text):
    page = document.parse(text)
    count = len(page.lines)
    assert page.newline.join(page.lines) == text
    assert 0 <= page.front_end <= count
    assert -1 <= page.title_line < count
    for part in (*page.sections, *([page.lead] if page.lead else [])):
        assert page.front_end <= part.start < part.end <= count
    for part in (*page.bullets, *page.footnotes.values()):
        assert page.front_end <= part.line < part.end <= count
    for part in (*page.items, *page.waiting, *page.unread, *page.refs, *page.links):
        assert 0 <= part.line < count
    assert all(1 <= problem.line <= count for problem in page.problems)
    assert isinstance(page.first_sentence, str)
    assert all(isinstance(bullet.edited, bool) for bullet in page.bullets)


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_change_nothing_in_what_is_said(end):
    plain, other = document.parse(PAGE), document.parse(PAGE.replace("\n", end))
    assert other.newline == end
    assert (plain.lines, plain.bullets, plain.sections, plain.footnotes) == (
        other.lines,
        other.bullets,
        other.sections,
        other.footnotes,
    )


def test_mixed_line_ends_stay_in_their_lines():
    page = document.parse("---\r\ntitle: x\r\n---\n\n# x\r\n\n## Facts\r\n- a\n")
    assert (page.newline, page.title, [section.title for section in page.sections]) == ("\n", "x", ["x", "Facts"])


@pytest.mark.parametrize(
    "piece", ["- a\n", "# ", "[^a]: ", "    x\n\n", "- [[a]]\n\t- b\n", "`\n\n", "--- ", "x\n", "## H\n- a ^b\n"]
)
def test_large_pages_take_no_long_time(piece):
    text = "---\ntype: source\n---\n" + piece * 10_000
    assert document.parse(text).front_end == 3
