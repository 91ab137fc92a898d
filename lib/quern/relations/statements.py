"""What a claim states, read by rules: of what, which attribute, which value, and within which scope."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import zip_longest
from typing import Literal

from quern.names import listed
from quern.quantities import Measure
from quern.relations import figures, lexis
from quern.relations.occasions import Occasion, occasion
from quern.relations.tokens import Token, read

Kind = Literal["measure", "date", "name", "replaced", "polarity"]
_LONGEST_HEADING = 5  # words before a colon
_LONGEST_PRONOUN = 3  # words up to the verb: `it also has`


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a claim; words are stems, and the names of the page are not among them.

    `key`: what two statements must share to be compared (a dimension, an event, a role). `attribute`: the words that
    say what the value is of. `local`: these stand beside it ("a capacity of 240 MW"), so that the `rest` of the clause
    is about something else. `subject`: words of the subject beside the name of the page and the attribute; `about`:
    with the attribute. `scope`: where, for whom, under which condition. `kinds`: peak, each, per year. `sides`: for
    each word with an opposite which side it is on. `counted`: what a number without unit counts. `dates`: when it
    holds. `occasion`: whether it tells of one among several. `when`: the first date of the clause, which may be of
    something else in it, or "". `figures`: all of the clause, as written. `label`: the attribute as it reads. `words`:
    all stems but those of the subject.
    """

    kind: Kind
    key: str
    value: Measure | frozenset[str] | str | bool
    shown: str
    label: str
    attribute: frozenset[str]
    rest: frozenset[str]
    local: bool
    subject: frozenset[str]
    about: frozenset[str]
    scope: frozenset[str]
    kinds: frozenset[str]
    proper: frozenset[str]
    counted: frozenset[str]
    sides: frozenset[tuple[str, int]]
    dates: tuple[str, ...]
    when: str
    figures: frozenset[str]
    negations: int
    newer: bool
    past: bool
    unsure: bool
    occasion: Occasion
    words: frozenset[str]


@lru_cache(maxsize=16384)
def statements(text: str, language: str, called: tuple[str, ...]) -> tuple[Statement, ...]:
    """The statements of a claim on a page that is `called` so; one on its polarity for each clause, and one for each
    figure, date of an event, and holder of a role. A question states nothing.
    """
    if text.rstrip().endswith(("?", "？")):
        return ()
    found: list[Statement] = []
    subject: frozenset[str] = frozenset()
    for tokens in _clauses(read(text, language, called), language):
        if tokens:
            clause = _Clause(tokens, text, language, subject)
            subject = clause.subject or subject
            found += clause.all()
    return tuple(found)


@lru_cache(maxsize=16384)
def keyed(text: str, language: str, called: tuple[str, ...]) -> dict[str, list[Statement]]:
    """The statements of a claim by their key: only those of one key are compared."""
    found: dict[str, list[Statement]] = {}
    for statement in statements(text, language, called):
        found.setdefault(statement.key, []).append(statement)
    return found


def _clauses(tokens: Sequence[Token], language: str) -> Iterator[list[Token]]:
    """The clauses of a sentence; what stands in brackets, or between commas after "which", is one of its own, and the
    clause around it goes on.
    """
    around: list[list[Token]] = [[]]
    closing = [""]  # what ends each
    for token, after in zip_longest(tokens, tokens[1:]):
        if token.text == closing[-1]:
            yield around.pop()
            closing.pop()
        elif token.text == "(" or (token.text == "," and after is not None and after.key in _RELATIVE):
            around.append([])
            closing.append(")" if token.text == "(" else ",")
        elif token.text == ":" and len(around) == 1 and _is_heading(around[-1], language):
            continue  # "Monday: 12 visits", "Capacity: 240 MW"
        elif token.sort == "break":
            yield around[-1]
            around[-1] = []
        else:
            around[-1].append(token)
    yield from around


def _is_heading(tokens: Sequence[Token], language: str) -> bool:
    """Whether these words before a colon say of what the rest is."""
    return len(tokens) <= _LONGEST_HEADING and not any(token.key in lexis.of(language).verbs for token in tokens)


def _row(text: str) -> set[str]:
    """The first cell of a row of a table (`Quality: poor · Price: $5`): it says of what the others are."""
    first, mark, _ = text.partition(" · ")
    return {first.casefold()} if mark else set()


@dataclass(frozen=True, slots=True)
class _Said:
    """What is particular to one statement of a clause; see Statement."""

    kind: Kind
    key: str
    value: Measure | frozenset[str] | str | bool
    attribute: set[str]
    rest: set[str] = field(default_factory=set)
    label: str = ""
    shown: str = ""
    counted: frozenset[str] = frozenset()
    local: bool = False


class _Clause:
    """One clause, its tokens sorted out."""

    def __init__(self, tokens: list[Token], text: str, language: str, before: frozenset[str]) -> None:
        self.tokens, self.language = tokens, language
        self.lexis = lexis.of(language)
        self.said = text[tokens[0].start : tokens[-1].end]
        self.newer = bool(self.lexis.newer.search(self.said))
        self.past = bool(self.lexis.past.search(self.said))
        self.unsure = bool(self.lexis.unsure.search(text))
        self.occasion = occasion(text, tokens, language)
        self.negations = len(self.lexis.negations.findall(self.said))
        self.scoped: set[int] = set()  # places of the tokens that are scope
        self.scope = {token.key for token in tokens if token.sort == "time"} | _row(text)
        self._find_scope()
        self.events = list(self._events())
        self.subject = self._subject()
        # "Plasma cash has large exits, but it has no mass exits" says the second of plasma cash, too.
        self.meant = self.subject or (before if self._is_of_it() else frozenset())

    def all(self) -> Iterator[Statement]:
        used = {at for at, _, _ in self.events}
        for at, event, verb in self.events:
            label = self.tokens[verb].text
            yield self._statement(
                at, _Said("date", f"event {event}", self.tokens[at].key, {event}, label=label, local=True)
            )
        for at, token in enumerate(self.tokens):
            if token.measure is not None and at not in self.scoped:
                yield self._measure(at, token, used)
        yield from self._named()
        yield from self._replaced()
        yield self._statement(-1, _Said("polarity", "polarity", bool(self.negations % 2), self._content() | self.meant))

    def _find_scope(self) -> None:
        tokens = self.tokens
        at = 0
        while at < len(tokens):
            if tokens[at].sort != "scope":
                at += 1
                continue
            end = self._phrase_end(at)
            inside = range(at + 1, end)
            leading = not any(token.sort in ("word", "name", "measure", "verb") for token in tokens[:at])
            measured = [i for i in inside if tokens[i].measure is not None]
            if measured and not (leading and end < len(tokens) and tokens[end].sort == "comma"):
                at += 1  # "for 30 days", "with a capacity of 240 MW": no scope but a value
                continue
            dated = all(tokens[i].sort in ("date", "light") for i in inside)
            marking = self.newer and self.lexis.newer.match(self.said[tokens[at].start - tokens[0].start :])
            if not dated and not marking:
                self.scope |= {
                    tokens[i].stem or tokens[i].key for i in inside if tokens[i].sort in ("word", "kind", "measure")
                }
                if any(tokens[i].sort == "word" for i in inside) and tokens[at].key in _STRONG:
                    self.scope.add(f"{tokens[at].key}…")
            self.scoped |= set(inside) | {at}
            at = max(end, at + 1)

    def _phrase_end(self, at: int) -> int:
        leading = not any(token.sort in ("word", "name", "measure") for token in self.tokens[:at])
        comma = next((i for i in range(at, len(self.tokens)) if self.tokens[i].sort == "comma"), None)
        if leading and comma is not None and comma - at <= 8:
            return comma
        for i in range(at + 1, len(self.tokens)):
            token = self.tokens[i]
            if (
                token.sort in ("scope", "comma")
                or token.key in self.lexis.verbs
                or _acts(token)
                or (token.sort == "name" and i > at + 2)
            ):
                return i
            if (
                i > at + 1
                and (token.key in lexis.ARTICLES or token.sort == "measure")
                and self.tokens[i - 1].sort != "of"
            ):
                return i
            if token.sort == "name":
                return i + 1
        return len(self.tokens)

    def _subject(self) -> frozenset[str]:
        """What the clause is about, beside the page: the words before the verb."""
        places = [i for i, token in enumerate(self.tokens) if i not in self.scoped]
        verb = next((i for i in places if self.tokens[i].key in self.lexis.verbs), None)
        first = next((i for i in places if self.tokens[i].sort in ("word", "kind", "name", "measure")), None)
        if verb is None or first is None:
            return frozenset()
        happened = {i for _, _, i in self.events}  # "Built in 1871, the …"
        before = [i for i in places if i < verb and self.tokens[i].sort == "word" and i not in happened]
        if any(self.tokens[i].measure is not None for i in places if i < verb):
            return frozenset()
        return frozenset(self.tokens[i].stem for i in before)

    def _is_of_it(self) -> bool:
        """Whether the clause says something and does not say of what: it begins with its verb, or with a light word."""
        places = (token for i, token in enumerate(self.tokens) if i not in self.scoped)
        first = next((token for token in places if token.key not in lexis.ARTICLES), None)
        is_light = first is not None and first.sort in ("light", "verb") and first.key not in lexis.OF
        return is_light and any(token.key in self.lexis.verbs for token in self.tokens[:_LONGEST_PRONOUN])

    def _content(self, but: frozenset[int] | set[int] = frozenset()) -> set[str]:
        return {
            token.stem
            for i, token in enumerate(self.tokens)
            if token.sort == "word" and i not in self.scoped and i not in but
        }

    def _measure(self, at: int, token: Token, used: set[int]) -> Statement:
        measure = token.measure
        assert measure is not None  # noqa: S101 - only called for measures
        counted, counted_at = figures.counted(self.tokens, at) if not measure.dimension else (frozenset(), set())
        places = figures.before_of(self.tokens, at) or figures.after(self.tokens, at, measure, self.language)
        local = bool(places)
        rate = figures.rate(self.tokens, at, counted_at)
        if counted and not local:
            places, local = counted_at, True
        attribute = {self.tokens[i].stem for i in places if self.tokens[i].sort == "word"}
        rest = self._content({*places, *counted_at, *figures.beside(self.tokens, at)})
        if not local:
            attribute, rest = rest - figures.changes(self.tokens), set()
            attribute = attribute or figures.verb_before(self.tokens, at, self.language)
        label = " ".join(self.tokens[i].text for i in sorted(places)) if local else ""
        key = f"{measure.dimension or 'number'}{rate}"
        shown = token.text + (f" {' '.join(self.tokens[i].text for i in sorted(counted_at))}" if counted else "")
        said = self._statement(at, _Said("measure", key, measure, attribute, rest, label, shown, counted, local=local))
        # The date of an event ("opened in 1966 with …") does not limit what else the clause says.
        events = [self.tokens[i].key for i in used]
        return replace(said, dates=tuple(date for date in said.dates if date not in events))

    def _events(self) -> Iterator[tuple[int, str, int]]:
        """Dates of events: the place of the date, the event, and the place of its verb."""
        events = lexis.first_of("events")
        for at, token in enumerate(self.tokens):
            if token.sort != "date":
                continue
            for i in [*range(at - 1, max(-1, at - 7), -1), *range(at + 1, min(at + 3, len(self.tokens)))]:
                other = self.tokens[i]
                if other.key in events and (other.key != "place" or self.tokens[i - 1].key in _TAKES):
                    yield at, events[other.key], i
                    break
                if other.sort in ("measure", "comma", "date") or (other.sort == "word" and not self._is_place(i)):
                    break

    def _is_place(self, i: int) -> bool:
        return self.tokens[i].proper and i > 0 and self.tokens[i - 1].sort in ("scope", "of")

    def _named(self) -> Iterator[Statement]:
        """Who holds a role (`the CEO of X is Y`, `Y is the CEO of X`), by whom or in what something was done (`X is led
        by Y`, `Y leads X`).
        """
        roles, done, doing = lexis.first_of("roles"), lexis.first_of("done"), lexis.first_of("doing")
        for at, token in enumerate(self.tokens):
            if token.key in roles and token.sort in ("word", "kind"):
                values = self._holder(at)
                role = roles[token.key]
            elif token.key in done and self._is_done(at):
                values = self._run(at + 2)
                role = f"{done[token.key]} {_BY[self.tokens[at + 1].key]}"
            elif token.key in doing and any(x.sort == "name" for x in self.tokens[at + 1 : at + 4]):
                values = self._doer(at)
                role = f"{doing[token.key]} by"
            else:
                continue
            if values:
                shown = " ".join(self.tokens[i].text for i in sorted(values))
                value = frozenset(self.tokens[i].key for i in values)
                rest = self._content({at, *values})
                said = self._statement(
                    at, _Said("name", f"role {role}", value, {role}, rest, token.text, shown, local=True)
                )
                stems = frozenset(self.tokens[i].stem for i in values)
                yield replace(
                    said,
                    scope=said.scope - stems,
                    words=said.words - stems,
                    proper=said.proper - stems,
                    subject=said.subject - stems,
                )

    def _replaced(self) -> Iterator[Statement]:
        """`X was replaced by Y`: what is gone."""
        gone_by, by = lexis.shared("replaced"), lexis.shared("replaced_by")
        for at, token in enumerate(self.tokens):
            if token.key not in gone_by or not any(x.key in by for x in self.tokens[at + 1 : at + 3]):
                continue
            gone = set[int]()
            for i in range(at - 1, -1, -1):
                if self.tokens[i].sort == "word":
                    gone.add(i)
                elif gone or self.tokens[i].sort not in ("verb", "light"):
                    break
            value = frozenset(self.tokens[i].stem for i in gone)
            if value:
                rest = self._content({at, *gone})
                shown = " ".join(self.tokens[i].text for i in sorted(gone))
                yield self._statement(at, _Said("replaced", "replaced", value, rest, shown=shown))

    def _holder(self, at: int) -> set[int]:
        # "… of NAME is Y", else "Y is the … of NAME"
        named = next((i for i in range(at + 1, min(at + 4, len(self.tokens))) if self.tokens[i].sort == "name"), None)
        if named is None:
            return set()
        if named + 1 < len(self.tokens) and self.tokens[named + 1].sort == "verb":
            return self._run(named + 2)
        verb = next((i for i in range(at - 1, -1, -1) if self.tokens[i].sort == "verb"), None)
        if verb is None or any(self.tokens[i].sort == "word" for i in range(verb + 1, at)):
            return set()
        run = {i for i in range(verb) if self.tokens[i].sort in ("word", "kind")}
        return run if run and all(self.tokens[i].proper for i in run) else set()

    def _is_done(self, at: int) -> bool:
        """Whether a participle says what was done: `X is written in`, and not `a dialect written in`."""
        is_said = any(token.key in lexis.shared("be") for token in self.tokens[:at])
        return is_said and at + 1 < len(self.tokens) and self.tokens[at + 1].key in _BY

    def _doer(self, at: int) -> set[int]:
        """The places of `Tomas Reuter` in `Tomas Reuter leads X`, if nothing else stands there."""
        named = next(i for i in range(at + 1, at + 4) if self.tokens[i].sort == "name")
        is_all = all(self.tokens[i].key in lexis.ARTICLES for i in range(at + 1, named)) and (
            named + 1 == len(self.tokens) or self.tokens[named + 1].sort in ("scope", "comma")
        )
        run = set(range(at))
        return run if is_all and all(self.tokens[i].proper and self.tokens[i].sort == "word" for i in run) else set()

    def _run(self, at: int) -> set[int]:
        """The places of a name that begins here, or behind a light word: `now Jo Lindh`."""
        places = set()
        if at + 1 < len(self.tokens) and self.tokens[at].sort == "light" and not self.tokens[at].proper:
            at += 1
        for i in range(at, len(self.tokens)):
            if not self.tokens[i].proper or self.tokens[i].sort not in ("word", "light", "kind"):
                break
            places.add(i)
        return places

    def _statement(self, at: int, said: _Said) -> Statement:
        """A statement whose value stands at `at`, with what holds for the whole clause."""
        numbered = list(enumerate(self.tokens))
        written = (token.text for token in self.tokens if token.stem in said.attribute and token.sort == "word")
        proper = {token.stem for i, token in numbered if token.sort == "word" and token.proper and i > 0}
        return Statement(
            kind=said.kind,
            key=said.key,
            value=said.value,
            shown=said.shown or (self.tokens[at].text if at >= 0 else ""),
            label=said.label or " ".join(written),
            attribute=frozenset(said.attribute),
            rest=frozenset(said.rest),
            local=said.local,
            subject=self.meant - said.attribute,
            about=self.meant,
            scope=frozenset(self.scope),
            kinds=frozenset(token.stem for token in self.tokens if token.sort == "kind"),
            # In German every noun looks like a name.
            proper=frozenset(proper if self.language != "de" else ()),
            counted=said.counted,
            sides=frozenset((token.stem, token.side) for token in self.tokens if token.side),
            dates=tuple(token.key for i, token in numbered if token.sort == "date" and i != at),
            when=next((token.key for i, token in numbered if token.sort == "date" and i != at), ""),
            figures=frozenset(token.key for token in self.tokens if token.measure is not None),
            negations=self.negations,
            newer=self.newer,
            past=self.past,
            unsure=self.unsure,
            occasion=self.occasion,
            words=frozenset(said.attribute | said.rest | self.scope | said.counted),
        )


def _acts(token: Token) -> bool:
    """Whether a word with an opposite is a verb here, as far as its form tells: `increases`, `reduced`."""
    return (
        token.side != 0
        and token.sort == "word"
        and len(token.key) > 5
        and token.key.endswith(("ses", "ces", "tes", "ed"))
    )


_STRONG = listed("without except unless ohne außer sans sauf sin salvo excepto before after above below outside")
_TAKES = listed("take takes took taken")
_RELATIVE = listed("which who whose where wobei qui dont")
_BY = {"by": "by", "in": "in", "after": "after", "von": "by", "nach": "after", "par": "by", "por": "by", "en": "in"}
