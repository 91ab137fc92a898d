"""What lint found is put right where nothing is to be decided; all else stays, byte for byte."""

from __future__ import annotations

import difflib
import json

import pytest
from small_wiki import BARRAGE, FILES, INDEX, LA_RANCE, LOG, lay
from small_wiki import OTHER as ID

from quern import checks, jsonl, mending, schema, wiki
from quern.claims import claim_id
from quern.records import Mend
from quern.updates import merging, transaction
from quern.vault import Vault

DATE = "2026-06-01"
PAGE, OTHER = "wiki/entities/La Rance.md", "wiki/concepts/Barrage.md"


def noted(text, page=BARRAGE):
    """The page with a section of a person's own."""
    return page.replace("## Facts", f"## Mine\n\n{text}\n\n## Facts")


class Wiki:
    def __init__(self, folder, files):
        lay(folder, FILES)
        lay(folder, files)
        self.vault = Vault(folder)
        self.schema = schema.load(self.vault)

    def found(self):
        with wiki.open(self.vault) as catalogue:
            return checks.check_vault(self.vault, catalogue, self.schema, hints=True)

    def records(self, found=None):
        rows = [jsonl.Row("", 0, json.loads(jsonl.encode(one))) for one in found or self.found()]
        with wiki.open(self.vault) as catalogue:
            return list(mending.mend(rows, self.vault, catalogue, self.schema))

    def mends(self):
        return [(one.sort, one.line, one.old, one.new) for one in self.records() if isinstance(one, Mend)]

    def merge(self, records):
        rows = [
            one if isinstance(one, jsonl.Row) else jsonl.Row("", 0, json.loads(jsonl.encode(one))) for one in records
        ]
        made = list(merging.merge(rows, self.vault, self.schema, DATE))
        transaction.finish(self.vault)
        return [one for one in made if not isinstance(one, jsonl.Row)]

    def texts(self):
        return {
            path.relative_to(self.vault.root).as_posix(): path.read_text() for path in self.vault.wiki.rglob("*.md")
        }

    def mended(self):
        """The lines that mending changes, (before, after)."""
        before = self.texts()
        self.merge(self.records())
        after = self.texts()
        pairs = []
        for path in sorted(before):
            lines = [before[path].split("\n"), after[path].split("\n")]
            for tag, i, j, k, n in difflib.SequenceMatcher(None, *lines, autojunk=False).get_opcodes():
                if tag != "equal":
                    pairs += zip(lines[0][i:j], lines[1][k:n], strict=True)
        return pairs


@pytest.fixture
def of(vault):
    return lambda files: Wiki(vault, files)


RENAMED = (
    LOG
    + "\n## [2026-05-03] rename | Old weir -> Weir of old\n\n- renamed: [[Weir of old]] (aa)\n"
    + ("\n## [2026-05-04] rename | Weir of old -> Barrage\n\n- renamed: [[Barrage]] (bb)\n")
)


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        ("A [[Rance barrage]].", "A [[La Rance|Rance barrage]]."),
        ("A [[the Rance Barrage|dam]].", "A [[La Rance|dam]]."),
        ("A [[rance barrage#Facts]].", "A [[La Rance#Facts|rance barrage#Facts]]."),
        ("A [[people/La Rance]].", "A [[La Rance|people/La Rance]]."),
        ("A [[people/La Rance.md|dam]].", "A [[La Rance.md|dam]]."),
        ("A [dam](Rance%20barrage.md#Facts).", "A [dam](../entities/La%20Rance.md#Facts)."),
        ("![[Rance barrage]]", "![[La Rance]]"),
        ("| a |\n| - |\n| [[Rance barrage]] |", "| a |\n| - |\n| [[La Rance\\|Rance barrage]] |"),
    ],
)
def test_a_link_to_a_page_of_another_name_or_place_is_led_there(of, written, becomes):
    here = of({OTHER: noted(written)})
    here.merge(here.records())
    assert here.texts()[OTHER] == noted(becomes)
    assert here.records() == []


def test_a_name_that_only_the_log_remembers(of):
    here = of({PAGE: noted("See [[Old weir]].", LA_RANCE), "log.md": RENAMED})
    assert here.mends() == [("target", 19, "Old weir", "Barrage")]


@pytest.mark.parametrize(
    "written",
    [
        "[[Nobody knows]]", "[[La Rance#Gone]]", "![[gone.png]]", "`[[Rance barrage]]`", "[[link]]",
        "The rance barrage is named here, in words of a person.",
    ],
)  # fmt: skip
def test_what_a_person_must_decide_stays(of, written):
    here = of({OTHER: noted(written, BARRAGE.replace("[[La Rance]]", "[[La Rance|La Rance]]"))})
    before = here.texts()
    assert here.mends() == []
    assert here.merge(here.records()) == []
    assert here.texts() == before


def test_a_name_that_two_pages_have_is_nobodys(of):
    twin = "wiki/concepts/Weir.md"
    here = of(
        {OTHER: noted("[[Rance barrage]]"), twin: "---\ntitle: Weir\naliases: [Rance barrage]\n---\n[[Barrage]]\n"}
    )
    assert here.mends() == []


TRUE = claim_id("It lies near the Barrage.", "La Rance lies near the Barrage.")


def test_of_two_files_of_one_name_none_is_the_one_that_moved(of):
    here = of({OTHER: noted("[[people/La Rance]]"), "wiki/rivers/La Rance.md": "A river. [[Barrage]]\n"})
    assert here.mends() == []


def test_names_in_our_sentences_become_links_and_their_claims_stay_what_they_were(of):
    files = {path: text.replace(ID, TRUE) for path, text in FILES.items()}
    here = of(files | {PAGE: files[PAGE].replace("[[Barrage]]", "Barrage")})
    assert here.mended() == [
        (f"- La Rance lies near the Barrage.[^{TRUE}]", f"- La Rance lies near the [[Barrage|Barrage]].[^{TRUE}]")
    ]
    assert here.found() == []


def test_a_sentence_that_a_person_changed_is_theirs_to_link(of):
    changed = LA_RANCE.replace("lies near the [[Barrage]]", "lies quite near the Barrage")
    here = of({PAGE: changed})
    assert "unlinked-mention" in {one.code for one in here.found()}
    assert here.mends() == []


def test_counts(of):
    wrong = LA_RANCE.replace("sources: 1", "sources: 4 # of them").replace("claims: 2", 'claims: "7"')
    here = of({PAGE: wrong})
    assert here.mended() == [("sources: 4 # of them", "sources: 1 # of them"), ('claims: "7"', "claims: 2")]
    assert here.records() == []


def test_what_is_wrong_in_the_index_is_left_to_index_and_passed_on_by_nobody(of):
    here = of({"wiki/index.md": INDEX.replace("· 1 source", "· 9 sources") + "\n- [[Gone]]\n"})
    assert {one.code for one in here.found()} == {"index-drift", "index-without-page"}
    assert here.records() == []


def test_the_log_tells_of_it_once(of):
    here = of({OTHER: noted("[[Rance barrage]]"), PAGE: LA_RANCE.replace("claims: 2", "claims: 3")})
    changes = here.merge(here.records())
    assert [(change.op, change.path) for change in changes] == [("update", OTHER), ("update", PAGE)]
    assert here.vault.log.read_text().count("## [2026-06-01] mend | 1 link, 1 count\n") == 1
    assert here.merge(here.records(here.found())) == []


def test_a_page_that_changed_meanwhile_stays_as_it_is(of, capsys):
    here = of({OTHER: noted("[[Rance barrage]]"), PAGE: LA_RANCE.replace("claims: 2", "claims: 3")})
    records = here.records()
    lay(
        here.vault.root,
        {OTHER: noted("Another line.\n\n[[Rance barrage]]"), PAGE: LA_RANCE.replace("claims: 2", "claims: 5")},
    )
    before = here.texts()
    assert here.merge(records) == []
    assert here.texts() == before
    said = capsys.readouterr().err
    assert "'Rance barrage' stands there no more: left as it is" in said
    assert "'claims: 3' stands there no more: left as it is" in said


def test_a_page_that_is_gone_by_then_is_left(of, capsys):
    here = of({PAGE: LA_RANCE.replace("claims: 2", "claims: 3")})
    records = here.records()
    lay(here.vault.root, {PAGE: None})
    assert here.merge(records) == []
    assert f"{PAGE}: is no page: left as it is" in capsys.readouterr().err


def test_what_is_no_finding_passes(of):
    here = of({})
    rows = [jsonl.Row("", 0, {"kind": "song", "la": None})]
    with wiki.open(here.vault) as catalogue:
        assert list(mending.mend(rows, here.vault, catalogue, here.schema)) == rows


@pytest.mark.parametrize("path", ["log.md", "../x.md", "raw/tides.md", "schema.yaml"])
def test_only_pages_are_mended(of, path, capsys):
    here = of({"log.md": LOG + "\n[[Gone]]\n"})
    before = {path: path.read_bytes() for path in here.vault.root.rglob("*") if path.is_file()}
    one = Mend(path=path, line=7, sort="target", old="Gone", new="Barrage")
    assert here.merge([one]) == []
    assert {path: path.read_bytes() for path in before} == before
    assert f"{path}: is no page: left as it is" in capsys.readouterr().err
