"""Every check fires where it must, and only there."""

from __future__ import annotations

import json

import pytest
from small_wiki import BARRAGE, FILES, ID, INDEX, LA_RANCE, LEDGER, LOG, OTHER, QUOTE, RAW, lay

from quern import checks, schema, wiki
from quern.pages import covers_hash, lead_hash
from quern.vault import Vault

PAGE, TWIN, LEDGER_PATH = "wiki/entities/La Rance.md", "wiki/entities/la rance.md", "wiki/sources/tides-of-brittany.md"
HAND_MADE = "wiki/Shopping.md"
WAITING = "\n## Waiting\n\n- Mercury (entity): [[#^77b0e4aa12c9|1]] — {}\n"
SECOND = (
    LEDGER.replace("Tides of Brittany", "Second").replace("1f0c2a9b77d0", "aaaaaaaaaaaa").replace("tides.md", "b.md")
)


def in_facts(line, page=LA_RANCE):
    return page.replace("## Facts\n\n", f"## Facts\n\n{line}\n")


def in_notes(text, page=LA_RANCE):
    """The page with a section of a person's own."""
    return page.replace("## Facts", f"## My notes\n\n{text}\n\n## Facts")


FRESH = "pages:\n  fresh_for: {entity: 1 year}\n"
OURS = LA_RANCE.replace("lead: sha-000000000000", f"lead: {lead_hash(QUOTE)}")


def made_from(page, covers):
    """The page with a lead that was made from these claims."""
    return page.replace("lead: sha", f"lead_of: {covers}\nlead: sha")


DISPUTED = f"\n## Contradictions\n\n- opened: 1966[^{ID}]\n- opened: 1967[^{OTHER}] (2024)\n"
POSSIBLE = LEDGER.replace(f"- {QUOTE} ^", "- La Rance has a capacity of 240 MW. ^").replace(
    "- La Rance lies near the Barrage. ^", "- In 2024, La Rance has a capacity of 320 MW. ^"
)


ANSWER = "wiki/answers/When did it open.md"
ANSWERED = f"""\
---
title: When did it open
type: answer
question: When did it open?
created: 2026-04-02
updated: 2026-04-02
sources: 1
claims: 1
status: current
lead: {lead_hash(QUOTE)}
lead_of: {covers_hash([ID])}
---

# When did it open

{QUOTE}[^{ID}]

[^{ID}]: [[tides-of-brittany#^{ID}|Tides of Brittany]], line 3: "{QUOTE}"
"""


# code -> (what is laid over the small wiki, the page and line it is found on), (what must not be found)
EXAMPLES = {
    "conflict-marks": [
        ({PAGE: LA_RANCE.replace("## Facts\n", "<<<<<<< HEAD\n## Facts\n=======\n>>>>>>> theirs\n")}, PAGE, 17),
        {PAGE: in_notes("```\n<<<<<<< HEAD\n```\n\nA title\n=======")},
    ],
    "invalid-front-matter": [
        ({PAGE: LA_RANCE.replace("status: current", "status: [current")}, PAGE, 10),
        {PAGE: LA_RANCE.replace("status: current", "status: current\nmood: {calm: 007, at: 12:30}\nno: No")},
    ],
    "missing-front-matter": [
        ({PAGE: LA_RANCE.partition("---\n\n")[2]}, PAGE, 1),
        {PAGE: LA_RANCE},
    ],
    "double-footnote": [
        ({PAGE: LA_RANCE + f"[^{ID}]: again\n"}, PAGE, 23),
        {PAGE: LA_RANCE + "[^1]: of my own\n"},
    ],
    "empty-page": [
        ({"wiki/Stub.md": "# Stub\n", PAGE: in_notes("[[Stub]]")}, "wiki/Stub.md", 1),
        {"wiki/Stub.md": "# Stub\n\nA word.\n", PAGE: in_notes("[[Stub]]")},
    ],
    "twin-file": [
        ({TWIN: LA_RANCE}, PAGE, 1),
        {"wiki/entities/La Ránce.md": LA_RANCE.replace("La Rance", "La Ránce").replace("Rance barrage", "R")},
    ],
    "broken-link": [
        ({PAGE: in_notes("See [[No such page]].")}, PAGE, 19),
        {
            "attachments/map.png": b"\x89PNG",
            PAGE: in_notes(
                "[[barrage]] [[concepts/Barrage]] [[wiki/concepts/Barrage.md|x]] [[#Facts]] [[Barrage#facts]]\n"
                "[[raw/tides]] [[tides.md#Tides of Brittany]] ![[map.png|200]] [b](../concepts/Barrage.md#Facts)\n"
                f"[c](Barrage.md) <!-- [[gone]] --> [[tides-of-brittany#^{ID}]] [d](https://example.org/gone.md)\n"
                "\n```\n[[in code]]\n```\n\n`[[gone]]` [[log]] ^a-block\n\n[[La Rance#^a-block]]"
            ),
        },
    ],
    "orphan-page": [
        ({"wiki/concepts/Alone.md": BARRAGE.replace("Barrage\n", "Alone\n")}, "wiki/concepts/Alone.md", 1),
        {"wiki/concepts/Alone.md": BARRAGE.replace("Barrage\n", "Alone\n"), PAGE: in_notes("[[Alone]]")},
    ],
    "not-in-index": [
        ({"wiki/index.md": INDEX.replace("- [[Barrage]] · 1 source\n", "")}, "wiki/concepts/Barrage.md", 1),
        {"wiki/index.md": INDEX.replace("[[Barrage]]", "[[wiki/concepts/Barrage|Barrage]]")},
    ],
    "index-without-page": [
        ({"wiki/index.md": INDEX + "- [[Gone]] · 1 source\n"}, "wiki/index.md", 14),
        {"wiki/index.md": INDEX + "\n## Mine\n\n- [[Barrage#Facts]] and [[log]]\n"},
    ],
    "withheld-page": [
        ({LEDGER_PATH: LEDGER.replace("→ [[La Rance]]", "→ [[Gone]], [[La Rance]]", 1)}, LEDGER_PATH, 19),
        {LEDGER_PATH: LEDGER.replace("→ [[La Rance]]", "→ [[entities/la rance|La Rance]]")},
    ],
    "claim-without-evidence": [
        ({PAGE: in_facts("- It is the best of all.")}, PAGE, 19),
        {PAGE: in_notes("- It is the best of all.\n\nAnd the last.")},
    ],
    "missing-source": [
        ({PAGE: LA_RANCE.replace("[[tides-of-brittany#", "[[tides-of-spain#")}, PAGE, 22),
        {PAGE: LA_RANCE.replace("[[tides-of-brittany#", "[[Tides-of-Brittany#")},
    ],
    "quote-not-found": [
        ({LEDGER_PATH: LEDGER.replace(f'line 3: "{QUOTE}"', f'line 4: "{QUOTE}"')}, LEDGER_PATH, 18),
        {
            LEDGER_PATH: LEDGER.replace(f'line 3: "{QUOTE}"', 'lines 3-4: "La Rance opened … near the Barrage."'),
            PAGE: LA_RANCE.replace(f'line 3: "{QUOTE}"', 'lines 3-4: "La Rance opened … near the Barrage."'),
        },
    ],
    "raw-changed": [
        ({"raw/tides.md": RAW + "More.\n"}, LEDGER_PATH, 6),
        {"raw/other.md": RAW + "More.\n"},
    ],
    "lead-outdated": [
        ({PAGE: made_from(OURS, "sha-000000000000")}, PAGE, 10),
        {PAGE: made_from(OURS, covers_hash([ID, OTHER]))},
    ],
    "lead-behind": [
        ({PAGE: made_from(LA_RANCE, "sha-000000000000")}, PAGE, 10),
        {PAGE: made_from(OURS, "sha-000000000000")},
    ],
    "stale-page": [
        ({"schema.yaml": FRESH, PAGE: LA_RANCE.replace("sources: 1", "as_of: 2019\nsources: 1", 1)}, PAGE, 7),
        {"schema.yaml": FRESH, PAGE: LA_RANCE.replace("sources: 1", "as_of: 2025-04-02\nsources: 1", 1)},
    ],
    "outdated-answer": [
        ({ANSWER: ANSWERED.replace("status: current", "status: outdated")}, ANSWER, 9),
        {ANSWER: ANSWERED, PAGE: LA_RANCE.replace("status: current", "status: outdated")},
    ],
    "incomplete-source": [
        ({LEDGER_PATH: LEDGER.replace("claims: 2\n", "claims: 2\nstatus: incomplete\n")}, LEDGER_PATH, 10),
        {PAGE: LA_RANCE.replace("status: current", "status: incomplete", 1)},
    ],
    "contradiction": [
        ({PAGE: LA_RANCE.replace("\n[^", DISPUTED + "\n[^", 1)}, PAGE, 23),
        {PAGE: LA_RANCE.replace("\n[^", "\n## Contradictions\n\nNone that I know of.\n\n[^", 1)},
    ],
    "possible-contradiction": [
        ({LEDGER_PATH: POSSIBLE}, PAGE, 22),
        {LEDGER_PATH: POSSIBLE, PAGE: LA_RANCE.replace("status:", f"settled: [{ID} {OTHER}]\nstatus:")},
    ],
    "duplicate-name": [
        (
            {
                "wiki/concepts/Barrage.md": BARRAGE.replace(
                    "type: concept", "type: concept\naliases: [the Rance Barrage]"
                )
            },
            "wiki/concepts/Barrage.md",
            2,
        ),
        {
            "wiki/concepts/Barrage.md": BARRAGE.replace(
                "type: concept", "type: concept\naliases: [Rance barrage, Tides of Brittany]\ndistinct_from: [La Rance]"
            )
        },
    ],
    "ambiguous-name": [
        ({LEDGER_PATH: LEDGER + WAITING.format("two things of one name: a planet, a metal")}, LEDGER_PATH, 25),
        {LEDGER_PATH: LEDGER + WAITING.format("one source")},
    ],
    "waiting-name": [
        (
            {
                LEDGER_PATH: LEDGER + WAITING.format("one source"),
                "raw/b.md": RAW,
                "wiki/sources/b.md": SECOND + WAITING.format("one source"),
            },
            LEDGER_PATH,
            25,
        ),
        {LEDGER_PATH: LEDGER + WAITING.format("one source")},
    ],
    "unlinked-mention": [
        ({PAGE: LA_RANCE.replace("[[Barrage]]", "Barrage")}, PAGE, 19),
        {PAGE: in_notes("The Barrage, `Barrage` and [[La Rance|La Rance, the Barrage]].")},
    ],
    "malformed-log": [
        ({"log.md": LOG + "\n## 2026-05-03 ingest Something\n"}, "log.md", 5),
        {"log.md": "# Log\n\n" + LOG + "\nSome words of my own.\n\n### Below\n"},
    ],
    "unfinished-run": [
        ({".quern/pending.jsonl": "{}\n"}, ".quern/pending.jsonl", 1),
        {".quern/lock": ""},
    ],
    "uncommitted-run": [
        (
            {"schema.yaml": "version: 1\ngit: {commit: true}\n", ".quern/commit.jsonl": "{}\n"},
            ".quern/commit.jsonl",
            1,
        ),
        # Commits are not asked for any more.
        {"schema.yaml": "version: 1\n", ".quern/commit.jsonl": "{}\n"},
    ],
}


def find(vault, files, hints=True):
    lay(vault, FILES)
    lay(vault, files)
    here = Vault(vault)
    with wiki.open(here) as catalogue:
        return checks.check_vault(here, catalogue, schema.load(here), hints, date="2026-04-02")


def test_every_check_has_examples():
    assert list(EXAMPLES) == [check.code for check in (*checks.PAGE_CHECKS, *checks.VAULT_CHECKS)]


@pytest.mark.parametrize("code", EXAMPLES)
def test_fires(vault, code):
    files, path, line = EXAMPLES[code][0]
    assert (path, line) in [(found.path, found.line) for found in find(vault, files) if found.code == code]


@pytest.mark.parametrize("code", EXAMPLES)
def test_does_not_fire(vault, code):
    assert [found for found in find(vault, EXAMPLES[code][1]) if found.code == code] == []


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
        ("![[gone.png]]", "no page or file 'gone.png'"),
        ("[a](gone.md)", "no page or file 'gone.md'"),
        ("[[other/Barrage]]", "no page or file 'other/Barrage'"),
        ("[[Barrage#Facts#Barrage]]", "no heading 'Facts#Barrage' in wiki/concepts/Barrage.md"),
    ],
)
def test_what_a_broken_link_lacks(vault, links, message):
    assert [found.message for found in find(vault, {PAGE: in_notes(links)})] == [message]


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
    assert [(finding.code, finding.path, finding.severity) for finding in found] == [
        ("missing-source", "wiki/concepts/Barrage.md", "error"),
        ("missing-source", PAGE, "error"),
    ]
    assert all(f"claim {OTHER} is not on the source page" in finding.message for finding in found)


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
    broken = {path: text for files, _, _ in (fires for fires, _ in EXAMPLES.values()) for path, text in files.items()}
    broken = {path: text for path, text in broken.items() if path.startswith(("wiki/", "raw/"))}
    everything = find(vault, broken)
    here = Vault(vault)
    with wiki.open(here) as catalogue:
        rows = [*catalogue.index_rows(), *map(catalogue.page, catalogue.indexes())]
        found = checks.check_pages(here, catalogue, schema.load(here), [row.path for row in rows], hints=True)
    assert found == [finding for finding in everything if finding.code not in {c.code for c in checks.VAULT_CHECKS}]
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
