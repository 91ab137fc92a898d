"""Sentences that two claims share, when the one whose words they are is taken back."""

from __future__ import annotations

import pytest

from quern import claims, pages, wiki
from quern.updates.restating import Restating
from quern.vault import Vault

HERS, HIS, BOTH = "La Rance has 24 turbines.", "La Rance also has 24 turbines.", "The plant has turbines."
A, B = claims.claim_id(HERS, HERS), claims.claim_id(HIS, HIS)


def ledger(slug, id_, said):
    return (
        f"---\ntitle: {slug}\ntype: source\nsource: raw/{slug}.md\nid: {slug}0000\nsha256: x\n---\n\n# {slug}\n\n"
        f'## Claims\n\n- {said} ^{id_}\n\t- fact · line 1: "{said}" → [[La Rance]]\n'
    )


def page(body, lead=""):
    stamp = f"lead: {pages.lead_hash(lead)}\n" if lead else ""
    notes = f'[^{A}]: [[hers#^{A}|hers]], line 1: "{HERS}"\n[^{B}]: [[his#^{B}|his]], line 1: "{HIS}"\n'
    above = f"{lead}\n\n" if lead else ""
    return f"---\ntitle: La Rance\ntype: entity\n{stamp}---\n\n# La Rance\n\n{above}## Facts\n\n{body}\n{notes}"


@pytest.fixture
def restated(vault):
    """What a page says after the source of the first wording is taken back, and in whose words."""
    (vault / "wiki/sources").mkdir()
    (vault / "wiki/sources/hers.md").write_text(ledger("hers", A, HERS), encoding="utf-8")
    (vault / "wiki/sources/his.md").write_text(ledger("his", B, HIS), encoding="utf-8")

    def run(text, gone=(A,)):
        with wiki.open(Vault(vault)) as catalogue:
            made, said = Restating(catalogue, "hers0000", gone).restated(pages.parse(text), "La Rance")
        return pages.render(made), said

    return run


def test_a_bullet_takes_the_words_of_the_claim_that_stays(restated):
    text = page(f"- {HERS}[^{A}][^{B}]\n")
    assert restated(text) == (text.replace(f"- {HERS}", f"- {HIS}"), [B])


def test_its_marks_stay_behind_it(restated):
    text = page(f"- {HERS}[^{A}][^{B}] *(turbines: 20[^{B}])*\n")
    assert restated(text) == (text.replace(f"- {HERS}", f"- {HIS}"), [B])


def test_a_lead_of_ours_does_too_and_stays_ours(restated):
    lead = f"{HERS}[^{A}][^{B}] {BOTH}[^{B}]"
    made, said = restated(page("- x\n", lead))
    assert f"# La Rance\n\n{HIS}[^{A}][^{B}] {BOTH}[^{B}]\n" in made
    assert pages.parse(made).front_values["lead"] == pages.lead_hash(pages.parse(made).lead.text)
    assert said == [B]


def test_what_the_lead_says_then_is_not_said_again_below(restated):
    made, said = restated(page(f"- {HERS}[^{A}][^{B}]\n- x\n", f"{HIS}[^{B}]"))
    assert "## Facts\n\n- x\n" in made
    assert said == [B]


@pytest.mark.parametrize(
    "body",
    [
        f"- {HIS}[^{A}][^{B}]\n",
        f"- {HERS}[^{A}]\n",
        f"- A person's words.[^{A}][^{B}]\n",
        f"- {BOTH}[^{B}]\n",
    ],
    ids=["in the words of the one that stays", "of one claim alone", "edited", "put together from several"],
)
def test_other_sentences_stay_as_they_are(restated, body):
    assert restated(page(body)) == (page(body), [])


def test_a_persons_lead_stays_as_it_is(restated):
    text = page("- x\n", f"{HERS}[^{A}][^{B}]").replace("lead: sha-", "lead: sha-0")
    assert restated(text) == (text, [])


def test_nothing_gone_nothing_said(restated):
    text = page(f"- {HERS}[^{A}][^{B}]\n")
    assert restated(text, gone=()) == (text, [])
