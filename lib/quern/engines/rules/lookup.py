"""Finding the terms of a source in its text: a dictionary of word sequences, longest first."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from quern.engines.rules.tokens import Token, tokens


@dataclass(frozen=True, slots=True)
class Term:
    """A name of a source: what it calls a thing, and how much of the source is about it."""

    name: str
    type: Literal["entity", "concept"]
    aliases: tuple[str, ...] = ()
    weight: float = 0.0  # 0 to 1: how much of the source is about it
    defined: bool = False  # the source says what it is
    surface: frozenset[str] = frozenset()  # every form in which it occurs
    exact: bool = False  # only in its own capitals ("IT" is not "it")


class Lookup:
    """The terms of a source, ready to be found in any number of its sentences."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._spaced: dict[tuple[str, ...], list[tuple[str, Term]]] = {}
        self._unspaced: dict[str, Term] = {}
        self._sizes: dict[str, list[int]] = {}  # sizes of the entries that begin with this word, longest first
        self._longest = 0
        for term in terms:
            for form in sorted({term.name, *term.aliases, *term.surface}):
                self._enter(form, term)
        for sizes in self._sizes.values():
            sizes.sort(reverse=True)

    def find(self, text: str) -> list[tuple[int, int, Term]]:
        """Where terms stand in this text, longest match first, in order."""
        return self.find_in(text, tokens(text))

    def find_in(self, text: str, found: list[Token]) -> list[tuple[int, int, Term]]:
        """The same for a text whose tokens are at hand."""
        mentions: list[tuple[int, int, Term]] = []
        index = 0
        while index < len(found):
            token = found[index]
            if token.unspaced and self._longest:
                mentions.extend(self._find_unspaced(token))
            step = 1
            for size in self._sizes.get(token.fold, ()):
                if index + size > len(found) or not all(part.joined for part in found[index + 1 : index + size]):
                    continue
                start, end = token.start, found[index + size - 1].end
                term = self._match(tuple(part.fold for part in found[index : index + size]), text[start:end])
                if term is not None:
                    mentions.append((start, end, term))
                    step = size
                    break
            index += step
        return mentions

    def _enter(self, form: str, term: Term) -> None:
        parts = tokens(form)
        if not parts:
            return
        if all(part.unspaced for part in parts):
            joined = form.replace(" ", "")
            self._unspaced.setdefault(joined, term)
            self._longest = max(self._longest, len(joined))
            return
        key = tuple(part.fold for part in parts)
        entries = self._spaced.setdefault(key, [])
        if not any(other is term and spelt == form for spelt, other in entries):
            entries.append((form, term))
        sizes = self._sizes.setdefault(key[0], [])
        if len(key) not in sizes:
            sizes.append(len(key))

    def _match(self, key: tuple[str, ...], form: str) -> Term | None:
        entries = self._spaced.get(key, ())
        for spelt, term in entries:
            if spelt == form:
                return term
        for spelt, term in entries:
            if not term.exact or (form[0].isupper() and not (spelt.isupper() and len(spelt) < 6)):
                return term
        return None

    def _find_unspaced(self, token: Token) -> Iterable[tuple[int, int, Term]]:
        text = token.text
        index = 0
        while index < len(text):
            for size in range(min(self._longest, len(text) - index), 0, -1):
                term = self._unspaced.get(text[index : index + size])
                if term is not None:
                    yield token.start + index, token.start + index + size, term
                    index += size - 1
                    break
            index += 1


class Terms(list[Term]):
    """A list of terms that makes its look-up once."""

    @functools.cached_property
    def lookup(self) -> Lookup:
        return Lookup(self)


def mentions(text: str, terms: Sequence[Term]) -> list[tuple[int, int, Term]]:
    """Where terms stand in this text: the longest at each place, in order. Quick for a list that `terms` gave."""
    lookup = terms.lookup if isinstance(terms, Terms) else Lookup(terms)
    return lookup.find(text)
