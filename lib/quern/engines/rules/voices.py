"""Who speaks in a transcript: labels that come back (`Alice Meyer: We ship.`) are speakers, a `Note:` is not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from quern.records import Passage
from quern.sources.turns import turn

_LEAST_TURNS = 4
_LEAST_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class Voices:
    """The speakers of one source; none where it is not a transcript."""

    names: frozenset[str] = frozenset()

    def label(self, plain: str) -> tuple[str | None, int] | None:
        """The speaker whose label opens this sentence and where the words begin; None if no label opens it.

        A time alone is a label without a speaker.
        """
        head = turn(plain)
        if head is None or (head.speaker is not None and head.speaker not in self.names):
            return None
        return head.speaker, head.start


def find(plains: Iterable[str]) -> Voices:
    """The speakers of a source: labels that come back, in a text where many sentences begin with one."""
    count, labels = 0, Counter[str]()
    for count, plain in enumerate(plains, 1):
        head = turn(plain)
        if head is not None and head.speaker is not None:
            labels[head.speaker] += 1
    turns = sum(times for times in labels.values() if times > 1)
    if len(labels) < 2 or turns < _LEAST_TURNS or turns < _LEAST_SHARE * count:
        return Voices()
    return Voices(frozenset(labels))


# "Q: …", "A - …" in English, "P: …", "R: …" in Spanish, "F: …", "A: …" in German.
_PUT = re.compile(r"(?:([QPF])|[AR])\d{0,2}\s?(?::|：|[-–—](?=\s))\s*")


def asked(plain: str) -> tuple[bool, int] | None:
    """Whether this sentence opens with the label of a question (else of an answer), and where the words begin."""
    match = _PUT.match(plain)
    return None if match is None else (match[1] is not None, match.end())


def are_asked(passages: Sequence[Passage]) -> bool:
    """Does a source hold questions and answers that are labelled so?"""
    puts = [put[0] for passage in passages for sentence in passage.sentences if (put := asked(sentence.plain))]
    return puts.count(True) > 1 and puts.count(False) > 1
