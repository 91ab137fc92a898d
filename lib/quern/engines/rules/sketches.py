"""A candidate for a name of a source: the forms in which it occurs, what speaks for it, and what to call it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from quern.engines.rules.kinds import Signs, kind
from quern.engines.rules.lexicon import Lexicon, number, single
from quern.engines.rules.lookup import Term
from quern.engines.rules.marked import Mark
from quern.engines.rules.phrases import LINK, WORD, Phrase
from quern.engines.rules.proper import is_strong

Key = tuple[str, ...]  # its words, casefolded and in the singular


@dataclass(slots=True, eq=False)
class Sketch:
    """One candidate."""

    key: Key
    lexicon: Lexicon
    forms: Counter[str] = field(default_factory=Counter)
    proper: int = 0  # places where its capitals make it a proper name
    marks: Counter[Mark] = field(default_factory=Counter)
    label: bool = False  # it stands before a colon, bold, as what is defined does
    headings: int = 0
    defined: int = 0  # sentences of which it is the subject, and which say what it is
    person: bool = False  # who wrote the source or speaks in it
    phrase: Phrase | None = None
    unspaced: int = 0
    expansion: str | None = None
    aliases: set[str] = field(default_factory=set)
    absorbed: list[Sketch] = field(default_factory=list)

    @property
    def is_proper(self) -> bool:
        """Whether it is a proper name: capitals prevail, or it has capitals inside."""
        small = sum(count for form, count in self.forms.items() if form == form.lower())
        return self.proper * 2 > small or any(map(_is_mixed, self.forms))

    @property
    def is_code(self) -> bool:
        return self.marks["code"] * 2 > sum(self.forms.values())

    @property
    def marked(self) -> bool:
        return bool(self.marks["bold"] or self.marks["code"] or self.marks["work"] or self.expansion)

    @property
    def worth(self) -> float:
        """How much of a name it is: a lone common noun is less of one than a proper name or a term of two words."""
        if self.is_code:
            return 0.65
        if self.is_proper or self.expansion or self.unspaced or self.marks["work"]:
            return 1.0
        if len(self.key) == 1:
            return 0.7
        all_common = self.phrase is not None and all(sort < WORD and sort != LINK for sort in self.phrase.sorts)
        return 0.65 if all_common else 0.95

    def name(self) -> str:
        """What a page about it is called: singular, as written mostly; a concept begins with a capital."""
        best = _proper_form(self.forms) if self.is_proper else _common_form(self.forms, self.lexicon)
        return best if self.is_code or is_strong(best.split()[0]) else best[0].upper() + best[1:]

    def term(self) -> Term:
        """The term, not weighed yet."""
        name = self.name()
        form = _proper_form(self.forms) if self.is_proper else _common_form(self.forms, self.lexicon)
        signs = Signs(
            proper=self.is_proper or (self.lexicon.language != "de" and all(map(_is_capital, self.forms))),
            expansion=self.expansion,
            work=bool(self.marks["work"]),
            code=self.is_code,
            person=self.person,
        )
        forms = set(self.forms).union(*(other.forms for other in self.absorbed))
        return Term(
            name=name,
            type=kind(form, self.lexicon, signs),
            aliases=tuple(sorted(self.aliases - {name})),
            surface=frozenset(forms),
            exact=self.is_proper and len(self.key) == 1,
        )


def _proper_form(forms: Counter[str]) -> str:
    """The form of a proper name: with its capitals, without the s of a plural."""
    capital = [form for form in forms if _is_capital(form)] or list(forms)
    best = max([form for form in capital if _is_mixed(form)] or capital, key=lambda form: _rank(form, forms))
    single_ = best[:-1]
    is_plural = best.endswith("s") and ((single_.isupper() and len(best) > 2) or forms[single_] * 3 > forms[best])
    return single_ if is_plural else best


def _common_form(forms: Counter[str], lexicon: Lexicon) -> str:
    """The form of a common noun: small, except in German, and in the singular."""
    small = [form for form in forms if form == form.lower()] if lexicon.language != "de" else []
    usable = small or list(forms)
    best = max(usable, key=lambda form: _rank(form, forms))
    if lexicon.language == "ko":
        return " ".join([*best.split()[:-1], number("ko")(best.split()[-1])])
    if lexicon.language == "en":
        *words, last = best.split()
        return " ".join([*words, single(last) if last.islower() else last])
    shorter = [form for form in usable if len(form) < len(best) and forms[form] * 3 >= forms[best]]
    return min(shorter, key=lambda form: (len(form), -forms[form], form), default=best)


def _rank(form: str, forms: Counter[str]) -> tuple[int, int]:
    """Of two forms that are as frequent the one met first: it is the likelier to be a subject, so uninflected."""
    return forms[form], -list(forms).index(form)


def _is_capital(form: str) -> bool:
    return form[:1].isupper() or is_strong(form.split(maxsplit=1)[0])


def _is_mixed(form: str) -> bool:
    """Whether a form is one word spelt with capitals inside, as only names are: SybilQuorum, iPhone."""
    bare = form.removesuffix("s")
    return " " not in form and bare.isalpha() and not bare.isupper() and any(c.isupper() for c in bare[1:])
