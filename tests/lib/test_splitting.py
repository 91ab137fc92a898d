"""What a person wrote below a sentence goes where the sentence goes, when a page is split."""

from __future__ import annotations

import pytest
from turning import Mill

from quern import pages, schema
from quern.records import Split
from quern.updates import splitting, transaction, upkeep

OLD, NEW = "wiki/entities/Mercury.md", "wiki/entities/Mercury (planet).md"
TEXT = """\
# Two meanings

Mercury is a metal that is liquid at room temperature. Mercury boils at 357 degrees.

Mercury is mined in Spain. Mercury orbits the Sun in 88 days. Mercury has no moons.
"""


@pytest.fixture
def here(vault):
    made = Mill(vault)
    made.write("raw/notes.md", TEXT)
    made.ingest("raw/notes.md")
    return made


def split(here, claims):
    wanted = Split(title="Mercury (planet)", claims=claims)
    with upkeep.upkeep(here.vault, schema.load(here.vault), "2026-06-01") as work:
        splitting.split(work, "Mercury", wanted)
    transaction.finish(here.vault)


@pytest.mark.parametrize("below", ["  - I saw it once", "  I saw it once.", "\t- I saw it\n\t  once"])
def test_what_stands_below_a_sentence_goes_with_it(here, below):
    document = pages.parse(here.read(OLD))
    bullet = [bullet for bullet in document.bullets if bullet.claims][-1]
    here.write(OLD, "\n".join([*document.lines[: bullet.end], below, *document.lines[bullet.end :]]))
    split(here, bullet.claims)
    assert below not in here.read(OLD)
    assert f"{document.lines[bullet.line]}\n{below}\n" in here.read(NEW)
