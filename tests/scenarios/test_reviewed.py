"""A page that a person has reviewed: it stays so while sources agree, and one that does not is told by name."""

from __future__ import annotations

import mill
import pytest

PAGE = "wiki/entities/Sihwa Lake.md"
LINE = "reviewed: {by: Ada Byron, on: 2026-04-03}\n"
OLD = "# Plants\n\nSihwa Lake is a tidal power station in Korea. Sihwa Lake has a capacity of 240 MW.\n"
AGREES = "# Visits\n\nSihwa Lake employs 28 people. Sihwa Lake has 24 turbines.\n"
DISAGREES = "# News\n\nSihwa Lake has a capacity of 320 MW. Sihwa Lake lies between Siheung and Ansan.\n"


@pytest.fixture
def reviewed(vault):
    ingest(vault, "old", OLD)
    text = (vault / PAGE).read_text(encoding="utf-8")
    (vault / PAGE).write_text(text.replace("status: current\n", "status: current\n" + LINE), encoding="utf-8")
    return vault


def ingest(vault, name, text):
    """Send a source through the mill; what a person is told in the end."""
    (vault / "raw" / f"{name}.md").write_text(text, encoding="utf-8")
    done = mill.ingest(vault, f"raw/{name}.md", "2026-04-09")
    return mill.run("report", "-", vault=vault, stdin=done.stdout).stdout.decode()


def test_a_source_that_agrees_leaves_the_review(reviewed):
    assert "Ada" not in ingest(reviewed, "visits", AGREES)
    text = (reviewed / PAGE).read_text(encoding="utf-8")
    assert LINE in text
    assert "28 people" in text


def test_a_source_that_disagrees_ends_it_by_name(reviewed):
    said = ingest(reviewed, "news", DISAGREES)
    assert "disagrees with what stands on: Sihwa Lake (no longer reviewed by Ada Byron (2026-04-03))\n" in said
    text = (reviewed / PAGE).read_text(encoding="utf-8")
    assert "reviewed" not in text
    assert "status: contested\n" in text
    log = (reviewed / "log.md").read_text(encoding="utf-8")
    assert "- unreviewed: [[Sihwa Lake]], which Ada Byron (2026-04-03) had reviewed (" in log
    assert mill.run("lint", vault=reviewed).stdout.count(b'"severity":"error"') == 0
