"""Front matter: strings stay strings, and only the lines of the keys that are set change."""

from __future__ import annotations

import datetime

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from quern.pages import frontmatter

# fmt: off
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    ["No", "yes", "y", "on", "1.10", "007", "12:30", "null", "~", "", "2024-01-01", "1e3", "0x1F", ".inf",
     ".nan", "<<", "=",
     "a: b", "a #b", "- a", "? a", "[a", "a]", "a, b", "{a}", "& a", "*a", "!a", "|", ">", "%a", "@a", "`a`",
     '"a"', "'a'",
     "a\nb", "a\\b", "a ", " a", "a:", "\x85", "\u2028", "\ufeff", "\x00", "\x7f", "中文", "Ünïcode", "C#",
     "+1", "a\tb"]
)
lines = st.lists(
    st.sampled_from(
        ["a: b", "title: No", "title: 'x'", 'title: "x # y"  # c', "tags: [a, b]", "tags:", "  - a", "- b",
         "  - c # d",
         "# comment", "", "  # deeper", "x: |", "  text", "  # no comment", "x: >-", "k: {a: b}",
         "k: &a [*a]", "k: *z",
         "a b: c", "'q': r", '"q": r', ": x", "? x", "--- x", "tags: [a,", "b]", 'x: "a', 'b"', "\tx: y",
         "é: ü", "x:y",
         "u: \u2028", "e: '\x85x'", "s: '\U0001f600'  # c", "r: a\r", "c: [\u2029,"]
    ),
    max_size=8,
)
# fmt: on


def yaml_11(text):
    return yaml.load(text, yaml.CSafeLoader)


@given(texts)
@example("2024-01-01")
def test_a_title_is_read_as_the_string_that_it_is(text):
    written = frontmatter.write([], {"title": text, "aliases": [text, "x"], "source": text})
    assert frontmatter.read(written).values.get("title", "") == text
    assert frontmatter.read(written).values["aliases"] == [text, "x"]
    read = yaml_11("\n".join(written))
    assert read.get("title", "") == text
    assert read["aliases"] == [text, "x"]


@pytest.mark.parametrize(
    "text", ["No", "yes", "1.10", "007", "12:30", "null", "~", "2024-01-01", "0o17", "1_000", "+.inf"]
)
def test_what_some_yaml_takes_for_a_number_or_a_truth_value_is_quoted(text):
    assert frontmatter.write([], {"title": text}) == [f'title: "{text}"']


@pytest.mark.parametrize(
    "text", ["La Rance tidal power station", "Node.js", "Müller & Söhne", "O'Brien", "Saint-Malo (Brittany)"]
)
def test_plain_titles_stay_plain(text):
    assert frontmatter.write([], {"title": text}) == [f"title: {text}"]


def test_dates_of_ours_are_dates_for_dataview():
    written = frontmatter.write([], {"created": "2026-04-04", "as_of": "2024", "sources": 2})
    assert written == ["created: 2026-04-04", 'as_of: "2024"', "sources: 2"]
    assert yaml_11("\n".join(written)) == {"created": datetime.date(2026, 4, 4), "as_of": "2024", "sources": 2}


@given(lines)
@example(["k: &a [*a]"])
@example(["tags:", "- a"])
@example(["tags:", "  - a", "# c", "", "  - b"])
def test_reading_agrees_with_the_string_only_loader_and_never_fails(lines_):
    front = frontmatter.read(lines_)
    try:
        expected = yaml.load("\n".join(lines_) + "\n", yaml.CBaseLoader)  # noqa: S506 - makes strings only
    except yaml.YAMLError:
        assert front.problems
        return
    if not front.problems:
        # A value that holds itself cannot be compared, but can be shown.
        assert repr(front.values) == repr(expected or {})


@given(lines, texts.filter(bool), st.lists(texts, min_size=1, max_size=3))
@example(["title: |", "  x", "", "# c", "b: c"], "new", ["a"])
@example(["tags:", "- a # why", "", "- b", "c: d"], "new", ["a", "b", "c"])
def test_setting_keys_changes_these_and_no_others(lines_, title, tags):
    before = frontmatter.read(lines_)
    written = frontmatter.write(lines_, {"title": title, "tags": tags})
    if before.problems:
        return
    after = frontmatter.read(written)
    assert after.problems == []
    assert after.values["title"] == title
    assert frontmatter.write(written, {"title": title, "tags": tags}) == written
    others = {key: value for key, value in before.values.items() if key not in ("title", "tags")}
    assert repr({key: value for key, value in after.values.items() if key not in ("title", "tags")}) == repr(others)
    for entry in before.entries:
        block = "\n".join(lines_[entry.start : entry.end])
        assert entry.key in ("title", "tags") or block in "\n".join(written)
    assert [line for line in written if line.startswith("#")] == [line for line in lines_ if line.startswith("#")]


STANDING = """\
# mine
title: 'La Rance'   # as on the map
Mood: "good"
aliases:
  - Rance barrage # local
  - "a: b"

tags: [energy,   power]
created: 2026-04-04
as_of: 2024-03-01            # newest evidence
description: |
  Two lines,
  # one of them this
nested: {a: [1, 2]}
sources: "2"
""".splitlines()


@pytest.mark.parametrize(
    ("changes", "old", "new"),
    [
        ({"title": "La Rance"}, None, None),
        ({"sources": 2, "tags": ["energy", "power"]}, None, None),
        ({"title": "Rance: new"}, "title: 'La Rance'   # as on the map", 'title: "Rance: new"   # as on the map'),
        ({"as_of": "2026-01-01"}, "as_of: 2024-03-01            # ", "as_of: 2026-01-01            # "),
        ({"aliases": ["Rance barrage", "a: b", "No"]}, '  - "a: b"', '  - "a: b"\n  - "No"'),
        ({"aliases": ["x"]}, '  - Rance barrage # local\n  - "a: b"', "  - x"),
        ({"tags": ["a"]}, "tags: [energy,   power]", "tags: [a]"),
        ({"description": "short"}, "description: |\n  Two lines,\n  # one of them this", "description: short"),
        ({"nested": "no"}, "nested: {a: [1, 2]}", 'nested: "no"'),
        ({"updated": "2026-05-02"}, "created: 2026-04-04", "created: 2026-04-04\nupdated: 2026-05-02"),
        ({"status": "current"}, 'sources: "2"', 'sources: "2"\nstatus: current'),
        ({"as_of": None}, "as_of: 2024-03-01            # newest evidence\n", ""),
        ({"aliases": None}, 'aliases:\n  - Rance barrage # local\n  - "a: b"\n', ""),
        ({"lead": None, "authors": []}, None, None),
    ],
)
def test_only_the_lines_of_a_key_change(changes, old, new):
    before = "\n".join(STANDING)
    expected = before if old is None else before.replace(old, new)
    assert old is None or old in before
    assert "\n".join(frontmatter.write(STANDING, changes)) == expected


@pytest.mark.parametrize(
    ("lines_", "line", "words"),
    [
        (["title: [a"], 0, "YAML"),
        (["title: x", "title: y"], 1, "twice"),
        (["ok: 1", "a: b: c"], 1, "YAML"),
        (["just words"], 0, "key: value"),
        (["  indented: x"], 0, "margin"),
        (["{a: b}"], 0, "margin"),
        (["a: \x00"], 0, "YAML"),
        (["a: " + "[" * 5000], 0, "YAML"),
        (["a: '\ud800'"], 0, "YAML"),
    ],
)
def test_what_cannot_be_read_is_a_problem_with_its_line(lines_, line, words):
    front = frontmatter.read(lines_)
    assert [(at, words in message) for at, message in front.problems] == [(line, True)]
    frontmatter.write(lines_, {"title": "x", "tags": ["y"]})
