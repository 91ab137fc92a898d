"""Claims stand alone: what a sentence leans on is put in, in square brackets, or the sentence stays where it is.

A pronoun is resolved only to the subject of the sentence before it (or to a heading that is a name), and "the station"
only where one single thing was said to be a station. Precision goes before recall: a wrong name is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from quern.engines.rules import leaning
from quern.engines.rules.clauses import Mention, Named, intro_end, known_verb, main_clause_at
from quern.engines.rules.grammar import Grammar

LONGEST_PHRASE = 8
"""Words past which a subject is too long to be said again."""

LONGEST_UNNAMED = 3
"""Words past which "the …" says enough of which one it is."""
# Things of which there is one only, and what makes one of many.
_ONE_ONLY = """
sun moon earth sea sky world universe internet web public government
only more less fewer poor rich young old
"""
_UNIQUE = frozenset(_ONE_ONLY.split())


@dataclass(frozen=True, slots=True)
class Focus:
    """What a pronoun would now stand for: its words as a subject, and what is known of them."""

    words: str
    key: str
    plural: bool = False
    person: bool = False
    article: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """A sentence as a claim: its words, whether they stand alone, and what the next sentence may lean on."""

    text: str
    alone: bool
    focus: Focus | None
    mended: bool = False


@dataclass(slots=True)
class Classes:
    """What was said to be what: `La Rance is a power station` makes it a station."""

    members: dict[str, list[Focus]] = field(default_factory=dict)

    def add(self, head: str, focus: Focus) -> None:
        known = self.members.setdefault(head.casefold(), [])
        if all(other.key != focus.key for other in known):
            known.append(focus)

    def only(self, noun: str, *, compounds: bool) -> Focus | None:
        """The one thing of this class; None if there are several, or none."""
        noun = noun.casefold()
        found = {focus.key: focus for focus in self.members.get(noun, ())}
        if compounds and len(noun) > 4:
            for head, members in self.members.items():
                if head.endswith(noun):
                    found.update((focus.key, focus) for focus in members)
        return next(iter(found.values())) if len(found) == 1 else None


def stand(body: str, mentions: Sequence[Mention], focus: Focus | None, classes: Classes, grammar: Grammar) -> Standing:
    """A sentence made to stand alone, if that is surely possible.

    `mentions` are the names in `body`; `focus` is what the sentence before it in its paragraph was about.
    """
    rest, dropped = _without_connective(body, mentions, grammar)
    offset = len(body) - len(rest)
    inside = [(start - offset, end - offset, term) for start, end, term in mentions if start >= offset]
    if not rest or any(grammar[name].match(rest) for name in ("dangling", "impersonal", "glyph_openers")):
        return Standing(body, alone=False, focus=None)
    if _fragment(rest[0].upper() + rest[1:] if dropped else rest, inside):
        return Standing(body, alone=False, focus=None)
    if not dropped and _dangles(rest, inside, grammar):
        return Standing(body, alone=False, focus=None)
    mended = _mend(rest, inside, focus, classes, grammar)
    if mended is None:
        return Standing(body, alone=False, focus=None)
    text, next_focus = mended
    if text == rest and (_one_of_many(rest, inside, grammar) or _some_one_thing(rest, inside, grammar)):
        return Standing(body, alone=False, focus=None)
    if dropped and text == rest:
        text = rest if not rest[0].islower() or _opens_small(rest, inside) else f"[{rest[0].upper()}]{rest[1:]}"
    if leaning.leans(text, rest, inside, grammar, resolved=text.startswith("[") and len(text.split("]", 1)[0]) > 2):
        return Standing(body, alone=False, focus=next_focus)
    return Standing(text, alone=True, focus=next_focus, mended=text != body)


def subject(text: str, mentions: Sequence[Mention], grammar: Grammar) -> Focus | None:
    """What a sentence is about: the words before its verb, if they are one short phrase with a name in it."""
    verb = known_verb(text, mentions, grammar)
    if verb is None:
        return None
    intro = intro_end(text, grammar)
    if _LATER_PART.search(text, intro, verb):
        return None
    phrase = re.split(r"[,;:(–—]", text[intro:verb])[0].replace("[", "").replace("]", "")
    phrase = re.sub(r"(?:\s+(?:also|now|then|still|already|only|even|both|all|\w+ly))+\s*$", "", phrase).strip(' “"')
    tokens = phrase.split()
    if not 0 < len(tokens) <= LONGEST_PHRASE or grammar["joins"].search(phrase):
        return None
    named = [(start, end, term) for start, end, term in mentions if intro <= start and end <= verb]
    article = re.match(r"[lL]['’]|\S+", phrase)
    opens = article is not None and grammar["articles"].fullmatch(article[0]) is not None
    if not named or not (opens or named[0][0] <= intro + 2):
        return None
    key = named[0][2].name if len(named) == 1 and len(tokens) <= named[0][2].name.count(" ") + 2 else phrase
    person = named[0][2].type == "entity" and key == named[0][2].name and leaning.is_person(key)
    plural = _looks_plural(phrase, text[verb:], grammar)
    return Focus(phrase, key, plural, person, article[0] if article is not None and opens else "")


def focus_on(term: Named, words: str) -> Focus:
    """The focus that a heading gives, which is a name and nothing else."""
    return Focus(
        words, term.name, _looks_plural(words, "", None), term.type == "entity" and leaning.is_person(term.name)
    )


def defined_class(text: str, end: int, language: str) -> str | None:
    """The head noun of the class that a definition names: `… is a | tidal power station on the …` -> `station`."""
    tokens = re.findall(r"[\w'’-]+|[^\w\s]", text[end : end + 120])
    nouns: list[str] = []
    for token in tokens:
        if not re.match(r"\w", token) or token.casefold() in _STOPS:
            break
        nouns.append(token)
    if not nouns:
        return None
    if language in {"fr", "es"}:
        return nouns[0]
    if language == "de":
        return next((noun for noun in nouns if noun[0].isupper()), None)
    return nouns[-1]


# Words that end the name of a class, whatever the language: "a power station | on the estuary".
_CLASS_ENDS = """
of in on at by for with from to into near between that which who whose where when and or but is are was were has
had used built made designed owned run operated located based written created developed an der die das des dem
den von im am auf bei mit für aus zu und oder ist de du à au aux en dans sur qui que et ou situé située del al
con por para sin y o situado ubicada ubicado
"""
_STOPS = frozenset(_CLASS_ENDS.split())


_SMALL = frozenset({"The", "A", "An", "Der", "Die", "Das", "Ein", "Eine", "Le", "Les", "Un", "Une", "Los", "Una"})
# "The offering (IPO), and the rise in its price, made …": of a subject of two parts the first is not all.
_LATER_PART = re.compile(r"[),]\s+(?:and|or|und|oder|et|ou|y|o)\s", re.IGNORECASE)
_BROUGHT_IN = re.compile(r"\s(?:an?|some|any|each|every)\s", re.IGNORECASE)
_INFINITIVE = re.compile(r"it.{4,32}\bto\b", re.IGNORECASE)


def _without_connective(body: str, mentions: Sequence[Mention], grammar: Grammar) -> tuple[str, bool]:
    rest, dropped = body, False
    for _ in range(2):
        match = grammar["connectives"].match(rest)
        if match is None or any(start <= len(body) - len(rest) < end for start, end, _ in mentions):
            break
        after = rest[match.end() :]
        comma = re.match(r"\s*[,:—–]\s*", after) or re.match(r"\s*\.\.\.\s*", after)
        if comma is None and (grammar["bare"].fullmatch(match[0]) is None or grammar["not_bare"].match(after.lstrip())):
            break
        rest, dropped = after[comma.end() :] if comma else after.lstrip(), True
    return (rest, dropped) if rest else (body, False)


def _dangles(rest: str, mentions: Sequence[Mention], grammar: Grammar) -> bool:
    """Does a connective open this that could not be taken away?"""
    match = grammar["bare"].match(rest)
    if match is None or any(start == 0 for start, _, _ in mentions):
        return False
    return grammar["not_bare"].match(rest[match.end() :].lstrip()) is None


def _mend(
    rest: str, mentions: Sequence[Mention], focus: Focus | None, classes: Classes, grammar: Grammar
) -> tuple[str, Focus | None] | None:
    """The sentence with its subject put in, and the focus after it; None if it leans on something unknown."""
    intro = intro_end(rest, grammar)
    for at in dict.fromkeys((0, intro)):
        clause = rest[at:]
        if at and grammar["impersonal"].match(clause) and _INFINITIVE.match(clause):
            continue  # "In C, it is easy to …" speaks of no "it"
        pronoun = _pronoun(clause, focus, grammar)
        if pronoun is not None:
            if at and main_clause_at(rest, grammar) and any(start < at for start, _, _ in mentions):
                return rest, None
            if at and main_clause_at(rest, grammar) and _BROUGHT_IN.search(rest, 0, at):
                return None  # "If a feature is new, it …": it is the feature, and no name
            if at and any(start < at for start, _, _ in mentions):
                return None
            if pronoun.end == 0 or focus is None:
                return None
            return rest[:at] + _put_in(pronoun.insert, at) + pronoun.tail + clause[pronoun.end :], focus
        noun = _class_noun(clause, mentions, at, classes, grammar)
        if noun is not None:
            if noun.end == 0 or noun.focus is None:
                return None
            return rest[:at] + _put_in(noun.insert, at) + clause[noun.end :], noun.focus
    return rest, subject(rest, mentions, grammar)


@dataclass(frozen=True, slots=True)
class _Found:
    """A word that leans: where it ends and what goes in its place; `end` is 0 where nothing can."""

    end: int = 0
    insert: str = ""
    tail: str = ""
    focus: Focus | None = None


def _put_in(insert: str, at: int) -> str:
    if at == 0:
        return f"[{insert[0].upper() + insert[1:]}]"
    # Behind an opening phrase an article is written small: since the 1990s, [the company] …
    article, _, rest = insert.partition(" ")
    return f"[{article.lower()} {rest}]" if rest and article in _SMALL else f"[{insert}]"


def _pronoun(clause: str, focus: Focus | None, grammar: Grammar) -> _Found | None:
    for kind in ("thing_possessive", "person_possessive", "many_possessive"):
        match = grammar[kind].match(clause)
        if match is not None:
            fits = focus is not None and _fits(kind, match[0], focus, clause[match.end() :], grammar)
            genitive = (
                "" if focus is None else focus.words + ("'" if focus.plural and focus.words.endswith("s") else "'s")
            )
            return _Found(match.end(), genitive) if fits else _Found()
    if grammar["possessive"].match(clause) and not grammar["null_subject"].match(clause):
        return _Found()
    for kind in ("thing", "person", "many"):
        match = grammar[kind].match(clause)
        if match is not None and (kind != "many" or not _is_determiner(clause, match, grammar)):
            return _replaced(kind, match, clause, focus, grammar)
    match = grammar["null_subject"].match(clause)
    if match is not None and not grammar["impersonal"].match(clause):
        if focus is None:
            return _Found()
        return _Found(match.end(), focus.words, f" {match[0][0].lower()}{match[0][1:]}")
    return None


def _replaced(kind: str, match: re.Match[str], clause: str, focus: Focus | None, grammar: Grammar) -> _Found:
    rest = clause[match.end() :]
    if focus is None or not _fits(kind, match[0], focus, rest, grammar):
        return _Found()
    short = re.match(r"['’](s|re)(?= (?:an?|the|not|also|now)\b)", rest)
    if short is not None:
        return _Found(match.end() + short.end(), f"{focus.words} {'is' if short[1] == 's' else 'are'}")
    if rest[:1] in {"'", "’"}:
        return _Found()
    return _Found(match.end(), focus.words)


def _fits(kind: str, word: str, focus: Focus, rest: str, grammar: Grammar) -> bool:
    if grammar.language == "en":
        if kind.startswith("many"):
            return focus.plural and not focus.person
        person = kind.startswith("person")
        return not focus.plural and focus.person == person and (not person or _may_be(word, focus.key))
    word = word.casefold()
    plural = word in {"ils", "elles", "ellos", "ellas"} or (
        word == "sie" and re.match(r" \w+(?:en|sind)\b", rest) is not None
    )
    genders = grammar.mapping("genders")
    wanted = genders.get(focus.article.casefold())
    return plural == focus.plural and (wanted is None or plural or wanted == word)


def _is_determiner(clause: str, match: re.Match[str], grammar: Grammar) -> bool:
    """Is this "these" the one of "these turbines"?"""
    if grammar["demonstrative"].match(clause) is None:
        return False
    return grammar["verbs"].match(clause[match.end() :].lstrip()) is None


def _class_noun(clause: str, mentions: Sequence[Mention], at: int, classes: Classes, grammar: Grammar) -> _Found | None:
    pointing = grammar["demonstrative"].match(clause)
    article = grammar["article"].match(clause)
    match = pointing or article
    if match is None:
        return None
    gap = re.match(r"\s*([\w'’-]+)\s*", clause[match.end() :])
    if gap is None:
        return _Found() if pointing else None
    word_start, end = match.end() + gap.start(1), match.end() + gap.end(1)
    if not pointing and any(start <= at + word_start < stop or start < at + end <= stop for start, stop, _ in mentions):
        return None
    noun, following = gap[1], clause[match.end() + gap.end() :]
    focus = classes.only(noun, compounds=grammar.language == "de")
    if focus is not None and grammar["verbs"].match(following):
        return _Found(end, focus.words, focus=focus)
    if pointing:
        return _Found()
    vague = grammar["anaphora"].fullmatch(noun) is not None
    known = any(at + end <= start <= at + end + 1 for start, _, _ in mentions)
    several = noun.casefold() in classes.members and grammar["verbs"].match(following) is not None
    return _Found() if (vague or several) and not known else None


def _one_of_many(text: str, mentions: Sequence[Mention], grammar: Grammar) -> bool:
    """Does "the estuary was closed" speak of one estuary that was named before?"""
    article = grammar["article"].match(text)
    if article is None or not mentions:
        return False
    start, end, term = mentions[0]
    if term.type == "entity" or start > article.end() + 1 or " " in text[start:end] or not text[start:end].islower():
        return False
    return grammar["past"].match(text[end:].lstrip()) is not None


def _some_one_thing(text: str, mentions: Sequence[Mention], grammar: Grammar) -> bool:
    """Does "the sides feel sharper" speak of something that was named before? "The best things to buy" does not."""
    article = grammar["article"].match(text)
    if grammar.language != "en" or article is None:
        return False
    verb = known_verb(text, mentions, grammar)
    if verb is None or any(start < verb for start, _, _ in mentions):
        return False
    words = text[article.end() : verb].split()
    plain = all(word.islower() and not grammar["prepositions"].fullmatch(word) for word in words)
    unlike = any(word in _UNIQUE or word.endswith(("est", "most", "ing")) for word in words)
    return 0 < len(words) <= LONGEST_UNNAMED and plain and not unlike


def _fragment(text: str, mentions: Sequence[Mention]) -> bool:
    """Does a sentence begin in its middle: with a small letter that is no name, or with a mark?"""
    if text[0] != "(" and _opens_small(text, mentions):
        return False
    return text[0].islower() or text[0] in "(,;:.)]}…/|&+=>" or re.search(r"[?？]\s", text) is not None


def _opens_small(text: str, mentions: Sequence[Mention]) -> bool:
    """Does it begin with a name that is written small (npm, iPhone)?"""
    word = re.match(r"\S+", text)
    return any(start == 0 for start, _, _ in mentions) or (
        word is not None
        and any(character.isupper() or character in "`_-./(" for character in word[0].lstrip("\"“«„‘'")[1:])
    )


def _looks_plural(words: str, verb: str, grammar: Grammar | None) -> bool:
    if grammar is not None and verb:
        if grammar["plural_verbs"].match(verb):
            return True
        if grammar["singular_verbs"].match(verb):
            return False
    last = words.rsplit(None, 1)[-1] if words else ""
    return last.islower() and last.endswith("s") and not last.endswith(("ss", "us", "is"))


def _may_be(word: str, name: str) -> bool:
    from quern.names import persons

    wanted = "women" if word.casefold() in {"she", "her"} else "men"
    return wanted in persons.sexes(name)
