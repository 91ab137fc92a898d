"""Three sources on one thing: what is new is added, what is said again gains a footnote, and nothing is said twice."""

from __future__ import annotations

import contextlib
import re

import mill
import pytest
import scripted
from readers import read_by
from turning import Mill

# It brings its readers.
pytestmark = pytest.mark.own_reader

PAGE = "wiki/entities/Sihwa Lake.md"
A = """\
# Plants

Sihwa Lake is a tidal power station in Korea. Sihwa Lake opened in 2011. Sihwa Lake has 10 turbines.

Sihwa Lake employs 28 people. Sihwa Lake cost 355 million dollars.
"""
B = """\
# Barrages

Sihwa Lake supplies about 550 GWh a year. Sihwa Lake lies between Siheung and Ansan.
"""
C = """\
# Power from the sea

In 2011 Sihwa Lake opened. Sihwa Lake employs 28 people. The Sihwa Lake has ten turbines.
"""
# The seven facts, each with the sources that say it.
FACTS = {
    "Sihwa Lake is a tidal power station in Korea.": ["plants"],
    "Sihwa Lake opened in 2011.": ["plants", "power-from-the-sea"],
    "Sihwa Lake has 10 turbines.": ["plants", "power-from-the-sea"],
    "Sihwa Lake employs 28 people.": ["plants", "power-from-the-sea"],
    "Sihwa Lake cost 355 million dollars.": ["plants"],
    "Sihwa Lake supplies about 550 GWh a year.": ["barrages"],
    "Sihwa Lake lies between Siheung and Ansan.": ["barrages"],
}


def newest(question):
    """A model that says of a page only what it was told last."""
    if "sentences" not in question.keys:
        return scripted.good(question)
    number, text = list(question.sentences.items())[-1]
    return {"sentences": [{"text": text, "claims": [number]}]}


def read(folder):
    """A vault that has read the three, each on a day of its own."""
    vault = mill.empty_vault(folder / "vault")
    for number, text in enumerate((A, B, C), 1):
        (vault / "raw" / f"{number}.md").write_text(text, encoding="utf-8")
        take(vault, f"raw/{number}.md", f"2026-04-0{number}")
    return vault


def take(vault, source, date):
    """Read a source: the rules in processes of their own, as a person does it; a model in this one."""
    if mill.READER:
        Mill(vault).ingest(source, date)
    else:
        mill.ingest(vault, source, date)


@pytest.fixture(scope="module", params=[None, scripted.good, newest], ids=["rules", "good model", "newest text alone"])
def grown(request, tmp_path_factory):
    with read_by(request.param) if request.param else contextlib.nullcontext():
        yield read(tmp_path_factory.mktemp("accumulate"))


def told(text):
    """Each sentence of a page that cites, with the sources behind its footnotes."""
    notes = {
        id_: re.findall(r"\[\[([^#\]]+)#\^", rest)
        for id_, rest in re.findall(r"^\[\^(\w+)\]: (.*)$", text, re.MULTILINE)
    }
    body = text.partition("\n# ")[2].partition("\n[^")[0]
    cited = re.findall(r"(?:^- |^|(?<=\] ))([^\[\n]+)((?:\[\^\w{12}\])+)", body, re.MULTILINE)
    return [(words, sorted({s for id_ in re.findall(r"\w{12}", ids) for s in notes[id_]})) for words, ids in cited]


def test_the_page_has_the_seven_facts_each_once_with_the_right_citations(grown):
    assert [page.name for page in mill.topic_pages(grown)] == ["Sihwa Lake.md"]
    assert sorted(told((grown / PAGE).read_text())) == sorted(FACTS.items())


def test_each_place_is_the_line_that_says_it(grown):
    text = (grown / PAGE).read_text()
    assert ', line 5: "Sihwa Lake employs 28 people." · [[power-from-the-sea#^' in text
    assert ', line 3: "The Sihwa Lake has ten turbines."' in text


def test_nothing_is_wrong_and_nothing_is_left_to_do(grown):
    done = mill.run("lint", vault=grown)
    assert (done.returncode, done.stdout) == (0, b""), done.stdout.decode()
    assert mill.run("outdated", vault=grown).returncode == 1
    before = mill.picture(grown)
    for number in (1, 2, 3):
        take(grown, f"raw/{number}.md", "2026-06-01")
    assert mill.differences(before, mill.picture(grown)) == []


def test_in_free_paraphrase_too_each_sentence_is_said_once_and_none_is_lost(tmp_path):
    """What a third source says in yet other words may stand beside it: to know that takes a judge."""
    with read_by(scripted.paraphrasing):
        vault = read(tmp_path)
        before = mill.picture(vault)
        for number in (1, 2, 3):
            take(vault, f"raw/{number}.md", "2026-06-01")
        assert mill.differences(before, mill.picture(vault)) == []
    text = (vault / PAGE).read_text()
    words = [words for words, _ in told(text)]
    assert len(set(words)) == len(words)
    assert {scripted.reworded(fact) for fact in FACTS} <= set(words)
    assert "opened in 2011" not in " ".join(words)
    quotes = re.findall(r'\[\[([^#\]]+)#\^[^\]]*\]\], line \d+: "([^"]*)"', text)
    said = {("plants", 5), ("barrages", 2), ("power-from-the-sea", 3)}
    assert {(slug, sum(of == slug for of, _ in quotes)) for slug, _ in quotes} == said
    assert mill.run("lint", vault=vault).stdout == b""


def test_the_log_says_what_was_united(grown):
    entry = (grown / "log.md").read_text().split("\n## ")[-1]
    assert "3 united" in entry
