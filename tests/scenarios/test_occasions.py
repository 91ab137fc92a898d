"""A dated entry of a debugging log becomes a page on the behaviour that it shows: the golden case of general claims."""

from __future__ import annotations

import re

import pytest
import scripted
import yaml
from turning import Mill

# It brings its readers.
pytestmark = pytest.mark.own_reader

PATH, PAGE, LEDGER = "raw/log.md", "wiki/concepts/Connection pool.md", "wiki/sources/debugging-log.md"
LOG = """\
# Debugging log

## 14 March 2026

Around two in the morning the import worker hung again, right after the failover of Postgres.
Ada Sims traced it: the connection pool had kept 12 dead connections after the failover and went on handing them out.
I restarted the worker and went back to bed.

## 2 April 2026

The same hang, with the new worker.
This time I turned on `pool_pre_ping`, and the connection pool tested each
connection before it handed one out. It has not hung since.
"""
# What of a sentence a good model says, and of what occasion.
GENERAL = {
    "kept 12 dead connections": {
        "text": "The connection pool keeps dead connections after a failover and goes on handing them out.",
        "about": [{"name": "connection pool", "type": "concept"}, {"name": "failover", "type": "concept"}],
        "role": "limit",
        "stance": "asserted",
        "by": "Ada Sims",
        "as_of": "2026-03-14",
    },
    "pool_pre_ping": {
        "text": "With pool_pre_ping on, the connection pool tests each connection before it hands one out.",
        "about": [{"name": "connection pool", "type": "concept"}],
        "role": "procedure",
        "stance": "asserted",
        "by": None,
        "as_of": "2026-04-02",
    },
}


def general(question):
    """A model that says what an entry shows, and leaves what happened where it happened."""
    if "claims" not in question.keys:
        return scripted.good(question)
    told = [
        said | {"evidence": [number]}
        for words, said in GENERAL.items()
        for number, sentence in question.sentences.items()
        if words in sentence
    ]
    return {"claims": told}


@pytest.fixture
def mill(vault):
    schema = yaml.safe_load((vault / "schema.yaml").read_text(encoding="utf-8"))
    schema["pages"]["words_per_page"] = 20
    (vault / "schema.yaml").write_text(yaml.safe_dump(schema), encoding="utf-8")
    found = Mill(vault)
    found.write(PATH, LOG)
    return found


def read(mill, url, *, again=False):
    scripted.use(mill.folder, url)
    mill.ingest(PATH, again=again)
    return mill.read(PAGE), mill.read(LEDGER)


def test_the_page_says_what_holds_and_the_source_page_when_and_who(mill):
    with scripted.server(general) as url:
        page, ledger = read(mill, url)
    body, _, notes = page.partition("\n[^")
    for said in GENERAL.values():
        assert f"{said['text']}[^" in body.replace("\\", "")
    assert not re.search(r"March|April|2026|morning|worker|bed", body.split("\n# ")[1])
    assert 'line 6: "Ada Sims traced it: the connection pool had kept 12 dead connections' in notes
    assert "as_of: 2026-04-02\n" in page
    assert "limit, by Ada Sims, as of 2026-03-14 · line 6" in ledger
    assert "procedure, as of 2026-04-02 · lines 12-13" in ledger


def test_what_the_rules_quoted_of_it_stays_beside_what_says_less_of_it(mill):
    """They have 12 connections, which no general claim has: nothing that was there is lost when it is read again."""
    mill.ingest(PATH)
    before = mill.read(LEDGER)
    assert "12 dead connections" in before
    assert not (mill.folder / PAGE).exists()
    with scripted.server(general) as url:
        page, ledger = read(mill, url, again=True)
    assert GENERAL["kept 12 dead connections"]["text"] in page
    items = [line for line in before.split("\n") if line.startswith("- ") and " ^" in line]
    assert [line for line in items if line not in ledger and "12 dead" in line] == []


def test_the_prompt_asks_for_what_holds_in_general(mill):
    with scripted.server(general) as url:
        read(mill, url)
        asked = next(question for question in url.asked if "claims" in question.keys)
    assert "State what holds in general, without the occasion" in asked.system
