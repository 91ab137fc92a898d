"""The loss report: what it lets pass, what it names, and on which line. (Whole runs: see tests/mutations.)"""

from __future__ import annotations

import pytest
import small_wiki
from small_wiki import ID, INDEX

from quern import claims, pages
from quern.updates import losses

# The claims of that wiki have ids made up; here the words of a bullet must be those of its claim.
OTHER = claims.claim_id("It lies near the Barrage.", "La Rance lies near the Barrage.")
LA_RANCE, LEDGER = (text.replace(small_wiki.OTHER, OTHER) for text in (small_wiki.LA_RANCE, small_wiki.LEDGER))
SLUG = "tides-of-brittany"
BULLET = f"- La Rance lies near the [[Barrage]].[^{OTHER}]"
NOTE = next(line for line in LA_RANCE.split("\n") if line.startswith(f"[^{OTHER}]:"))
# The lead's stamp is not of its words, so a person wrote it; this one is ours.
OURS = LA_RANCE.replace("sha-000000000000", pages.lead_hash("La Rance opened in 1966."))


def on_topic(before, after, **duty):
    owed = {"wanted": (), "gone": (), "barred": (), "named": ()} | duty
    return list(losses.on_topic(pages.parse(before), pages.parse(after), losses.Duty(**owed)))


@pytest.mark.parametrize(
    ("before", "after", "duty"),
    [
        (LA_RANCE, LA_RANCE, {}),
        (LA_RANCE, LA_RANCE.replace(BULLET, f"{BULLET}[^5d0e8c1b2a34]"), {}),
        (LA_RANCE, LA_RANCE.replace(BULLET, f"{BULLET} *(overtaken[^{ID}])*"), {}),
        (LA_RANCE, LA_RANCE.replace("[Rance barrage]", "[Rance barrage, Rance]").replace("claims: 2", "claims: 3"), {}),
        (LA_RANCE, LA_RANCE.replace(NOTE, NOTE + ' · [[b#^x|B]], line 1: "x"'), {}),
        (LA_RANCE, "\n".join(line for line in LA_RANCE.split("\n") if OTHER not in line),
         {"gone": [(OTHER, SLUG)], "named": [OTHER]}),
        (OURS, OURS.replace("La Rance opened in 1966.[", f"La Rance is new.[^{OTHER}] Opened in 1966.["), {}),
        ("\ufeff# A\n\nmine\n", "\ufeff---\nclaims: 1\n---\n\n# A\n\nmine\n", {}),
        ("# A\r\n\r\nmine\r\n", "# A\r\n\r\nmine\r\n\r\n## Facts\r\n", {}),
        ("# A\n\n## Facts\n\n- mine\n", "# A\n\n- mine\n", {}),
    ],
)  # fmt: skip
def test_what_a_run_may_do_passes(before, after, duty):
    assert on_topic(before, after, **duty) == []


@pytest.mark.parametrize(
    ("before", "after", "duty", "line", "says"),
    [
        (LA_RANCE, LA_RANCE.replace(BULLET, ""), {}, 1, f"merge would lose 1 of its claims: {OTHER}"),
        (LA_RANCE, LA_RANCE.replace(BULLET, ""), {"gone": [(OTHER, SLUG)]}, 1, "merge would lose 1 of its claims"),
        (LA_RANCE, LA_RANCE, {"gone": [(OTHER, SLUG)], "named": [OTHER]}, 1, "merge would keep claims"),
        (LA_RANCE, LA_RANCE, {"wanted": [(OTHER, "b")]}, 1, "merge would leave out 1 of the new claims"),
        (LA_RANCE, LA_RANCE, {"barred": [(OTHER, SLUG)]}, 1, "merge would bring back claims that a person has taken"),
        (LA_RANCE, LA_RANCE.replace("lies near", "stands near"), {}, 19, f"merge would lose words: {BULLET[:60]}"),
        (LA_RANCE, LA_RANCE.replace("opened in 1966.[", "was opened.["), {}, 15, "merge would put another lead"),
        (LA_RANCE, LA_RANCE.replace("[Rance barrage]", "[Rance]"), {}, 1, "what a person wrote in the front matter: a"),
        ("---\nrating: 5\n---\n# A\n", "---\nrating: 6\n---\n# A\n", {}, 1, "wrote in the front matter: rating"),
        ("---\ntitle: A\n---\n# A\n", "# A\n", {}, 1, "wrote in the front matter: title"),
        (LA_RANCE.replace(NOTE, NOTE + " I doubt it"), LA_RANCE, {}, 22, "merge would lose words: I doubt it"),
        ("# A\n\nL.\n\nsame\n\nsame\n", "# A\n\nL.\n\nsame\n", {}, 5, "merge would lose words: same"),
        ("# A\n\nL.\n\n## My visits\n", "# A\n\nL.\n", {}, 5, "merge would lose words: ## My visits"),
    ],
)
def test_what_a_run_may_not_do_is_named_with_its_line(before, after, duty, line, says):
    first = on_topic(before, after, **duty)[0]
    assert (first.line, says in first.message) == (line, True), first


def test_an_edited_bullet_stays_even_if_its_claim_goes():
    before = LA_RANCE.replace("lies near", "stands near")
    gone = {"gone": [(OTHER, SLUG)], "named": [OTHER]}
    without = "\n".join(line for line in before.split("\n") if OTHER not in line)
    [problem] = on_topic(before, without, **gone)
    assert problem.message.startswith("merge would lose words: - La Rance stands near")
    kept = without.replace("## Facts\n", "## Facts\n\n- La Rance stands near the [[Barrage]].")
    assert on_topic(before, kept, **gone) == []


def on_ledger(after, retired=(), before=LEDGER):
    return [found.message for found in losses.on_ledger(pages.parse(before), pages.parse(after), retired)]


def test_a_source_page_may_lose_what_is_retired_and_nothing_else():
    item = LEDGER[LEDGER.index("- La Rance lies near") :]
    assert on_ledger(LEDGER) == []
    assert on_ledger(LEDGER.replace("[[La Rance]], [[Barrage]]", "[[La Rance]], [[Barrage]], [[Tides]]")) == []
    assert on_ledger(LEDGER.replace(item, "")) == [f"merge would lose claim {OTHER}"]
    assert on_ledger(LEDGER.replace("[[La Rance]], [[Barrage]]", "[[La Rance]]")) == [
        f"merge would forget a page that claim {OTHER} went to"
    ]
    assert on_ledger(LEDGER.replace("- La Rance lies", "- It lies"))[0] == f"merge would change claim {OTHER}"
    mine = LEDGER.replace("- La Rance lies near", "- La Rance stands near")
    assert on_ledger(mine.replace(item.replace("lies", "stands", 1), ""), [OTHER], mine) == [
        f"merge would lose words: - La Rance stands near the Barrage. ^{OTHER}"
    ]


def test_what_a_person_wrote_in_an_index_stays():
    mine = INDEX.replace("# Index\n", "# Index\n\nBegin here.\n")
    assert list(losses.on_index(mine, mine.replace("- [[La Rance]]: La Rance opened in 1966. · 1 source\n", ""))) == []
    assert list(losses.on_index(mine, INDEX)) == [(3, "would lose words: Begin here.")]
