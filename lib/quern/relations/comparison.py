"""Two statements side by side: whether both can be true of one thing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, cast

from quern import quantities
from quern.quantities import Measure
from quern.relations.statements import Statement

Conflict = Literal["yes", "perhaps"]
_LEAST_DENIED = 3  # words that a general denial must have
_NEED = frozenset(
    {"need", "requir", "minimum", "maximum", "braucht", "benötigt", "nécessit", "exig", "necesit", "requier"}
)


def conflict(a: Statement, b: Statement) -> Conflict | None:
    """Whether two statements cannot both hold: `yes`, `perhaps` where the shared ground is thin, else None."""
    if a.kind != b.kind or a.key != b.key or a.unsure or b.unsure or a.past != b.past:
        return None
    if a.kind == "polarity":
        return _polarity(a, b)
    if not _clash(a, b):
        return None
    ground = [_times(a, b), _scopes(a, b), _subjects(a, b), _attributes(a, b)]
    if None in ground:
        return None
    return "perhaps" if "perhaps" in ground else "yes"


def would_conflict(a: Statement, b: Statement) -> bool:
    """Whether two measures could not both hold if they were of one attribute, which their words do not tell."""
    if (a.kind, b.kind) != ("measure", "measure") or a.key != b.key or a.unsure or b.unsure or a.past != b.past:
        return False
    if not _clash(a, b) or _scopes(a, b) is None or _subjects(a, b) is None:
        return False
    left, right = (_numbers(x) - _numbers(y) for x, y in ((a, b), (b, a)))
    return not (left and right)  # section 4 and section 9


def replaces(a: Statement, b: Statement) -> bool:
    """Whether `a` says that what `b` is about was replaced by something else."""
    if a.kind != "replaced" or b.kind != "polarity" or a.unsure or b.unsure or b.negations % 2 or a.kinds - b.kinds:
        return False
    gone = cast(frozenset[str], a.value)
    return gone <= b.words and bool((a.words & b.words) - gone)


def said_too(statement: Statement, others: Iterable[Statement]) -> bool:
    """Whether one of the other claim's statements says the same of the same."""
    return statement.kind != "polarity" and any(
        other.kind == statement.kind
        and other.key == statement.key
        and not _differ(statement, other)
        and bool(other.words & statement.words)
        for other in others
    )


def alike(a: Statement, b: Statement) -> bool:
    """Whether two statements are of one attribute in one scope, whatever their values and dates."""
    return (
        a.kind == b.kind
        and a.key == b.key
        and not (a.unsure or b.unsure)
        and (a.attribute, a.counted, a.scope, a.kinds, a.subject)
        == (b.attribute, b.counted, b.scope, b.kinds, b.subject)
        and bool(a.attribute)
    )


def agree_on_date(a: str, b: str) -> bool:
    """Whether one date is the other, or the other as far as it goes: 1931 and 1931-05-04."""
    return a.startswith(b) or b.startswith(a)


def _numbers(statement: Statement) -> frozenset[str]:
    """The numbers that say which one is meant."""
    return frozenset(word for word in statement.words | statement.subject if word.isdigit())


def _clash(a: Statement, b: Statement) -> bool:
    """Whether two statements of one kind have values that cannot both be so of one time."""
    if not _differ(a, b) or a.kinds != b.kinds or a.negations % 2 != b.negations % 2 or _other_sides(a, b):
        return False
    return not _apart(a.dates, b.dates)


def _differ(a: Statement, b: Statement) -> bool:
    if a.kind == "date":
        return not agree_on_date(str(a.value), str(b.value))
    if a.kind == "name":
        return not cast(frozenset[str], a.value) & cast(frozenset[str], b.value)
    left, right = cast(Measure, a.value), cast(Measure, b.value)
    if left.bound and left.bound == right.bound and (a.words & _NEED) and (b.words & _NEED):
        ends = [(x.low if x.bound == "least" else x.high) for x in (left, right)]
        return ends[0] != ends[1]
    # What "stores up to 500 notes" and what "stores up to 2,000 notes" are two limits of one thing.
    if left.bound == right.bound == "most" and (a.words, a.subject) == (b.words, b.subject):
        return left.high != right.high
    return not quantities.agree(left, right)


def _other_sides(a: Statement, b: Statement) -> bool:
    """Whether they speak of the two ends of one scale: the highest and the lowest."""
    return _flips(a, b) > 0


def _flips(a: Statement, b: Statement) -> int:
    """How many words of both stand on the other side: open and closed, safe and unsafe."""
    if a.sides == b.sides:
        return 0
    left, right = dict(a.sides), dict(b.sides)
    both = (a.words | a.subject) & (b.words | b.subject)
    return sum(left.get(word, 1) != right.get(word, 1) for word in both & (left.keys() | right.keys()))


def _apart(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    return bool(a) and bool(b) and not any(agree_on_date(x, y) for x in a for y in b)


def _times(a: Statement, b: Statement) -> Conflict:
    """A dated value and one without a date may be of two times, unless one says that it is so now."""
    one_sided = bool(a.dates) != bool(b.dates) and a.kind == "measure"
    return "perhaps" if one_sided and not (a.newer or b.newer) else "yes"


def _scopes(a: Statement, b: Statement) -> Conflict | None:
    if a.scope == b.scope:
        return "yes"
    left, right = a.scope - b.words - b.subject, b.scope - a.words - a.subject
    if not left and not right:
        return "yes"
    if left and right:
        return None
    if a.kind == "date":
        return "yes"  # an event happens once, wherever that was
    return None if (left | right) & (a.proper | b.proper) else "perhaps"


def _subjects(a: Statement, b: Statement) -> Conflict | None:
    known_a, known_b = a.words | a.subject, b.words | b.subject
    strange = (a.subject - known_b) | (b.subject - known_a)
    return None if strange else "yes"


def _attributes(a: Statement, b: Statement) -> Conflict | None:
    if a.counted or b.counted:
        return _counts(a, b)
    shared = a.attribute & b.attribute
    left, right = a.attribute - b.attribute - b.rest, b.attribute - a.attribute - a.rest
    if not shared or (left and right):
        return None
    rest_left, rest_right = a.rest - b.words, b.rest - a.words
    if rest_left and rest_right and a.kind != "date":
        return None
    if (rest_left | rest_right) & (a.proper | b.proper) and a.kind != "date":
        return None
    if left or right:
        return "perhaps"
    return "yes"


def _counts(a: Statement, b: Statement) -> Conflict | None:
    shared = a.counted & b.counted
    if not shared:
        return None
    known_a, known_b = a.words | a.subject, b.words | b.subject
    left, right = (a.counted | a.rest) - known_b, (b.counted | b.rest) - known_a
    if left and right:
        return None
    return "perhaps" if left or right else "yes"


def _polarity(a: Statement, b: Statement) -> Conflict | None:
    if a.figures != b.figures or a.kinds != b.kinds or (a.negations + b.negations + _flips(a, b)) % 2 == 0:
        return None
    if any(word in a.about | b.about for word, _ in a.sides ^ b.sides):
        return None  # the northern and the southern gate
    left, right = a.attribute, b.attribute
    only_a, only_b = left - b.words, right - a.words
    if (only_a and only_b) or _apart(a.dates, b.dates):
        return None
    if bool(a.dates) != bool(b.dates) and not (a.newer or b.newer):
        return None
    scope = _scopes(a, b)
    if scope is None or not left & right:
        return None
    if scope == "yes" and (_denies(a, b) or _denies(b, a)):
        return "yes"
    if 2 * len(left & right) < max(len(left), len(right)):
        return None  # what they have in common is too little even to ask
    return "perhaps" if only_a or only_b or scope == "perhaps" else "yes"


def _denies(a: Statement, b: Statement) -> bool:
    """Whether `a` says in general that something is not so which `b` says, of something more particular, is so."""
    return a.negations % 2 == 1 and not b.negations and a.attribute < b.attribute and len(a.attribute) >= _LEAST_DENIED
