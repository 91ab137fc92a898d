"""Hits as people read them on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from quern.records import Hit


def text(hits: Sequence[Hit], *, why: bool = False) -> Iterator[str]:
    """Each hit with its place and under it what it says; with `why` also what each word added to its score."""
    for hit in hits:
        told = [
            hit.type,
            hit.status if hit.status != "current" else "",
            f"known since {hit.since}" if hit.since else "",
        ]
        yield f"{hit.title}  ({', '.join(filter(None, told))})" if any(told) else hit.title
        yield f"  {hit.path}:{hit.line}"
        if hit.text:
            yield f"    {hit.text}"
        if why:
            yield f"    {hit.score:.3f}: {' · '.join(_reasons(hit))}"


def _reasons(hit: Hit) -> Iterator[str]:
    added: dict[str, list[str]] = {}
    for reason in hit.why:
        added.setdefault(reason.term, []).append(f"{reason.column} {reason.added:.3f}")
    return (f"{term} ({', '.join(parts)})" for term, parts in added.items())
