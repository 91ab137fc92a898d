"""Every check fires where it must, and only there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from small_wiki import FILES, LA_RANCE, LEDGER, OTHER, QUOTE, lay

from quern import checks, schema, wiki
from quern.checks.table import PageCheck
from quern.vault import Vault

PAGE, LEDGER_PATH = "wiki/entities/La Rance.md", "wiki/sources/tides-of-brittany.md"
HAND_MADE = "wiki/Shopping.md"


def in_notes(text, page=LA_RANCE):
    """The page with a section of a person's own."""
    return page.replace("## Facts", f"## My notes\n\n{text}\n\n## Facts")


EXAMPLES = yaml.safe_load((Path(__file__).parent / "lint-examples.yaml").read_text(encoding="utf-8"))


def files_of(example):
    """path -> text; a file that is given by what stands in it instead of what is made of the small wiki's."""
    return {path: edited(FILES[path], told) if isinstance(told, list) else told for path, told in example.items()}


def edited(text, edits):
    for edit in edits:
        assert text.count(edit["instead of"]) == 1, edit
        text = text.replace(edit["instead of"], edit["stands"])
    return text


def find(vault, files, hints=True):
    lay(vault, FILES)
    lay(vault, files)
    here = Vault(vault)
    with wiki.open(here) as catalogue:
        return checks.check_vault(here, catalogue, schema.load(here), hints, date="2026-04-02")


def test_every_check_has_examples():
    assert list(EXAMPLES) == [check.code for check in checks.CHECKS]


@pytest.mark.parametrize("code", EXAMPLES)
def test_fires(vault, code):
    example = EXAMPLES[code]["fires"]
    places = [f"{found.path}:{found.line}" for found in find(vault, files_of(example["files"])) if found.code == code]
    assert example["at"] in places


@pytest.mark.parametrize("code", EXAMPLES)
def test_does_not_fire(vault, code):
    assert [found for found in find(vault, files_of(EXAMPLES[code]["is silent"]["files"])) if found.code == code] == []


def test_a_sound_wiki_has_no_findings(vault):
    assert find(vault, {}) == []


def test_no_page_at_all_is_no_fault(vault):
    here = Vault(vault)
    with wiki.open(here) as catalogue:
        assert checks.check_vault(here, catalogue, schema.load(here), hints=True) == []


@pytest.mark.parametrize(
    ("links", "message"),
    [
        ("[[Barrage#Gone]]", "no heading 'Gone' in wiki/concepts/Barrage.md"),
        ("[[#Gone]]", "no heading 'Gone' in wiki/entities/La Rance.md"),
        ("[[Barrage#^gone]]", "no block '^gone' in wiki/concepts/Barrage.md"),
        ("![[gone.png]]", "no page or file 'gone.png', which is to be shown here"),
        ("[a](gone.md)", "no page or file 'gone.md'"),
        ("[[other/Barrage]]", "no page or file 'other/Barrage'"),
        ("[a](entities/Barrage.md)", "no page or file 'entities/Barrage.md'"),
        ("[[../Barrage]]", "no page or file '../Barrage'"),
        ("[[Barrage#my-note]]", "no heading 'my-note' in wiki/concepts/Barrage.md"),
        ("[[Barrage#Facts#Barrage]]", "no heading 'Facts#Barrage' in wiki/concepts/Barrage.md"),
    ],
)
def test_what_a_broken_link_lacks(vault, links, message):
    assert [found.message for found in find(vault, {PAGE: in_notes(links)})] == [message]


@pytest.mark.parametrize(
    "link",
    [
        "[[BARRAGE.md]]", "[[wiki/concepts/barrage]]", "[[/wiki/concepts/Barrage]]", "[[concepts/Barrage]]",
        "[[../concepts/Barrage]]", "[a](./La%20Rance.md)", "[[Own/Deep]]", "[[Barrage#My notes]]",
        "[[Barrage#my-notes]]", "[[Barrage#Barrage#Facts]]", "[a](#dont-look)", "[a](#facts-1)", "[[#Don't look]]",
    ],
)  # fmt: skip
def test_what_a_link_may_name(vault, link):
    page = in_notes(f"{link}\n\n### Don't look\n\n### Facts")
    files = {PAGE: page, "wiki/entities/Own/Deep.md": "A page.\n"}
    assert [found for found in find(vault, files, hints=False) if found.code == "broken-link"] == []


@pytest.mark.parametrize(
    "text",
    [
        "Milk, eggs.\n",
        "---\ntype: list\n---\nMilk, eggs.\n",
        "- Milk\n- Eggs\n",
        "---\ntags: [home]\n---\n# Food\n\nx\n",
    ],
)
def test_a_page_that_a_person_made_gets_hints_at_most(vault, text):
    assert find(vault, {HAND_MADE: text}, hints=False) == []
    assert {found.severity for found in find(vault, {HAND_MADE: text})} == {"hint"}


def test_front_matter_of_ours_with_impossible_values(vault):
    front = "---\ntitle: [a]\ntype: banana\nsources: many\nstatus: fine\ncreated: yesterday\n---\n"
    messages = [found.message for found in find(vault, {PAGE: front + LA_RANCE.partition("---\n\n")[2]}, hints=False)]
    keys = sorted(message.partition(":")[0] for message in messages)
    assert keys == ["created", "sources", "status", "title", "type"]


def test_a_citation_without_its_footnote(vault):
    found = find(vault, {PAGE: LA_RANCE.rpartition(f"[^{OTHER}]:")[0]})
    assert [(finding.code, finding.line) for finding in found] == [("claim-without-evidence", 19)]


def test_a_quote_that_only_the_page_has_wrong(vault):
    found = find(
        vault, {PAGE: LA_RANCE.replace('line 3: "La Rance opened in 1966."', 'line 3: "La Rance opened in 1967."')}
    )
    assert [(finding.code, finding.path, finding.line) for finding in found] == [("quote-not-found", PAGE, 21)]


def test_a_raw_file_that_is_gone(vault):
    found = find(vault, {"raw/tides.md": None})
    assert [(finding.code, finding.path) for finding in found] == [("missing-source", LEDGER_PATH)]


def test_a_citation_of_a_claim_that_its_source_page_does_not_have(vault):
    item = LEDGER[LEDGER.index("- La Rance lies near") :]
    found = find(vault, {LEDGER_PATH: LEDGER.replace(item, "")})
    sources = [finding for finding in found if finding.code == "missing-source"]
    assert [(finding.code, finding.path, finding.severity) for finding in sources] == [
        ("missing-source", "wiki/concepts/Barrage.md", "error"),
        ("missing-source", PAGE, "error"),
    ]
    assert all(f"claim {OTHER} is not on the source page" in finding.message for finding in sources)


def test_after_a_change_of_the_raw_file_quotes_are_not_blamed(vault):
    assert {finding.code for finding in find(vault, {"raw/tides.md": "All new.\n"})} == {"raw-changed"}


def test_a_quote_is_looked_for_again_when_the_page_changes(vault):
    assert find(vault, {}) == []
    wrong = LEDGER.replace(f'"{QUOTE}"', '"La Rance opened in 1999."')
    assert "quote-not-found" in {finding.code for finding in find(vault, {LEDGER_PATH: wrong})}


def test_what_is_known_is_not_looked_for_again(vault, monkeypatch):
    files = {PAGE: in_notes("[[Gone]]")}
    first = find(vault, files)

    def never(*_):
        raise AssertionError

    monkeypatch.setattr(checks, "_everywhere", never)
    here = Vault(vault)
    with wiki.open(here) as catalogue:
        assert checks.check_vault(here, catalogue, schema.load(here), hints=True) == first


def test_pages_by_themselves_have_the_findings_they_have_among_all(vault):
    broken = {}
    for example in EXAMPLES.values():
        broken |= files_of(example["fires"]["files"])
    broken = {path: text for path, text in broken.items() if path.startswith(("wiki/", "raw/")) and text is not None}
    everything = find(vault, broken)
    here = Vault(vault)
    with wiki.open(here) as catalogue:
        rows = [*catalogue.index_rows(), *map(catalogue.page, catalogue.indexes())]
        found = checks.check_pages(here, catalogue, schema.load(here), [row.path for row in rows], hints=True)
    of_pages = {check.code for check in checks.CHECKS if isinstance(check, PageCheck)}
    assert found == [finding for finding in everything if finding.code in of_pages]
    assert len({finding.code for finding in found}) > 8


def test_findings_travel_as_records(vault):
    from quern import jsonl

    [found] = find(vault, {PAGE: in_notes("[[Gone]]")})
    assert json.loads(jsonl.encode(found)) == {
        "kind": "finding",
        "code": "broken-link",
        "severity": "error",
        "path": PAGE,
        "line": 19,
        "message": "no page or file 'Gone'",
        "fix": "mend the link, or write the page",
        "about": "Gone",
    }


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe\x00",
        b"---\ntitle: \xff\n---\n",
        b'---\ntitle: "\\ud800"\naliases: ["\\udc00"]\n---\nx',
        b"---\n- a\n- b\n---\nx",
        b"---\ntitle: {a: b}\n---\n",
        b"---\n? [a]\n: b\n---\n",
        b"---\n&a [*a]\n---\n",
        b"---\ntitle: x\n",
        b"\x00\x00",
        "---\ntitle: \u2028\ntype: entity\n---\n\n[[\u2028]]".encode(),
    ],
)
def test_no_page_is_too_odd_to_be_checked(vault, data):
    for found in find(vault, {PAGE: data}):
        assert found.line >= 1


@pytest.mark.parametrize(
    ("text", "sorts"),
    [
        ("<script>x</script>", ["active-content"]),
        ('<img src="x" onerror="y">', ["active-content"]),
        ('<iframe src="https://example.org"></iframe>', ["active-content"]),
        ("[a](javascript:x)", ["active-content"]),
        ("<% tp.date.now() %>", ["active-content"]),
        ("`$= dv.current().file`", ["active-content"]),
        ("```dataviewjs\ndv.list()\n```", ["active-content"]),
        ("> ~~~ dataviewjs\n> dv.list()\n> ~~~", ["active-content"]),
        ("````md\n```dataviewjs\ndv.list()\n```\n````", []),
        ("[a](../concepts/Barrage.md) `= this.x` <b>x</b>", ["raw-html"]),
        (r"\<script> `<script>` <https://example.org/a> 1 < 2", []),
    ],
)
def test_what_runs(vault, text, sorts):
    found = [finding.code for finding in find(vault, {PAGE: in_notes(text)})]
    assert [code for code in found if code in {"active-content", "raw-html"}] == sorts


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("[[Barrage", 1),
        ("[[Barrage] and more", 1),
        ("[[]] [[|x]]", 2),
        ("[a](my barrage.md)", 1),
        ("[[Tag] words](https://example.org) [[1], [2]] [x](<a b.md>) [x](https://example.org/a b.md)", 0),
    ],
)
def test_what_looks_like_a_link(vault, text, count):
    assert [found.code for found in find(vault, {PAGE: in_notes(text)})].count("malformed-link") == count
