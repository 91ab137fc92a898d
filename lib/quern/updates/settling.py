"""A person decides of two claims that contradict each other; the page says so, and it is asked no more."""

from __future__ import annotations

from quern import pages
from quern.program import Failure
from quern.records import Change
from quern.updates import grounds, losses, topic
from quern.updates.upkeep import Course, Upkeep, orders


def settle(work: Upkeep, page: str, pair: tuple[str, str], keep: str | None = None) -> list[Change]:
    """Settle how two claims of a page (ids, or how these begin) stand to each other: both stand, or one overtakes.

    `keep`: the one that is right; the other keeps its sentence, and a mark that cites it. None: both are right.
    Returns the change of the page. Raises Failure if the page does not cite both.
    """
    path = work.asked(page)
    document = work.read(path)
    sides = [_claim(document, path, id_) for id_ in pair]
    if sides[0] == sides[1]:
        raise Failure(f"{pair[0]} and {pair[1]} are one claim", path)
    kept = None if keep is None else _claim(document, path, keep)
    if kept is not None and kept not in sides:
        raise Failure(f"{keep} is neither {pair[0]} nor {pair[1]}", path)
    projection = topic.Projection(document, lambda text, _: text, orders(work.catalogue, document.claims).get)
    projection.settle(sides, kept)
    lines = projection.lines([])
    front: dict[str, pages.Value] = {"settled": projection.settled(), "updated": work.date}
    if document.front_values.get("status") == "contested" and not projection.is_contested:
        front["status"] = "current"
    if projection.lead_written:
        front["lead"] = projection.lead_hash()
    made = pages.parse(pages.join(document, pages.with_front(document, front, lines)))
    named = {*projection.outcome.superseded, *projection.outcome.moved}
    duty = losses.Duty(wanted=grounds.evidence_on(document), gone=(), barred=(), named=named)
    # What is set here is no loss; but whose lead it was, the page as it stands tells.
    standing = pages.set_front(document, {key: value for key, value in front.items() if key != "lead"})
    losses.refuse(path, losses.on_topic(standing, made, duty))
    work.write(path, made)
    work.tell(path, "update", made, superseded=projection.outcome.superseded, moved=projection.outcome.moved)
    return work.decide("settle", made.title, Course(work.catalogue, {}), {})


def _claim(document: pages.Document, path: str, given: str) -> str:
    """The claim of a page that this is, or begins."""
    found = [id_ for id_ in document.claims if id_.startswith(given)]
    if len(given) < 4 or len(found) != 1:
        wrong = (
            "cites no claim" if not found else "cites several claims" if len(given) >= 4 else "say more of the claim"
        )
        raise Failure(f"{wrong} {given}: its ids are in its footnotes, and in what bin/why says", path)
    return found[0]
