"""How one claim stands to another: the same, an update, a contradiction, one more value of a series, or nothing."""

from __future__ import annotations

from quern.relations.standing import Standing, relate
from quern.relations.told import Told, Verdict
from quern.relations.wording import FREE, agree, content, same, signature

__all__ = ["FREE", "Standing", "Told", "Verdict", "agree", "content", "relate", "same", "signature"]
