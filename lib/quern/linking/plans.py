"""What `link` has planned so far in one run, laid over the catalogue.

Sources of one stream are linked before the first of them is merged:
a page, an alias, a claim or a waiting name that an earlier source brings must be known to the later ones.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import chain, islice
from typing import Protocol

from quern import names
from quern.judgements import Judge
from quern.records import Add, Claim, Name, Source, Span


class PageLike(Protocol):
    """What linking wants to know of a page in the catalogue."""

    @property
    def path(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def aliases(self) -> Sequence[str]: ...


class WaitingLike(Protocol):
    """What linking wants to know of a name that waits on a source page."""

    @property
    def source(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def aliases(self) -> Sequence[str]: ...
    @property
    def claims(self) -> Sequence[str]: ...
    @property
    def reason(self) -> str: ...


class CatalogueLike(Protocol):
    """The look-ups that linking makes; `wiki.Catalogue` answers them."""

    def page_by_key(self, key: str) -> Sequence[PageLike]: ...
    def page(self, path: str) -> PageLike | None: ...
    def fuzzy(self, name: str, limit: int) -> Sequence[tuple[str, str]]: ...
    def spelt(self, pattern: str, longest: int, limit: int) -> Sequence[tuple[str, str]]: ...
    def path_taken(self, name: str) -> str | None: ...
    def claims_of(self, path: str) -> Sequence[str]: ...
    def claim(self, id_: str) -> Sequence[Claim]: ...
    def candidates(self, key: str) -> Sequence[WaitingLike]: ...
    def origin(self, source: str) -> tuple[str, str | None]: ...
    def overtaken(self, path: str) -> Iterable[str]: ...
    def settled(self, path: str) -> Iterable[frozenset[str]]: ...
    def edited(self, path: str) -> dict[str, str]: ...
    def refused(self, path: str) -> Iterable[str]: ...


@dataclass(slots=True)
class Rulings:
    """What is decided of how the claims of a page stand to each other.

    `overtaken`: claims that others have overtaken; `settled`: pairs of claims of which a person has decided; `edited`:
    claims whose sentence a person changed, with its words; `refused`: names (in normal form) that it is not to have.
    """

    overtaken: set[str]
    settled: set[frozenset[str]]
    edited: dict[str, str]
    refused: set[str]

    def in_words(self, claim: Claim) -> Claim:
        """A claim as the page has it: in the words of a person who changed them there."""
        return dataclasses.replace(claim, text=self.edited[claim.id]) if claim.id in self.edited else claim


@dataclass(slots=True)
class Topic:
    """A page as this run knows it: what the catalogue says and what has been planned since."""

    path: str
    title: str
    type: str
    aliases: list[str]
    is_new: bool
    planned: dict[str, None] = field(default_factory=dict)

    def called(self) -> list[str]:
        """The title and the aliases, and what the file is called."""
        file = self.path.rpartition("/")[2].removesuffix(".md")
        return [self.title, *self.aliases, *([file] if file != self.title else [])]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A name that waits, in the catalogue or in this run."""

    source: str
    name: str
    type: str
    aliases: tuple[str, ...]
    claims: tuple[str, ...]
    reason: str


# A trigram that many names share says little: the rarest are asked, and of each only so many names.
_RARE, _POSTINGS = 8, 400


class Grams:
    """Names found by the trigrams that they share with another."""

    def __init__(self) -> None:
        self._names: list[tuple[str, str]] = []
        self._by_gram: dict[str, list[int]] = defaultdict(list)

    def add(self, key: str, value: str) -> None:
        for gram in _grams(key):
            self._by_gram[gram].append(len(self._names))
        self._names.append((key, value))

    def near(self, key: str, limit: int) -> list[tuple[str, str]]:
        """At most `limit` of the names that share trigrams, those that share most first."""
        posted = sorted((self._by_gram[gram] for gram in _grams(key) if gram in self._by_gram), key=len)
        shared: dict[int, int] = defaultdict(int)
        for places in posted[:_RARE]:
            for at in places[:_POSTINGS]:
                shared[at] += 1
        best = sorted(shared, key=lambda at: (-shared[at], at))[:limit]
        return [self._names[at] for at in best]


def _grams(key: str) -> Iterator[str]:
    padded = f" {key} "
    yield from sorted({padded[at : at + 3] for at in range(len(padded) - 2)})


class Plan:
    """The catalogue and, over it, what this run has planned. `judge`: who is asked where the rules are not sure."""

    def __init__(self, catalogue: CatalogueLike, judge: Judge | None = None) -> None:
        self.judge = judge
        self._catalogue = catalogue
        self._topics: dict[str, Topic] = {}
        self._by_key: dict[str, list[str]] = defaultdict(list)
        self._taken: set[str] = set()
        self._grams = Grams()
        self._waiting: dict[str, list[Waiting]] = defaultdict(list)
        self._claims: dict[str, dict[str, tuple[Claim, list[Topic]]]] = {}
        self._looked_up: dict[str, Sequence[Claim]] = {}
        self._ids: dict[str, set[str]] = {}
        self._rulings: dict[str, Rulings] = {}
        self._origins: dict[str, tuple[str, str | None]] = {}

    # Pages

    def topics(self, key: str) -> list[Topic]:
        """The pages that have this key."""
        rows = self._catalogue.page_by_key(key)
        paths = [self._topic(row).path for row in rows if row.type not in ("source", "answer")]
        return [self._topics[path] for path in dict.fromkeys([*paths, *self._by_key.get(key, ())])]

    def near(self, name: str, limit: int) -> Iterator[tuple[str, Topic]]:
        """Names that look like a name, and their pages: at most `limit`."""
        key = names.normal(name)
        found = [*self._catalogue.fuzzy(name, limit), *self._grams.near(key, limit)][:limit]
        for other, path in found:
            topic = self.at(path)
            if topic is not None:
                yield other, topic

    def spelt(self, pattern: str, longest: int, limit: int) -> Iterator[Topic]:
        """The pages of which a name (in normal form) fits a pattern (`v*w*`), of at most so many letters."""
        keys = (key for key in self._by_key if len(key) <= longest and fnmatchcase(key, pattern))
        planned = (path for key in sorted(keys, key=lambda key: (len(key), key)) for path in self._by_key[key])
        found = chain((path for _, path in self._catalogue.spelt(pattern, longest, limit)), planned)
        yield from (topic for path in islice(found, limit) if (topic := self.at(path)) is not None)

    def at(self, path: str) -> Topic | None:
        """The page of that path, if there is one."""
        if path not in self._topics:
            row = self._catalogue.page(path)
            if row is None or row.type in ("source", "answer"):
                return None
            self._topic(row)
        return self._topics[path]

    def _topic(self, row: PageLike) -> Topic:
        if row.path not in self._topics:
            self._topics[row.path] = Topic(row.path, row.title, row.type, list(row.aliases), is_new=False)
        return self._topics[row.path]

    def found(self, title: str, type_: str, folder: str) -> Topic:
        """A new page; its file name is one that nothing else in the vault has."""
        suffix, number = "", 1
        while self._is_taken(file := names.file_name(title, suffix)):
            number += 1
            suffix = f" ({type_})" if number == 2 else f" ({type_} {number - 1})"
        topic = Topic(f"wiki/{folder}/{file}.md", title, type_, [], is_new=True)
        self._topics[topic.path] = topic
        self._taken.add(names.fold(file))
        self.know(topic, [title, *([file] if file != title else [])])
        return topic

    def _is_taken(self, file: str) -> bool:
        return names.fold(file) in self._taken or self._catalogue.path_taken(file) is not None

    def know(self, topic: Topic, called: Iterable[str]) -> None:
        """Find a page by these names from now on."""
        for name in called:
            for key in names.keys(name):
                if topic.path not in self._by_key[key]:
                    self._by_key[key].append(topic.path)
            self._grams.add(names.normal(name), topic.path)

    def rulings(self, topic: Topic) -> Rulings:
        """What the page says of how its claims stand to each other, and what this run adds to that."""
        if topic.path not in self._rulings:
            path = topic.path
            known = () if topic.is_new else self._catalogue.overtaken(path)
            settled = () if topic.is_new else self._catalogue.settled(path)
            edited = {} if topic.is_new else self._catalogue.edited(path)
            refused = () if topic.is_new else self._catalogue.refused(path)
            self._rulings[path] = Rulings(set(known), set(settled), dict(edited), set(refused))
        return self._rulings[topic.path]

    def apart(self, one: str, other: str) -> bool:
        """Whether two names are those of two things: a page of the one is not to have the other."""
        for name, key in ((one, names.normal(other)), (other, names.normal(one))):
            own = names.normal(name)
            called = (topic for topic in self.topics(own) if own in {names.normal(known) for known in topic.called()})
            if any(key in self.rulings(topic).refused for topic in called):
                return True
        return False

    # Sources

    def read(self, source: Source) -> None:
        """Remember what a source of this run is."""
        self._origins[source.id] = source.language, source.published

    def origin(self, source: str) -> tuple[str, str | None]:
        """The language of a source, and the day on which it was published (ISO)."""
        if source not in self._origins:
            self._origins[source] = self._catalogue.origin(source)
        return self._origins[source]

    # Claims

    def tell(self, claim: Claim) -> None:
        """Remember a claim of a source that is done."""
        self._claims.setdefault(claim.id, {}).setdefault(claim.source, (claim, []))

    def send(self, add: Add, topic: Topic) -> None:
        """Remember that a claim goes to a page."""
        topic.planned[add.claim] = None
        if add.source in self._claims.get(add.claim, {}):
            topics = self._claims[add.claim][add.source][1]
            if topic not in topics:
                topics.append(topic)

    def claim(self, id_: str, source: str | None = None) -> Claim | None:
        """A claim of an earlier source, as that source has it, or as any has.

        One of this run is told as its source page will tell it once it is merged,
        so that sources linked in one run come out as if each had been merged before the next.
        """
        told = [
            *self._looked(id_),
            *(_as_merged(claim, topics) for claim, topics in self._claims.get(id_, {}).values()),
        ]
        return next((claim for claim in told if source in {None, claim.source}), None)

    def stands(self, topic: Topic, id_: str) -> bool:
        """Whether a claim stood on a page before this run."""
        return not topic.is_new and id_ in self._catalogue.claims_of(topic.path)

    def has(self, topic: Topic, id_: str, source: str) -> bool:
        """Whether this claim of this source stood on a page before this run."""
        standing = self._catalogue.claims_of(topic.path) if not topic.is_new else ()
        return id_ in standing and any(claim.source == source for claim in self._looked(id_))

    def will_have(self, topic: Topic, adds: Iterable[Add], lost: set[str]) -> frozenset[str]:
        """The ids of the claims that a page will have, as far as this run knows, with these added and those lost."""
        ids = self._ids.get(topic.path)
        if ids is None:
            ids = self._ids[topic.path] = set() if topic.is_new else set(self._catalogue.claims_of(topic.path))
        ids -= lost
        ids |= {add.claim for add in adds if add.claim not in ids and not self._is_withheld(topic, add)}
        return frozenset(ids)

    def _is_withheld(self, topic: Topic, add: Add) -> bool:
        """Whether a claim that is not on a page went there before: then a person has taken it off, and it stays off."""
        told = [] if topic.is_new else [claim for claim in self._looked(add.claim) if claim.source == add.source]
        return any(name.name == topic.title and name.type == topic.type for claim in told for name in claim.names)

    def _looked(self, id_: str) -> Sequence[Claim]:
        if id_ not in self._looked_up:
            self._looked_up[id_] = self._catalogue.claim(id_)
        return self._looked_up[id_]

    def standing(self, topic: Topic, limit: int) -> list[Claim]:
        """At most `limit` claims of a page, as it stands and as planned; by id, so that no order of sources shows."""
        ids = () if topic.is_new else self._catalogue.claims_of(topic.path)
        found = (self.claim(id_) for id_ in sorted({*ids, *topic.planned})[:limit])
        return [claim for claim in found if claim is not None]

    # Names that wait

    def wait(self, waiting: Waiting) -> None:
        """Let a name wait for a later source of this run."""
        for key in dict.fromkeys(key for name in (waiting.name, *waiting.aliases) for key in names.keys(name)):
            self._waiting[key].append(waiting)

    def waiting(self, keys: Iterable[str], but: str) -> list[Waiting]:
        """The names with one of these keys that wait on pages of other sources than `but`."""
        found: dict[tuple[str, str], Waiting] = {}
        for key in keys:
            rows = [
                Waiting(row.source, row.name, row.type, tuple(row.aliases), tuple(row.claims), row.reason)
                for row in self._catalogue.candidates(key)
            ]
            for waiting in [*rows, *self._waiting.get(key, ())]:
                if waiting.source != but:
                    found.setdefault((waiting.source, waiting.name), waiting)
        return [found[key] for key in sorted(found)]

    def reason(self, name: str, source: str) -> str | None:
        """Why a name waits on the page of this source; None if it does not."""
        rows = self._catalogue.candidates(names.normal(name))
        return next((row.reason for row in rows if row.source == source and row.name == name), None)


def _as_merged(claim: Claim, topics: Sequence[Topic]) -> Claim:
    place = ", ".join(span.place for span in claim.spans)
    called = [Name(name=topic.title, type=topic.type, aliases=list(topic.aliases)) for topic in topics]
    quote = " ".join(claim.quote.splitlines())
    return dataclasses.replace(
        claim, quote=quote, passage="", spans=[Span(start=0, end=0, place=place)], names=called, score=0.0,
        engine="rules", model=None, prompt=None,
    )  # fmt: skip
