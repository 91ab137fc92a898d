"""A judge in the mill: what the rules leave open `link` asks once; a judge that is silent stops the source."""

from __future__ import annotations

import json
import shutil

import mill
import pytest
import scripted

# It brings who judges; before that the rules read.
pytestmark = pytest.mark.own_reader

OLD = """\
# Plants

Sihwa Lake is a tidal power station in Korea. Sihwa Lake opened in 1966 with an installed capacity of 240 MW.
Sihwa Lake employs 28 people.
"""
NEW = """\
# News

Sihwa Lake has turbines whose capacity of 320 MW is installed under water. Sihwa Lake lies between Siheung and Ansan.
"""
PAGE = "wiki/entities/Sihwa Lake.md"


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """A vault that the rules have read a source into, and the records that a second is about to be linked from."""
    vault = mill.empty_vault(tmp_path_factory.mktemp("begun") / "vault")
    (vault / "raw/old.md").write_text(OLD, encoding="utf-8")
    mill.ingest(vault, "raw/old.md", "2026-04-02")
    (vault / "raw/new.md").write_text(NEW, encoding="utf-8")
    return vault, mill.run("extract", "raw/new.md", vault=vault).stdout


def linked(vault, claims, *arguments):
    return mill.run("link", *arguments, vault=vault, stdin=claims)


def records(done, kind):
    return [record for line in done.stdout.splitlines() if (record := json.loads(line))["kind"] == kind]


def pages(done):
    return records(done, "page")


def test_a_contradiction_that_a_judge_finds_is_on_the_page_with_both_sources(begun, tmp_path):
    vault, claims = shutil.copytree(begun[0], tmp_path / "vault"), begun[1]
    with scripted.server() as url:
        scripted.use(vault, url)
        shown = linked(vault, claims, "--show-prompt")
        assert (shown.returncode, url.asked) == (0, [])
        assert shown.stdout.startswith(b"=== system\nquern judge-1\n")
        assert b"320 MW is installed under water" in shown.stdout
        done = linked(vault, claims)
        assert (done.returncode, len(url.asked)) == (0, 1), done.stderr.decode()
        assert all(message["content"].encode() in shown.stdout for message in url.asked[0].messages)
        assert pages(linked(vault, claims)) == pages(done)
        assert len(url.asked) == 1
        assert linked(vault, claims, "--fresh").returncode == 0
        assert len(url.asked) == 2
    (relation,) = [one for page in pages(done) for one in page["relations"]]
    assert (relation["relation"], relation["decided_by"].split(":")[0]) == ("contradicts", "judge")
    (usage,) = records(done, "usage")
    assert (usage["stage"], usage["calls"]) == ("link", 1)
    calls = [json.loads(line) for line in (vault / ".cache/calls.jsonl").read_text().splitlines()]
    assert {call["role"] for call in calls if call["stage"] == "link"} == {"judge"}
    (vault / "schema.yaml").write_bytes((begun[0] / "schema.yaml").read_bytes())
    mill.shell(mill.stages(("summarize",)) + " | " + mill.stages(mill.WRITING), vault, stdin=done.stdout)
    page = (vault / PAGE).read_text(encoding="utf-8")
    assert f"- capacity: 320 MW[^{relation['claim']}]" in page
    assert f"- capacity: 240 MW[^{relation['other']}]" in page
    assert f"[^{relation['claim']}]: [[news#^" in page
    assert f"[^{relation['other']}]: [[plants#^" in page


def test_a_judge_that_cannot_be_asked_stops_the_source_and_nothing_of_it_is_written(begun, tmp_path):
    vault, claims = shutil.copytree(begun[0], tmp_path / "vault"), begun[1]
    before = mill.picture(vault)
    with scripted.server(scripted.faulty("refusing")) as url:
        scripted.use(vault, url)
        done = linked(vault, claims)
        assert done.returncode == 2
        (vault / "schema.yaml").write_bytes((begun[0] / "schema.yaml").read_bytes())
        mill.shell(mill.stages(("summarize", "merge")), vault, stdin=done.stdout)
    assert {path: data for path, data in mill.picture(vault).items() if path.startswith("wiki/")} == {
        path: data for path, data in before.items() if path.startswith("wiki/")
    }


def test_the_rules_have_no_prompt_to_show_and_know_of_no_model(begun):
    vault, claims = begun
    imported = mill.run("link", vault=vault, stdin=claims, PYTHONPROFILEIMPORTTIME="1").stderr
    assert b"quern.linking" in imported
    assert b"quern.models" not in imported
    assert b"quern.engines.llm" not in imported
    done = linked(vault, claims, "--show-prompt")
    assert done.returncode == 2
    assert b"no prompt to show" in done.stderr
