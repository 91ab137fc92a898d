"""What a term looks like: whether marked words could be one, and whether a phrase recurs as one does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from quern.engines.rules.definitions import defines
from quern.engines.rules.lexicon import Lexicon
from quern.engines.rules.phrases import ADJECTIVE, BREAK, LINK, NUMBER, WORD, Phrase, sorts_of
from quern.engines.rules.tokens import Token, tokens

LONGEST = 6  # words of a name that is not a proper name
LONG_SOURCE = 4000  # words, past which a phrase must recur once more

_BORDERS = (": ", " – ", " — ", " - ", " | ", "：", "？", "?")
# Articles before what is defined in general; the Romance languages take the definite one.
_INDEFINITE = {
    "en": ("a", "an"),
    "de": ("ein", "eine"),
    "fr": ("un", "une", "le", "la", "l'"),
    "es": ("un", "una", "el", "la"),
    "pt": ("um", "uma", "o", "a"),
    "it": ("un", "una", "uno", "un'", "il", "la", "lo", "l'"),
    "nl": ("een",),
}
# Endings that lone adjectives and verbs have, and hardly a noun.
_NO_NOUN: dict[str, tuple[str, ...]] = {
    "en": ("able", "ible", "ous", "ful", "less", "ish", "ical", "istic", "ward", "wise", "ized", "ised"),
    "fr": ("er", "ir", "ique", "iques", "able", "ables", "ible", "ibles", "eux", "euse", "aient", "ais", "ait"),
    "es": ("mente", "ando", "iendo", "ar", "er", "ir", "ado", "ada", "ados", "adas", "ido", "idos", "ían", "aba"),
    "pt": ("mente", "ando", "endo", "ar", "er", "ir", "ado", "ada", "ados", "adas", "ido", "idos", "iam", "ava"),
    "it": ("mente", "ando", "endo", "are", "ere", "ire", "ato", "ata", "ati", "uto"),
}


def is_term(words: str, lexicon: Lexicon) -> bool:
    """Whether words that an author marked are a term: a few words, no verb or stop word among them."""
    found = tokens(words)
    if not found or len(found) > LONGEST or len(words) > 60:
        return False
    if any(token.unspaced for token in found):
        return len(words) <= 24 and words.casefold() not in lexicon.nouns | lexicon.empty
    if not all(token.joined for token in found[1:]):
        return False
    sorts = sorts_of(found, lexicon)
    if len(found) == 1:
        return sorts[0] == WORD and len(words) > 1 and _may_be_noun(words, lexicon)
    is_title = all(token.text[0].isupper() for token in found)
    if sorts[0] in (BREAK, LINK, NUMBER) or sorts[-1] < NUMBER:
        return False
    return is_title or BREAK not in sorts


def is_identifier(words: str, lexicon: Lexicon) -> bool:
    """Whether a code span names something, an identifier, command or type: not a value, a path or an expression."""
    bare = words.removesuffix("()").removesuffix("!")
    if (
        not 2 < len(bare) <= 30
        or sum(map(str.isdigit, bare)) > 4
        or not bare[0].isalpha()
        or lexicon.common(bare.casefold())
    ):
        return False
    return all(c.isalnum() or c in "_-.:+#@<>" for c in bare) and not bare.startswith(("http", "www"))


def definiendum(text: str, found: Sequence[Token], lexicon: Lexicon) -> tuple[int, int] | None:
    """The tokens of what a sentence defines in general: "A bulb turbine is a …", not "The next turbine is a …"."""
    start = 1 if found and found[0].fold in _INDEFINITE.get(lexicon.language, ()) else 0
    sorts = sorts_of(found[: start + LONGEST], lexicon)
    end = next((at for at, sort in enumerate(sorts) if at >= start and sort == BREAK), len(sorts))
    if not start < end <= start + 4 or not all(token.joined for token in found[start + 1 : end]):
        return None
    words = text[found[start].start : found[end - 1].end]
    if not is_term(words, lexicon) or not defines(text, found[start].start, found[end - 1].end, lexicon.language):
        return None
    return start, end


def recurs(phrase: Phrase, lexicon: Lexicon, length: int = 0) -> bool:
    """Whether a phrase recurs as a term does. `length`: words of the source."""
    free = phrase.count - (phrase.nested if phrase.nested > 1 else 0)
    form = max(phrase.forms, key=lambda form: (phrase.forms[form], form))
    if phrase.size == 1:
        return phrase.sorts[0] == WORD and phrase.count >= 3 and free >= 2 and _is_noun(form, phrase, lexicon)
    if phrase.acts * 3 > phrase.count or (phrase.heads * 2 < phrase.count < phrase.nested * 2):
        return False
    first, last = form.split()[0].casefold(), form.split()[-1].casefold()
    if LINK in phrase.sorts and first in lexicon.light:
        return False  # "amount of money"
    doubts = (
        all(sort != WORD for sort in phrase.sorts),
        phrase.sorts[0] == ADJECTIVE,
        LINK in phrase.sorts,
        NUMBER in phrase.sorts,
        length > LONG_SOURCE,
    )
    return free >= 2 + sum(doubts) + 4 * (last in lexicon.light) + 2 * ("'s" in phrase.stems)


def heads(heading: str) -> Iterator[str]:
    """The terms that a heading may be: itself without its number, and the parts around a colon or dash."""
    bare = heading.strip().strip("#").strip()
    bare = bare.lstrip("0123456789.) ") or bare
    yield bare.rstrip(" :.!?…")
    border = next((border for border in _BORDERS if border in bare), None)
    if border:
        for part in bare.split(border):
            yield part.strip(" ?.!")


def _is_noun(form: str, phrase: Phrase, lexicon: Lexicon) -> bool:
    """Whether a lone word behaves as a noun: it ends its run and stands behind articles, not behind "to"."""
    if len(form) < 3 or form[0].isdigit() or not _may_be_noun(form, lexicon):
        return False
    if lexicon.language == "ko":
        return len(phrase.forms) > 1  # it takes particles
    if phrase.heads * 2 < phrase.count or phrase.acts * 4 > phrase.count:
        return False
    share = 3 if lexicon.language in ("de", "en") else 2  # these leave the article out before plurals
    return not lexicon.articles or phrase.things * share >= phrase.count


def _may_be_noun(word: str, lexicon: Lexicon) -> bool:
    if lexicon.language == "de":
        return word[0].isupper()
    return not word.islower() or not word.endswith(_NO_NOUN.get(lexicon.language, ()) or ("\0",))
