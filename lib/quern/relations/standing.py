"""The claims that stand on a page, found by what they speak of: a new claim is compared only with those."""

from __future__ import annotations

import heapq
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from quern.relations import lexis
from quern.relations.comparison import Conflict, agree_on_date, alike, conflict, replaces, said_too
from quern.relations.statements import Statement, keyed, statements
from quern.relations.tokens import figures, mentions, stems
from quern.relations.told import Told, Verdict
from quern.relations.wording import same, stem

_STATES_NOTHING = frozenset({"question", "task"})
_Found = tuple[Conflict, Statement, Statement]
_NO_FACT = frozenset({"opinion", "procedure"})
_MOST_COMPARED = 100  # claims of a page with which a new one is compared
_LEAST_IN_SERIES = 3  # dated values, from which an attribute is a series


@dataclass(frozen=True, slots=True)
class _Words:
    """By what a claim is found: the stems of its words, its figures, and the roles of which it speaks."""

    stems: frozenset[str]
    figures: frozenset[str]
    roles: frozenset[str]

    @classmethod
    def of(cls, claim: Told, called: tuple[str, ...]) -> _Words:
        found = stems(claim.text, claim.language) - _of_names(called, claim.language)
        roles = lexis.of_roles(claim.language)
        return cls(found, figures(claim.text, claim.language), frozenset(roles[key] for key in roles.keys() & found))

    def keys(self) -> frozenset[str]:
        """What it is filed under; what has no words is filed under ""."""
        return (self.stems or frozenset({""})) | self.figures | self.roles

    def may_meet(self, other: _Words, shared: int) -> bool:
        """Whether two claims with so many stems in common may have to do with each other: both give a figure, or say
        who holds a role; else they must have most words in common.
        """
        if (self.figures and other.figures) or self.roles & other.roles:
            return True
        return 2 * shared >= min(len(self.stems), len(other.stems))


class Standing:
    """The claims of one page.

    `called`: the names of the page (title and aliases). `volatile`, `series`: words for attributes that change, and
    for those whose values are a series of dated values, beside the ones that quern knows.
    """

    def __init__(
        self,
        claims: Iterable[Told] = (),
        called: Collection[str] = (),
        *,
        volatile: Collection[str] = (),
        series: Collection[str] = (),
    ) -> None:
        self._called = tuple(sorted(called))
        self._volatile = frozenset(volatile)
        self._series = frozenset(series)
        self._told: dict[str, Told] = {}
        self._order: dict[str, int] = {}
        self._words: dict[str, _Words] = {}
        self._by_key: dict[str, list[str]] = defaultdict(list)
        for claim in claims:
            self.add(claim)

    def add(self, claim: Told) -> None:
        """Let a claim stand; one that stands already is not added again."""
        if claim.id in self._told:
            return
        self._order[claim.id] = len(self._told)
        self._told[claim.id] = claim
        self._words[claim.id] = words = _Words.of(claim, self._called)
        for key in words.keys():  # noqa: SIM118 - not a mapping
            self._by_key[key].append(claim.id)

    def relate(self, new: Told) -> list[Verdict]:
        """How a new claim stands to those of the page: at most one verdict for each, in the order in which these were
        added. The new claim is not added.
        """
        near = self.near(new)
        found: dict[str, Verdict] = {}
        for old in near:
            verdict = relate(new, old, self._called, volatile=self._volatile)
            if verdict is not None:
                found[old.id] = verdict
        for verdict in self._in_series(new, near):
            if found.get(verdict.other, verdict).relation != "same":
                found[verdict.other] = verdict
        return [found[old.id] for old in near if old.id in found]

    def near(self, new: Told) -> list[Told]:
        """What a new claim is compared with: at most so many claims, those that share most with it, the rarest first.

        Their number does not depend on how many claims there are, for to take a sentence apart takes a while.
        """
        own = _Words.of(new, self._called)
        posted = {key: self._by_key[key] for key in sorted(own.keys() & self._by_key.keys())}
        shared: Counter[str] = Counter()
        worth: dict[str, int] = defaultdict(int)
        for key, ids in posted.items():
            if key not in own.figures:
                shared.update(ids)
            weight = len(self._told) // len(ids)
            if weight > 1:  # what most claims have tells none from another
                for id_ in ids:
                    worth[id_] += weight
        shared.pop(new.id, None)
        near = [id_ for id_, count in shared.items() if own.may_meet(self._words[id_], count)]
        if len(near) > _MOST_COMPARED:
            near = heapq.nsmallest(_MOST_COMPARED, near, key=lambda id_: (-worth.get(id_, 0), self._order[id_]))
        return [self._told[id_] for id_ in sorted(near, key=self._order.__getitem__)]

    def _in_series(self, new: Told, near: Sequence[Told]) -> Iterator[Verdict]:
        """The other members of the series that a new claim makes or goes on with."""
        if not _comparable(new, new):
            return
        for own in statements(new.text, new.language, self._called):
            declared = bool(own.words & _stems_of_words(self._series, new.language))
            day = _dated(own, new, declared)
            if own.kind not in ("measure", "name") or own.unsure or not day:
                continue
            members = [
                (old, other, date)
                for old in near
                if _comparable(new, old)
                for other in statements(old.text, old.language, self._called)
                if alike(own, other) and (date := _dated(other, old, declared)) and date != day
            ]
            if declared or len({day, *(date for _, _, date in members)}) >= _LEAST_IN_SERIES:
                for old, other, date in members:
                    newer = new.id if day > date else old.id
                    yield Verdict(
                        "series", new.id, old.id, own.label, own.shown, other.shown, day, date, newer, "dates"
                    )


def relate(new: Told, old: Told, called: Collection[str] = (), *, volatile: Collection[str] = ()) -> Verdict | None:
    """How one claim stands to another on a page that is `called` so; None if nothing is to be said.

    A relation of two claims alone is never `series`: that takes three (see Standing).
    """
    if _is_same(new, old):
        return Verdict("same", new.id, old.id, decided_by="wording")
    if not _comparable(new, old):
        return None
    names = tuple(sorted(called))
    ours, theirs = keyed(new.text, new.language, names), keyed(old.text, old.language, names)
    found: list[_Found] = [
        (kind, a, b)
        for key in ours.keys() & theirs.keys()
        for a in ours[key]
        for b in theirs[key]
        if (kind := _conflict(a, b, new, old)) is not None
        and not said_too(a, theirs[key])
        and not said_too(b, ours[key])
    ]
    polar = theirs.get("polarity", ())
    gone = next(((a, b) for a in ours.get("replaced", ()) for b in polar if replaces(a, b)), None)
    if gone is not None and not found:
        a, _ = gone
        return Verdict(
            "supersedes", new.id, old.id, a.shown, "", a.shown, new.day(), old.day(), new.id, "it was replaced"
        )
    if not found:
        return None
    # What does not name the page may be of something else, unless only the value differs.
    if not (mentions(new.text, names) and mentions(old.text, names)):
        found = [(kind if _alike_else(a, b) else "perhaps", a, b) for kind, a, b in found]
    return _verdict(new, old, min(found, key=_order), _stems_of_words(volatile, new.language))


def _conflict(a: Statement, b: Statement, new: Told, old: Told) -> Conflict | None:
    """Whether two statements cannot both hold, asked of the sources too: what was seen or done on two occasions can."""
    found = conflict(a, b)
    if found is None or not (a.occasion or b.occasion):
        return found
    days = [(x.dates[0] if x.dates else told.as_of or "") for x, told in ((a, new), (b, old))]
    if all(days):
        return found if agree_on_date(*days) else None
    if a.occasion and b.occasion and new.source == old.source != "":
        return None  # one after the other
    return "perhaps" if "event" in (a.occasion, b.occasion) else found


def _alike_else(a: Statement, b: Statement) -> bool:
    return a.kind != "polarity" and a.words == b.words and a.subject == b.subject and len(a.words) > 1


def _order(found: _Found) -> tuple[bool, bool, str]:
    """The surest first, a figure before a polarity."""
    kind, a, _ = found
    return kind != "yes", a.kind == "polarity", a.key


def _is_same(new: Told, old: Told) -> bool:
    if (new.stance, new.by, new.language) != (old.stance, old.by, old.language):
        return False
    if stems(new.text, new.language) != stems(old.text, old.language):
        return False
    return same(new.text, old.text, new.language)


def _comparable(new: Told, old: Told) -> bool:
    return (
        new.language == old.language
        and new.stance == old.stance == "asserted"
        and new.role not in _STATES_NOTHING
        and old.role not in _STATES_NOTHING
    )


def _verdict(new: Told, old: Told, found: _Found, volatile: frozenset[str]) -> Verdict:
    kind, a, b = found
    day, other_day = a.when or new.day(), b.when or old.day()
    verdict = Verdict(
        relation="contradicts",
        claim=new.id,
        other=old.id,
        attribute=a.label or b.label,
        value=a.shown,
        other_value=b.shown,
        date=day,
        other_date=other_day,
        newer=new.id if day > other_day > "" else old.id if other_day > day > "" else "",
        decided_by=a.kind,
    )
    if kind == "perhaps" or _NO_FACT & {new.role, old.role}:
        return replace(verdict, relation="possible", certain=False)
    winner = _says_so(new, old, a, b, verdict)
    if winner:
        return replace(verdict, relation="supersedes", newer=winner, decided_by=f"{a.kind}, and says so")
    changing = lexis.volatile(new.language) | volatile
    if verdict.newer and (a.attribute | a.counted | {a.key.removeprefix("role ")}) & changing:
        return replace(verdict, relation="supersedes", decided_by=f"{a.kind}, which changes")
    return verdict


def _says_so(new: Told, old: Told, a: Statement, b: Statement, verdict: Verdict) -> str:
    """The id of the side that says that it is the newer, unless its date denies it; "" if none does."""
    if a.newer and b.newer:
        return verdict.newer
    if a.newer and verdict.newer != old.id:
        return new.id
    return old.id if b.newer and verdict.newer != new.id else ""


def _dated(statement: Statement, told: Told, declared: bool) -> str:
    own = statement.dates[0] if statement.dates else told.as_of or ""
    return own or (told.published or "" if declared else "")


@lru_cache(maxsize=256)
def _of_names(called: Sequence[str], language: str) -> frozenset[str]:
    return frozenset().union(*(stems(name, language) for name in called))


def _stems_of_words(words: Collection[str], language: str) -> frozenset[str]:
    folded = (unicodedata.normalize("NFKC", word).casefold() for word in words)
    return frozenset(lexis.attributes(language).get(stem(word, language), stem(word, language)) for word in folded)
