"""The sections of a page that are ours: their headings, in the order in which they stand."""

from __future__ import annotations

FACTS = "Facts"
CONTRADICTIONS = "Contradictions"
OVER_TIME = "Over time"
RELATED = "Related"

CLAIMS = "Claims"
WAITING = "Waiting"
LEFT_UNREAD = "Left unread"
NOT_CARRIED = "Not carried"

SHOWN = (CONTRADICTIONS, OVER_TIME)
"""Sections of a topic page in which no line is a claim's own sentence: each shows how several stand to each other."""
TOPIC = (FACTS, *SHOWN, RELATED)
LEDGER = (CLAIMS, WAITING, LEFT_UNREAD, NOT_CARRIED)
