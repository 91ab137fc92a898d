"""Links: found as Obsidian finds them, woven without touching a word."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pace import assert_linear

from quern import names, pages
from quern.pages import links, markup


def found(text):
    return [(link.line, link.target, link.text, link.embed) for link in links.find(text)]


@pytest.mark.parametrize(
    ("text", "target", "words", "embed"),
    [
        ("[[Rance]]", "Rance", "Rance", False),
        ("[[Rance|the river]]", "Rance", "the river", False),
        ("[[wiki/Rance.md#Tides|x]]", "wiki/Rance.md#Tides", "x", False),
        ("[[Rance#^3fa9c1d2e0b4|1]]", "Rance#^3fa9c1d2e0b4", "1", False),
        ("[[#^3fa9c1d2e0b4|1]]", "#^3fa9c1d2e0b4", "1", False),
        ("![[map.png|300]]", "map.png", "300", True),
        ("!![[map.png]]", "map.png", "map.png", True),
        (r"\![[Rance]]", "Rance", "Rance", False),
        (r"| [[Rance\|river]] |", "Rance", "river", False),
        ("[[Rance|a [b] c]]", "Rance", "a [b] c", False),
        (r"[[Rance|a \*b]]", "Rance", "a *b", False),
        ("[the river](Rance.md)", "Rance.md", "the river", False),
        ("[the river](<La Rance.md>)", "La Rance.md", "the river", False),
        ("[x](La%20Rance%20%281966%29.md#Part)", "La Rance (1966).md#Part", "x", False),
        ('[x](a_(b).md "title")', "a_(b).md", "x", False),
        (r"![a \] b](map.png)", "map.png", "a ] b", True),
        ("[a `code` b](c.md)", "c.md", "a `code` b", False),
        ("\\\\[[Rance]]", "Rance", "Rance", False),
    ],
)
def test_links_are_found(text, target, words, embed):
    assert found(text) == [(0, target, words, embed)]


@pytest.mark.parametrize(
    "text",
    [
        "`[[Rance]]`",
        "```\n[[Rance]]\n```",
        "> ~~~\n> [[Rance]]\n> ~~~",
        "text\n\n    [[Rance]]\n",
        "<!-- [[Rance]] -->",
        "%% [[Rance]] %%",
        "%%\n[[Rance]]\n%%",
        "$[[Rance]]$",
        "$$\n[[Rance]]\n$$",
        r"\[[Rance]]",
        r"\[\[Rance]]",
        "[[Rance\n]]",
        "[[]]",
        "[x](http://example.org/a.md)",
        "[x](//example.org/a.md)",
        "[x](mailto:a@b.c)",
        "![x](https://example.org/a.png)",
        "[^1]: x",
        r"[x\](y.md)",
        "[x] (y.md)",
    ],
)
def test_what_is_no_link_is_not(text):
    assert found(text) == []


def test_places_are_exact():
    text = "---\nup: '[[Home]]'\n---\n\n- [[A]] ![[B]]\n\n[c](D.md)\n"
    assert [(link.line, text[link.start : link.end]) for link in links.find(text)] == [
        (1, "[[Home]]"),
        (4, "[[A]]"),
        (4, "![[B]]"),
        (6, "[c](D.md)"),
    ]


@pytest.mark.parametrize(
    ("target", "file", "part"),
    [
        ("Rance", "Rance", ""),
        ("wiki/topics/Rance.md", "Rance", ""),
        ("Rance#Tides#High", "Rance", "Tides#High"),
        ("#^abc", "", "^abc"),
        ("v1.2 notes", "v1.2 notes", ""),
    ],
)
def test_a_target_is_a_file_and_a_part(target, file, part):
    link = links.Link(0, target, "", embed=False, start=0, end=0)
    assert (link.file, link.part) == (file, part)


@pytest.mark.parametrize(
    ("file", "words", "written"),
    [
        ("Rance", "Rance", "[[Rance]]"),
        ("Rance", "the river", "[[Rance|the river]]"),
        ("C sharp", "C#", "[[C sharp|C#]]"),
        ("x", "[AINews] a | b\nc]]", "[[x|(AINews) a – b c))]]"),
        ("x", "*a* <b>", r"[[x|\*a\* \<b>]]"),
    ],
)
def test_a_link_can_say_any_words(file, words, written):
    assert links.link_md(file, words) == written
    assert len(list(links.find(written))) == 1


# Weaving

TITLES = {
    "La Rance tidal power station": "La Rance tidal power station",
    "La Rance": "La Rance tidal power station",
    "Brittany": "Brittany",
    "tidal power": "Tidal power",
    "power station": "Power station",
    "C++": "C++",
    "C#": "C sharp",
    "IT": "IT",
    "Saint-Malo": "Saint-Malo",
    "日本": "日本",
    "潮力発電": "Tidal power",
    "node.js": "Node.js",
}
KEYS = {names.normal(name): (file, file) for name, file in TITLES.items()}


def woven(text, exclude=()):
    return links.weave(markup.escape(text), KEYS.get, exclude)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("La Rance is in Brittany.", "[[La Rance tidal power station|La Rance]] is in [[Brittany|Brittany]]."),
        ("Brittany, then Brittany again.", "[[Brittany|Brittany]], then Brittany again."),
        ("The tidal power station uses Tidal Power.", "The [[Tidal power|tidal power]] station uses Tidal Power."),
        ("La Rance tidal power station", "[[La Rance tidal power station|La Rance tidal power station]]"),
        ("C++ and C# and node.js", "[[C++|C++]] and [[C sharp|C#]] and [[Node.js|node.js]]"),
        ("near Saint-Malo's port", "near [[Saint-Malo|Saint-Malo]]'s port"),
        ("日本の潮力発電所", "[[日本|日本]]の[[Tidal power|潮力発電]]所"),
        ("it is IT", "it is [[IT|IT]]"),
        ("[La Rance] opened in Brittany", "[La Rance] opened in [[Brittany|Brittany]]"),
        ('He said "Brittany" and “Brittany”.', 'He said "Brittany" and “Brittany”.'),
        ("«Brittany» Brittany", "«Brittany» [[Brittany|Brittany]]"),
        ("run `Brittany` now", r"run \`Brittany\` now"),
        ("see [[Brittany]]", r"see \[\[Brittany]]"),
        ("https://example.org/Brittany and x@Brittany.fr", "https://example.org/Brittany and x@Brittany.fr"),
        ("Brittany(x) !Brittany", r"Brittany(x) !Brittany"),
        ("$5 for Brittany and $6", "$5 for [[Brittany|Brittany]] and $6"),
        ("tidal  power", "tidal  power"),
    ],
)
def test_names_become_links_at_their_first_mention(text, written):
    assert woven(text) == written


def test_what_is_excluded_hides_the_names_in_it():
    text = "La Rance tidal power station is a power station."
    linked = "La Rance tidal power station is a [[Power station|power station]]."
    assert woven(text, {"La Rance tidal power station"}) == linked
    assert woven(text, {"La Rance tidal power station", "Power station"}) == text


def test_footnotes_marks_and_standing_links_stay_as_they_are():
    markdown = "Old [[Brittany|words]][^77b0e4aa12c9] *(in Brittany[^5d0e8c1b2a34])*"
    assert links.weave(markdown, KEYS.get, ()) == markdown


# fmt: off
sentences = st.lists(
    st.sampled_from(
        [*TITLES, "power", "station", "the", ",", ".", " ", " ", "-", "'s", "[", "]", "[[", "]]", "|", "(",
         ")", '"', "“", "”",
         "`", "*", "_", "\\", "$", "!", "^", "#", "x@", "http://", "の", "&", " & ", "<", ">", "%%", "::"]
    ),
    max_size=14,
).map("".join)
# fmt: on


@given(sentences, st.sets(st.sampled_from(sorted(set(TITLES.values()))), max_size=2))
def test_weaving_changes_no_word(text, exclude):
    markdown = woven(text, exclude)
    assert pages.plain_of(markdown) == text.strip()
    made = list(links.find(markdown))
    files = [link.file for link in made]
    assert set(files) <= set(TITLES.values()) - exclude
    assert len(files) == len(set(files))
    assert len(made) == markdown.count("[[") - markdown.count(r"\[[")
    assert not any(link.embed for link in made)
    assert links.weave(markdown, KEYS.get, {*exclude, *TITLES.values()}) == markdown


@given(st.text(st.sampled_from("[]()!|#^\\`$%~<>\n\t a-b.mdé:/\"'&"), max_size=80))
def test_what_is_found_stands_there(text):
    for link in links.find(text):
        assert re.match(r"!?\[", text[link.start : link.end])
        assert text.count("\n", 0, link.start) == link.line


@pytest.mark.parametrize("piece", ["[", "[[", "[a", "[[a|", "[a](", "[a](b", "![", "[x] [", "a@", '"', "[[a] "])
def test_a_long_line_without_a_link_or_a_name_is_left_as_it_is_in_linear_time(piece):
    text = piece * 10_000
    assert list(links.find(text)) == []
    assert links.weave(text, KEYS.get, ()) == text
    assert_linear(lambda line: list(links.find(line)), piece)
    assert_linear(lambda line: links.weave(line, KEYS.get, ()), piece)
