"""What of a page a person wrote: every sign of one is seen, and nothing of ours is taken for one."""

from __future__ import annotations

import mill
import pytest

from quern import claims, pages
from quern.updates import handwriting

SAID = "La Rance has 24 turbines."
ID = claims.claim_id(SAID, SAID)
LEAD = f"{SAID}[^{ID}]"
PAGE = f"""\
---
title: La Rance
type: entity
aliases: [Rance]
created: 2026-04-01
lead: {pages.lead_hash(LEAD)}
---

# La Rance

> [!stale] The newest evidence is of 2020; a page of type entity is fresh for 2 years.

{LEAD}

## Facts

- {SAID}[^{ID}]

## Related

- [[Barrage]] · [[Tide|tides]]

[^{ID}]: [[a#^{ID}|A]], line 1: "{SAID}"
"""


def first(text, related=("Barrage", "Tide")):
    line = handwriting.on_topic(pages.parse(text), related)
    return None if line is None else text.split("\n")[line - 1]


def test_nothing_of_ours_is_a_persons():
    assert first(PAGE) is None


@pytest.mark.parametrize(
    ("old", "new", "seen"),
    [
        ("type: entity\n", "type: entity\nmine: 1\n", "mine: 1"),
        ("type: entity\n", "type: entity\ntags: [x]\n", "tags: [x]"),
        ("type: entity\n", "type: entity\n# why\n", "# why"),
        ("# La Rance\n", "# La Rance!\n", "# La Rance!"),
        ("24 turbines.[^", "24 big turbines.[^", None),
        ("## Facts\n", "## Facts\n\nA word.\n", "A word."),
        ("## Facts\n", "## Mine\n\n## Facts\n", "## Mine"),
        ("[[Barrage]] ·", "[[Barrage]] and", "- [[Barrage]] and [[Tide|tides]]"),
        ("[[Barrage]]", "[[Elsewhere]]", "- [[Elsewhere]] · [[Tide|tides]]"),
        ("- [[Barrage]]", "- see [[Barrage]]", "- see [[Barrage]] · [[Tide|tides]]"),
        (f'"{SAID}"', f'"{SAID}" my remark', f'[^{ID}]: [[a#^{ID}|A]], line 1: "{SAID}" my remark'),
    ],
)
def test_every_sign_of_a_person_is_seen(old, new, seen):
    text = PAGE.replace(old, new, 1)
    assert text != PAGE
    assert first(text) == (seen or f"{SAID.replace('24', '24 big')}[^{ID}]")


def test_an_edited_bullet_is_a_persons():
    assert first(PAGE.replace(f"- {SAID}", "- La Rance is large.")) == f"- La Rance is large.[^{ID}]"


def test_lists_in_front_matter_that_obsidian_writes_anew_are_ours_still():
    assert first(PAGE.replace("aliases: [Rance]", "aliases:\n  - Rance")) is None


def test_the_pages_of_the_sample_are_ours():
    for path in (mill.ROOT / "wiki").rglob("*.md"):
        text = path.read_text(encoding="utf-8")
        document = pages.parse(text)
        if path.parent.name == "sources":
            assert handwriting.on_ledger(document) is None, path
        elif not path.name.startswith("index"):
            related = {link.file for link in document.links}
            assert handwriting.on_topic(document, related) is None, path


LEDGER = f"""\
---
title: A
type: source
id: abc
---

# A

{SAID} ([[#^{ID}|1]])

## Claims

- {SAID} ^{ID}
\t- fact · line 1: "{SAID}" → [[La Rance]]

## Waiting

- Brittany (entity): [[#^{ID}|1]] — little said of it

## Left unread

- line 9: code
"""


def test_a_source_page_is_ours():
    assert handwriting.on_ledger(pages.parse(LEDGER)) is None


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("id: abc\n", "id: abc\nstars: 5\n", 5),
        ("## Waiting\n", "Mine.\n\n## Waiting\n", 16),
        (f"- {SAID} ^", f"- {SAID} Or not. ^", 13),
        ("## Left unread\n", "## Notes\n\nMine.\n\n## Left unread\n", 20),
    ],
)
def test_a_persons_words_on_it_are_seen(old, new, line):
    assert handwriting.on_ledger(pages.parse(LEDGER.replace(old, new, 1))) == line
