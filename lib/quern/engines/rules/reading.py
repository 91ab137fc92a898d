"""Reading a source: which of its sentences are claims, what they are about, and how good they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from quern.claims import claim_id, evidence
from quern.engines.rules import aboutness, centrality, grammar, headed, people, pointing, standing, voices, worth
from quern.engines.rules.aboutness import Kind
from quern.engines.rules.lookup import Lookup, Term
from quern.engines.rules.people import People
from quern.engines.rules.standing import Classes, Focus, Standing
from quern.engines.rules.terms import terms
from quern.records import Claim, Name, Passage, Sentence, Source, Unread

ESSENTIAL = frozenset({"definition", "figure", "event", "decision", "task", "procedure"})
"""Roles for whose sake a claim is kept on the source page even where it does not stand alone,"""
PERSONAL = frozenset({"decision", "task"})
"""and those of them for whose sake it is even where an "I" tells of itself."""

Mentions = Sequence[tuple[int, int, Term]]


@dataclass(slots=True)
class Draft:
    """A sentence on its way to be a claim."""

    passage: Passage
    sentence: Sentence
    standing: Standing
    mentions: Mentions
    verdict: worth.Verdict
    names: list[Name]
    opens: bool = False


@dataclass(slots=True)
class Reader:
    """What is remembered while a source is read: its names, its speakers, what was said to be what."""

    source: Source
    grammar: grammar.Grammar
    terms: Lookup
    voices: voices.Voices
    classes: Classes = field(default_factory=Classes)
    speaker: str | None = None
    focus: Focus | None = None
    people: People = field(default_factory=People)
    said: list[tuple[str, Mentions]] = field(default_factory=list)
    under: list[str] = field(default_factory=list)
    lead_in: str | None = None
    line: int = 0
    asked: bool = False

    def read(self, passage: Passage) -> Iterator[Draft | Unread]:
        """The drafts of one passage."""
        self.focus, self.lead_in, self.line = self._heading_focus(passage), None, 0
        self.people = People()
        if passage.headings != self.under:
            self.under, self.said = passage.headings, []
        if is_references(passage, self.grammar):
            yield Unread(source=self.source.id, place=place_of(passage.sentences), why="references")
            return
        for sentence in passage.sentences:
            if sentence.sort == "code":
                yield Unread(source=self.source.id, place=sentence.place, why="code")
            elif sentence.sort != "heading":
                yield from self._sentence(passage, sentence)

    def _sentence(self, passage: Passage, sentence: Sentence) -> Iterator[Draft | Unread]:
        opens = self._paragraph(passage, sentence)
        body = self._words(sentence.plain)
        if len(body) > worth.LONGEST:
            self.focus = None
            yield Unread(source=self.source.id, place=sentence.place, why=f"a sentence of {len(body)} characters")
            return
        found = self.terms.find(body)
        if sentence.sort == "prose":
            plain, body = body, pointing.resolve(body, self.said, self.grammar)
            self.said.append((plain, found))
            if body != plain:
                found = self.terms.find(body)
        stood = self._stand(body, found, sentence)
        self.focus = stood.focus
        self._note_lead_in(body, sentence)
        if stood.text != body:
            found = self.terms.find(stood.text)
        draft = self._draft(passage, sentence, stood, found)
        if draft is not None:
            yield replace(draft, opens=opens)

    def _paragraph(self, passage: Passage, sentence: Sentence) -> bool:
        """Does a paragraph begin here? Then nothing is in focus but what the heading names."""
        first, last = _lines_of(sentence.place)
        opens = sentence.sort != "prose" or first == 0 or first > self.line + 1 or not self.line
        if opens:
            self.focus, self.people = self._heading_focus(passage), self.people.next()
        self.line = last
        return opens

    def _heading_focus(self, passage: Passage) -> Focus | None:
        """What stands in focus where a paragraph begins: the heading, if it is a name and nothing else."""
        heading = (passage.headings[-1] if passage.headings else self.source.title).strip()
        found = self.terms.find(heading)
        whole = len(found) == 1 and found[0][:2] == (0, len(heading))
        return standing.focus_on(found[0][2], heading) if whole else None

    def _words(self, plain: str) -> str:
        """The words of a sentence without the label of who speaks; none of a question that was put to a speaker."""
        plain = _without_brackets(plain)
        put = voices.asked(plain) if self.asked else None
        if put is not None:
            self.focus = None
            return "" if put[0] else plain[put[1] :]
        label = self.voices.label(plain) if self.voices.names else None
        if label is None:
            dateline = _DATELINE.match(plain)
            return plain if dateline is None else plain[dateline.end() :]
        if label[0] is not None and self.grammar["labels"].fullmatch(label[0]):
            self.speaker, self.focus = None, None
            return plain
        self.speaker, self.focus = label[0] or self.speaker, None
        return plain[label[1] :] or plain

    def _stand(self, body: str, found: Mentions, sentence: Sentence) -> Standing:
        if sentence.sort == "row":
            return Standing(body, alone=bool(found), focus=None)
        if sentence.sort == "item" and worth.explains(body, found):
            return Standing(body, alone=True, focus=None)
        if sentence.sort == "item" and self.lead_in and worth.is_fragment(body, self.grammar):
            return Standing(f"[{self.lead_in}] {body}", alone=True, focus=None, mended=True)
        focus = self.focus
        if people.opens_with_pronoun(body, self.grammar) and (focus is None or not focus.person):
            focus = self.people.only()
        stood = standing.stand(body, found, focus, self.classes, self.grammar)
        self.people.note(body, found, resolved=stood.mended or stood.focus is not None, grammar=self.grammar)
        if sentence.sort == "item" and worth.is_fragment(body, self.grammar):
            return Standing(body, alone=False, focus=None)
        return stood

    def _note_lead_in(self, body: str, sentence: Sentence) -> None:
        """Remember the line that opens a list (`La Rance has:`), if it says whose list it is."""
        if sentence.sort == "item":
            return
        line = body.rstrip()
        usable = line.endswith((":", "：")) and len(line) < 90 and bool(self.terms.find(line))
        alone = usable and standing.stand(line[:-1], self.terms.find(line), None, self.classes, self.grammar).alone
        self.lead_in = line if alone else None

    def _draft(self, passage: Passage, sentence: Sentence, stood: Standing, found: Mentions) -> Draft | None:
        if worth.worthless(stood.text, sentence.sort, found, self.grammar):
            return None
        class_at = worth.definition_end(stood.text, found, self.grammar)
        defines = stood.alone and (
            class_at is not None
            or worth.called(stood.text, found, self.grammar) is not None
            or (sentence.sort == "item" and worth.explains(stood.text, found))
        )
        introduces = stood.alone and not defines and worth.introduced(stood.text, found, self.grammar) is not None
        if defines and class_at is not None:
            self._note_class(stood.text, class_at, found)
        verdict = worth.judge(
            stood.text,
            found,
            self.grammar,
            defines=defines or introduces,
            published=self.source.published,
            headed=passage.headings[-1] if passage.headings else "",
            spoken=self.speaker is not None,
            listed=sentence.sort == "item",
        )
        if not found and not self._is_general(stood, verdict):
            return None
        if verdict.role == "task" and self.grammar["imperatives"].match(stood.text):
            stood = replace(stood, alone=False)
        if verdict.role in {"fact", "opinion"} and self.grammar["second_person"].match(
            stood.text.removeprefix("[").replace("]", "", 1)
        ):
            stood = replace(stood, alone=False)
        if verdict.role == "procedure" and worth.is_bare_step(stood.text, self.grammar):
            stood = replace(stood, alone=False)
        kept = PERSONAL if self.grammar["first_person"].search(stood.text) else ESSENTIAL
        if worth.thin(stood.text, verdict.role) or (not stood.alone and verdict.role not in kept):
            return None
        if self.speaker is not None and verdict.by is None:
            verdict = replace(verdict, by=self.speaker)
        kind: Kind = "definition" if defines else "introduction" if introduces else "other"
        kind = "row" if sentence.sort == "row" else kind
        names = _names(stood, found, passage, self.grammar, kind)
        return Draft(passage, sentence, stood, found, verdict, names)

    def _is_general(self, stood: Standing, verdict: worth.Verdict) -> bool:
        """Is a sentence that names nothing still a statement? It has a figure, or is a thought that an essay states."""
        figure = any(character.isdigit() for character in stood.text)
        return figure or (stood.alone and self.speaker is None and verdict.stance != "reported")

    def _note_class(self, text: str, class_at: int, found: Mentions) -> None:
        head = standing.defined_class(text, class_at, self.grammar.language)
        focus = standing.subject(text, found, self.grammar)
        if head is not None and focus is not None and head.casefold() not in focus.words.casefold():
            self.classes.add(head, focus)


def read(source: Source, passages: Sequence[Passage], language: str) -> Iterator[Claim | Unread]:
    """The claims of a source in reading order, each with its names and its score, and what was left unread."""
    patterns = grammar.load(language)
    speakers = voices.find(
        sentence.plain for passage in passages for sentence in passage.sentences if sentence.sort in {"prose", "item"}
    )
    named = terms(source, passages)
    named = [*named, *headed.headed(passages, Lookup(named), patterns)]
    reader = Reader(source, patterns, Lookup(named), speakers, asked=voices.are_asked(passages))
    found = [piece for passage in passages for piece in reader.read(passage)]
    drafts = [piece for piece in found if isinstance(piece, Draft)]
    scores = iter(_scores(drafts, language))
    seen: set[str] = set()
    for piece in found:
        if isinstance(piece, Unread):
            yield piece
            continue
        claim = _claim(piece, source, next(scores))
        if claim.id not in seen:
            seen.add(claim.id)
            yield claim


def _claim(draft: Draft, source: Source, score: float) -> Claim:
    quote, spans = evidence([draft.sentence])
    verdict = draft.verdict
    return Claim(
        id=claim_id(quote, draft.standing.text),
        source=source.id,
        passage=draft.passage.id,
        text=draft.standing.text,
        quote=quote,
        spans=spans,
        names=draft.names,
        role=verdict.role,
        stance=verdict.stance,
        by=verdict.by,
        as_of=verdict.as_of,
        score=score,
    )


def _names(stood: Standing, found: Mentions, passage: Passage, patterns: grammar.Grammar, kind: Kind) -> list[Name]:
    """The names of a claim, those it is about first."""
    headed = passage.headings[-1] if passage.headings else ""
    about = aboutness.about(stood.text, found, headed, patterns, kind) if stood.alone else []
    order: dict[str, Term] = {}
    for _, _, term in found:
        order.setdefault(term.name, term)
    names = [
        Name(
            name=term.name,
            type=term.type,
            aliases=list(term.aliases),
            about=name in about,
            weight=round(term.weight, 4),
        )
        for name, term in order.items()
    ]
    return sorted(names, key=lambda name: (not name.about, name.name not in about[:1]))


def _scores(drafts: Sequence[Draft], language: str) -> list[float]:
    texts = [draft.standing.text for draft in drafts]
    central = centrality.rank(texts, language)
    return [_score(draft, central[place], place / max(1, len(drafts))) for place, draft in enumerate(drafts)]


def _score(draft: Draft, central: float, place: float) -> float:
    weight = max((name.weight for name in draft.names if name.about), default=0.0)
    score = (
        0.35 * central
        + 0.3 * worth.WEIGHTS[draft.verdict.role]
        + 0.2 * min(1.0, weight)
        + 0.1 * (1 - place)
        + 0.05 * draft.opens
    )
    if not draft.standing.alone:
        score *= 0.4
    if draft.verdict.stance in {"hypothetical", "reported"}:
        score *= 0.85
    if draft.standing.mended:
        score *= 0.95
    return round(min(1.0, score), 4)


# "WASHINGTON — NASA announced …", "SAN FRANCISCO (AP) — …": where and by whom a piece of news was written.
_DATELINE = re.compile(
    r"[A-ZÀ-Þ][A-ZÀ-Þ .,'-]{3,40}(?:, [A-Z][a-z]+\.?)?(?: \([A-Za-z]{2,12}\))? (?:[—–]|--?) (?=[A-ZÀ-Þ])"
)
# An aside of whole sentences: "(The 16e has none. It never will.)"
_ASIDE = re.compile(r"\((?=[A-ZÀ-Þ])([^()]+)\)?|([^()]+[.!?…])\)")
_LINES = re.compile(r"lines? (\d+)(?:-(\d+))?")


def _without_brackets(plain: str) -> str:
    """A sentence without the brackets that it, or the aside that it opens or ends, stands in."""
    aside = _ASIDE.fullmatch(plain.strip())
    return plain if aside is None else aside[1] or aside[2]


def is_references(passage: Passage, patterns: grammar.Grammar) -> bool:
    """Is this a list of references? A title that is cited says nothing of what it names."""
    heading = passage.headings[-1].strip(" .:0123456789") if passage.headings else ""
    told = any(sentence.sort != "heading" for sentence in passage.sentences)
    return told and patterns["reference_headings"].fullmatch(heading) is not None


def place_of(sentences: Sequence[Sentence]) -> str:
    """The place of some sentences of a passage as one, their headings left out; there is one that is none."""
    places = [sentence.place for sentence in sentences if sentence.sort != "heading"]
    first, last = _lines_of(places[0])[0], _lines_of(places[-1])[1]
    return f"lines {first}-{last}" if 0 < first < last else places[0]


def _lines_of(place: str) -> tuple[int, int]:
    match = _LINES.fullmatch(place)
    return (int(match[1]), int(match[2] or match[1])) if match is not None else (0, 0)
