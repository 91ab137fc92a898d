"""Answers that are kept as pages: what stands there, what people did to it, and what becomes of it later."""

from __future__ import annotations

import re
import shutil

import pytest
import scripted
from turning import Mill, rows

from quern import checks, engines, git, journal, names, restoration, schema, wiki
from quern.answers import consultation
from quern.answers.knowledge import Knowledge
from quern.pages import parse, plain_of
from quern.program import Failure
from quern.records import Answer, Cited, Split, SummarySentence
from quern.updates import contents, renaming, retraction, reversal, settling, splitting, transaction, uniting, upkeep

RANCE = """\
# La Rance

La Rance is a tidal power station on the estuary of the Rance in Brittany. La Rance opened in 1966.
La Rance has a capacity of 240 MW. La Rance belongs to EDF.
"""
LAKE = "# Sihwa\n\nSihwa Lake is a tidal power station in South Korea. Sihwa Lake has a capacity of 254 MW.\n"
UPDATE = "# La Rance in 2024\n\nLa Rance is a tidal power station. Since 2024, La Rance has a capacity of 320 MW.\n"
AGAINST = "# Another count\n\nLa Rance is a tidal power station. La Rance has a capacity of 280 MW.\n"
QUESTION = "What capacity has La Rance?"
PAGE = "wiki/answers/What capacity has La Rance.md"
TOPIC = "wiki/entities/La Rance.md"
DATE = "2026-05-02"


class Asked(Mill):
    """A vault of which questions are asked."""

    def ask(self, question=QUESTION, **more):
        rules = schema.load(self.vault)
        engine = engines.load(rules, self.vault)
        return consultation.consult(self.vault, rules, engine, question, date=DATE, **more)

    def keep(self, question=QUESTION, date=DATE, **more):
        """What `ask | merge | index | logappend` does."""
        return self.merge(rows([self.ask(question, **more)]), date)

    def codes(self, path=None, date=DATE):
        with wiki.open(self.vault) as catalogue:
            found = checks.check_vault(self.vault, catalogue, schema.load(self.vault), hints=True, date=date)
        return sorted({one.code for one in found if path is None or one.path == path})

    def front(self, path=PAGE):
        return parse(self.read(path)).front_values

    def lead(self, path=PAGE):
        found = parse(self.read(path)).lead
        return plain_of(found.text) if found else ""

    def log(self):
        return [f"{entry.verb} | {entry.title}" for entry in journal.parse(self.read("log.md"))]

    def picture(self):
        paths = (*(self.folder / "wiki").rglob("*.md"), self.folder / "log.md")
        return {path: path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept")
    (folder / "schema.yaml").write_text("version: 1\nengine: rules\n")
    here = Asked(folder)
    for name, text in (("rance", RANCE), ("sihwa", LAKE)):
        here.write(f"raw/{name}.md", text)
        here.ingest(f"raw/{name}.md")
    return here


@pytest.fixture
def here(made, tmp_path, monkeypatch):
    monkeypatch.delenv("QUERN_MODEL", raising=False)
    return Asked(shutil.copytree(made.folder, tmp_path / "kept"))


def read(here, name, text, date="2026-06-01"):
    here.write(f"raw/{name}.md", text)
    return here.ingest(f"raw/{name}.md", date)


# What is kept


def test_an_answer_becomes_a_page_with_its_question_and_the_footnotes_of_its_claims(here):
    here.keep()
    front, text = here.front(), here.read(PAGE)
    assert (front["type"], front["question"], front["engine"]) == ("answer", QUESTION, "rules")
    assert (front["created"], front["claims"], front["sources"]) == (DATE, "1", "1")
    assert here.lead() == "La Rance has a capacity of 240 MW."
    assert re.search(
        r'^\[\^(\w{12})\]: \[\[la-rance#\^\1\|La Rance\]\], line 4: "La Rance has a cap', text, re.MULTILINE
    )


def test_it_is_in_the_index_and_in_the_log_and_the_pages_of_its_claims_name_it(here):
    here.keep()
    assert "## Answers\n\n- [[What capacity has La Rance|What capacity has La Rance?]]" in here.read("wiki/index.md")
    assert here.log()[-1] == f"query | {QUESTION}"
    assert re.search(r"## Related\n\n.*\[\[What capacity has La Rance\|", here.read(TOPIC), re.DOTALL)
    assert "What capacity" not in here.read("wiki/entities/Sihwa Lake.md")
    assert here.codes(PAGE) == []


def test_what_is_not_kept_leaves_nothing(here):
    before = here.picture()
    here.ask()
    assert here.picture() == before


def test_what_the_wiki_does_not_know_is_not_kept(here):
    before = here.picture()
    assert here.keep("What is the capital of Peru?") == []
    assert here.picture() == before


def test_the_same_answer_again_changes_nothing(here):
    here.keep()
    before = here.picture()
    here.keep("what capacity has La Rance", date="2026-05-09")
    assert here.picture() == before


def test_two_questions_have_two_pages_though_their_files_would_have_one_name(here):
    here.keep()
    here.write("wiki/What belongs to EDF.md", "# Mine\n\nA note.\n")
    here.keep("What belongs to EDF?")
    assert (here.folder / "wiki/answers/What belongs to EDF (answer).md").exists()


def test_an_answer_that_cites_what_no_source_says_any_more_is_refused(here):
    answer = here.ask()
    retraction.retract(here.vault, schema.load(here.vault), DATE, "raw/rance.md")
    transaction.finish(here.vault)
    before = here.picture()
    with pytest.raises(Failure, match="no source makes any more: ask again"):
        here.merge(rows([answer]), DATE)
    assert here.picture() == before


def test_what_is_overtaken_stands_below_with_a_mark(here):
    read(here, "update", UPDATE)
    here.keep()
    text = here.read(PAGE)
    assert "La Rance has a capacity of 320 MW." in here.lead()
    assert re.search(r"- \[\[La Rance\|La Rance\]\] has a capacity of 240 MW\.\[\^\w+\] \*\(capacity: 320 MW", text)


def test_what_cannot_both_be_so_stands_side_by_side(here):
    read(here, "against", AGAINST)
    here.keep()
    told = here.read(PAGE).partition("## Contradictions")[2]
    assert "240 MW" in told
    assert "280 MW" in told
    assert (here.front()["status"], here.codes(PAGE)) == ("contested", [])


def test_it_is_outdated_when_a_person_has_decided_what_it_calls_disputed(here):
    read(here, "against", AGAINST)
    here.keep()
    ids = [one.claim for one in here.ask().claims]
    with upkeep.upkeep(here.vault, schema.load(here.vault), DATE) as work:
        settling.settle(work, "La Rance", (ids[0], ids[1]))
    transaction.finish(here.vault)
    assert here.codes(PAGE) == ["outdated-answer"]
    here.keep(date="2026-06-03")
    assert here.codes(PAGE) == []


# What people do


def test_what_people_wrote_on_it_stays_when_it_is_asked_again(here):
    here.keep()
    here.write(PAGE, here.read(PAGE).replace("type: answer", "type: answer\nmood: calm") + "\n## Mine\n\nAsk EDF.\n")
    read(here, "update", UPDATE)
    here.keep(date="2026-06-02")
    assert "320 MW" in here.lead()
    assert here.read(PAGE).endswith("## Mine\n\nAsk EDF.\n") or "## Mine\n\nAsk EDF.\n" in here.read(PAGE)
    assert here.front()["mood"] == "calm"


def test_a_lead_that_a_person_wrote_stays_and_the_new_claims_stand_below_it(here):
    here.keep()
    text = here.read(PAGE)
    here.write(PAGE, text.replace("La Rance|La Rance", "La Rance").replace(" has a capacity of", " gives"))
    read(here, "update", UPDATE)
    here.keep(date="2026-06-02")
    assert "gives 240 MW" in here.lead()
    assert "La Rance has a capacity of 320 MW" in here.read(PAGE)


def test_a_claim_that_a_person_took_off_an_answer_does_not_come_back(here):
    read(here, "update", UPDATE)
    here.keep()
    text = here.read(PAGE)
    line = next(
        line for line in text.split("\n") if line.startswith("- [[La Rance|La Rance]] has a capacity of 240 MW.")
    )
    here.write(PAGE, text.replace(f"{line}\n", ""))
    here.keep(date="2026-06-02")
    assert line not in here.read(PAGE)


def on(here, words):
    """An answer to the same question that says just this."""
    rules = schema.load(here.vault)
    with wiki.open(here.vault) as catalogue:
        known = Knowledge(here.vault, catalogue, rules).all()
    one = next(one for one in known if words in one.claim.text)
    cited = Cited(
        claim=one.id, text=one.claim.text, source=one.claim.source, title=one.title, ledger=one.ledger,
        place=one.place, quote=one.claim.quote,
    )  # fmt: skip
    said = [SummarySentence(text=one.claim.text, claims=[one.id])]
    return Answer(question=QUESTION, language="en", date=DATE, sentences=said, claims=[cited])


def test_what_an_answer_no_longer_says_goes_and_may_come_back(here):
    for words, other in (("240 MW", "EDF"), ("EDF", "240 MW"), ("240 MW", "EDF")):
        here.merge(rows([on(here, words)]), DATE)
        assert words in here.lead()
        assert other not in here.read(PAGE)
    assert here.codes(PAGE) == []


def test_what_a_person_says_in_the_lead_keeps_its_evidence_whatever_is_answered_later(here):
    here.merge(rows([on(here, "240 MW")]), DATE)
    here.write(PAGE, here.read(PAGE).replace(" has a capacity of", " is built for", 1))
    here.merge(rows([on(here, "EDF")]), "2026-05-03")
    assert re.search(r"is built for 240 MW\.\[\^\w+\]", here.read(PAGE))
    assert "belongs to EDF" in here.read(PAGE)
    assert here.codes(PAGE) == []


def test_a_page_that_was_renamed_is_still_the_page_of_its_question(here):
    here.keep()
    with upkeep.upkeep(here.vault, schema.load(here.vault), DATE) as work:
        renaming.rename(work, QUESTION, "Capacity of the plant")
    transaction.finish(here.vault)
    read(here, "update", UPDATE)
    here.keep(date="2026-06-02")
    assert not (here.folder / PAGE).exists()
    assert "320 MW" in here.lead("wiki/answers/Capacity of the plant.md")
    assert "[[Capacity of the plant" in here.read(TOPIC)
    assert "broken-link" not in here.codes()


def test_an_answer_that_a_person_deleted_comes_back_when_it_is_asked_and_kept_again(here):
    here.keep()
    (here.folder / PAGE).unlink()
    assert "withheld-page" not in here.codes()
    with wiki.open(here.vault) as catalogue, pytest.raises(Failure, match="was an answer: ask the question again"):
        restoration.restored(
            here.vault, catalogue, schema.load(here.vault), "What capacity has La Rance", None, lambda *_: "entity"
        )
    here.keep()
    assert here.lead() == "La Rance has a capacity of 240 MW."


@pytest.mark.parametrize("verb", ["unite", "split"])
def test_an_answer_is_neither_united_nor_split(here, verb):
    here.keep()
    before = here.picture()
    done = {
        "unite": lambda work: uniting.unite(work, "La Rance", "What capacity has La Rance"),
        "split": lambda work: splitting.split(work, PAGE, Split(title="New", claims=["0" * 12], path=PAGE)),
    }
    with upkeep.upkeep(here.vault, schema.load(here.vault), DATE) as work, pytest.raises(Failure, match="answer"):
        done[verb](work)
    assert here.picture() == before


# What happens later


def test_it_is_outdated_when_a_claim_of_it_is_overtaken(here):
    here.keep()
    read(here, "update", UPDATE)
    assert here.front()["status"] == "outdated"
    assert "outdated-answer" in here.codes(PAGE)
    here.keep(date="2026-06-02")
    assert here.front()["status"] == "current"
    assert "outdated-answer" not in here.codes(PAGE)


def test_it_is_outdated_when_a_claim_of_it_is_disputed(here):
    here.keep()
    read(here, "against", AGAINST)
    assert here.front()["status"] == "outdated"


def test_it_is_outdated_when_its_source_says_it_no_more(here):
    here.keep()
    read(here, "rance", RANCE.replace("240 MW", "250 MW"))
    assert here.front()["status"] == "outdated"
    assert "outdated-answer" in here.codes(PAGE)
    assert not {"missing-source", "quote-not-found", "broken-link"} & set(here.codes())


def test_what_is_outdated_by_hand_is_seen_too(here):
    here.keep()
    read(here, "update", UPDATE)
    here.write(PAGE, here.read(PAGE).replace("status: outdated", "status: current"))
    assert "outdated-answer" in here.codes(PAGE)


def test_an_answer_on_nothing_but_a_source_that_is_taken_back_goes_with_it(here):
    here.keep()
    retraction.retract(here.vault, schema.load(here.vault), DATE, "raw/rance.md")
    transaction.finish(here.vault)
    assert not (here.folder / PAGE).exists()
    assert "What capacity" not in here.read("wiki/index.md")


def test_an_answer_on_two_sources_keeps_what_the_other_says_and_is_outdated(here):
    read(here, "update", UPDATE)
    here.keep()
    retraction.retract(here.vault, schema.load(here.vault), "2026-06-02", "raw/rance.md")
    transaction.finish(here.vault)
    assert "320 MW" in here.read(PAGE)
    assert "240 MW" not in here.read(PAGE)
    assert "outdated-answer" in here.codes(PAGE)
    assert not {"missing-source", "quote-not-found", "broken-link"} & set(here.codes())


def test_the_run_that_kept_it_can_be_taken_back(here):
    here.write("schema.yaml", here.read("schema.yaml") + "git: {commit: true}\n")
    for command in (["init", "-q"], ["config", "user.name", "a"], ["config", "user.email", "a@b.c"], ["add", "."]):
        git.run(here.folder, *command)
    git.run(here.folder, "commit", "-qm", "a")
    before = {path: text for path, text in here.picture().items() if path.name != "log.md"}
    here.keep()
    reversal.undo(here.vault, schema.load(here.vault), DATE)
    after = {path: text for path, text in here.picture().items() if path.name != "log.md"}
    assert after == before
    assert here.log()[-1].startswith("undo")


# It is no evidence


def test_no_later_answer_rests_on_it_and_nothing_is_linked_to_it(here):
    here.keep()
    assert [one.ledger for one in here.ask("What is the capacity of La Rance?").claims] == ["wiki/sources/la-rance.md"]
    read(here, "more", "# More\n\nWhat capacity has La Rance is asked often. La Rance has sluices.\n")
    told = [path for path in (here.folder / "wiki").rglob("*.md") if "answers" not in path.parts]
    links = [line for path in told for line in path.read_text().split("\n") if "[[What capacity" in line]
    assert all(line.startswith(("- [[", "\t- ")) for line in links)


def test_link_adds_nothing_to_it_though_a_source_speaks_of_just_that(here):
    here.keep()
    before = here.read(PAGE)
    here.write(
        "raw/same.md", "# What capacity has La Rance\n\nWhat capacity has La Rance is a question of engineers.\n"
    )
    planned = here.linked("raw/same.md")
    assert [row.data["path"] for row in planned if row.kind == "page" and "answers" in row.data["path"]] == []
    here.merge(planned, "2026-06-01")
    assert here.read(PAGE) == before


def test_no_name_finds_it(here):
    here.keep("La Rance capacity in MW")
    with wiki.open(here.vault) as catalogue:
        assert catalogue.page("wiki/answers/La Rance capacity in MW.md") is not None
        assert catalogue.weaving(names.normal("La Rance capacity in MW")) is None
        assert [key for key in names.keys("La Rance capacity in MW") if catalogue.page_by_key(key)] == []


def test_its_lead_is_not_written_anew_behind_its_back(here):
    here.keep()
    here.write(PAGE, here.read(PAGE).replace("lead_of: sha-", "lead_of: sha-0"))
    assert [page.path for page in here.outdated()] == []


def test_the_index_is_what_it_would_be_if_it_were_made_anew(here):
    here.keep()
    with wiki.open(here.vault) as catalogue:
        assert contents.updates(here.vault, catalogue, schema.load(here.vault)) == {}


def test_a_source_that_is_read_again_in_other_words_outdates_it_and_leaves_nothing_broken(here):
    here.keep()
    with scripted.server(scripted.paraphrasing) as url:
        standing = here.read("schema.yaml")
        scripted.use(here.folder, url)
        rules = schema.load(here.vault)
        engine = engines.load(rules, here.vault, say=lambda _: None, fresh=True)
        here.ingest("raw/rance.md", "2026-06-01", engine, again=True)
        here.write("schema.yaml", standing)
    assert "comes with a capacity of 240 MW" in here.read(TOPIC)
    assert here.front()["status"] == "outdated"
    assert not {"missing-source", "quote-not-found", "broken-link", "invalid-front-matter"} & set(here.codes())
    here.keep("What capacity has La Rance?", date="2026-06-02")
    assert here.front()["status"] == "current"
    assert "outdated-answer" not in here.codes(PAGE)


def test_what_is_related_to_it_follows_pages_that_are_united(here):
    here.keep("Which capacity has Sihwa Lake?")
    with upkeep.upkeep(here.vault, schema.load(here.vault), DATE) as work:
        uniting.unite(work, "La Rance", "Sihwa Lake")
    transaction.finish(here.vault)
    text = here.read("wiki/answers/Which capacity has Sihwa Lake.md")
    assert "[[Sihwa Lake" not in text
    assert "[[La Rance" in text
    assert "[[Which capacity has Sihwa Lake" in here.read(TOPIC)
    assert not {"missing-source", "quote-not-found", "broken-link"} & set(here.codes())
    # Of one thing 240 and 254 MW cannot both be so.
    assert "outdated-answer" in here.codes()


def test_its_footnotes_follow_a_source_in_which_lines_are_added(here):
    here.keep()
    read(here, "rance", RANCE.replace("# La Rance\n", "# La Rance\n\nLa Rance has a lock for ships.\n"))
    assert "]], line 6: " in here.read(PAGE)
    assert here.codes(PAGE) == []
    assert here.front()["status"] == "current"
