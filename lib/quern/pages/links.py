"""Links of a page: found as Obsidian finds them, led elsewhere, and woven into sentences.

Lines are 0-based (an index into the page's lines), offsets are in characters of the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from typing import NamedTuple

from quern import names
from quern.pages import markup

Lookup = Callable[[str], tuple[str, str] | None]

_LINK = re.compile(
    r"""
    \[(?: \[ (?P<target>[^\[\]|\n]++) (?: \| (?P<alias>[^\[\]\n]*+(?:(?:\[(?!\[)|\](?!\]))[^\[\]\n]*+)*+) )? \]\]
    | (?!\^) (?P<label> (?: [^\[\]\\\n]++ | \\. | \[[^\[\]\n]*+\] )*+ ) \]
      \( [ \t]* (?: <(?P<angle>[^<>\n]*)> | (?P<bare>(?: [^\s()\\<>]++ | \\. | \([^\s()]*+\) )++ ) )
         (?: [ \t]+ (?: "[^"\n]*" | '[^'\n]*' ) )? [ \t]* \)
    )""",
    re.VERBOSE,
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")


class Link(NamedTuple):
    """A link to a file of the vault. `target` is as written, decoded; `text` the words that a reader sees."""

    line: int
    target: str
    text: str
    embed: bool
    start: int
    end: int
    markdown: bool = False

    @property
    def file(self) -> str:
        """The file it names, without folder, heading, block and `.md`; empty if it stays on its page."""
        return target_file(self.target)

    @property
    def part(self) -> str:
        """What it names in that file: `Heading`, `Heading#Sub` or `^block`; else empty."""
        return self.target.partition("#")[2]


def find(text: str) -> Iterator[Link]:
    """The wikilinks, embeds and Markdown links into the vault, in order; none in code, comments or math."""
    return find_in(text, markup.blanked(text))


def find_in(text: str, prose: str) -> Iterator[Link]:
    """As `find`, given the page with all that is not prose blanked."""
    if "](" not in prose and "[[" not in prose:
        return
    starts: list[int] = []
    for match in _LINK.finditer(prose):
        target, shown = _parts(match, text)
        start = match.start()
        if target is None or (start and prose[start - 1] == "\\" and markup.is_escaped(prose, start)):
            continue
        is_embed = prose[start - 1 : start] == "!" and not markup.is_escaped(prose, start - 1)
        if not starts:
            starts = _line_starts(text)
        line = bisect_right(starts, start) - 1
        yield Link(line, target, shown, is_embed, start - is_embed, match.end(), match["target"] is None)


def target_file(target: str) -> str:
    """The file that a target names, without folder, heading, block and `.md`."""
    file = target.partition("#")[0].rpartition("/")[2].strip()
    return file[:-3] if file[-3:].lower() == ".md" else file


def link_md(file: str, words: str) -> str:
    """A link to a file that shows these words (plain text, which a link cannot show in full: brackets, bars)."""
    label = _label(words)
    return f"[[{file}]]" if label in (file, "") else f"[[{file}|{label}]]"


def _label(words: str) -> str:
    """Words that can stand in a link: a bracket or a bar would end it before its time."""
    words = " ".join(words.split()).replace(" | ", " – ").translate(_LABEL)
    return markup.escape_between("|", words)


_LABEL = str.maketrans({"[": "(", "]": ")", "|": "/"})


def _parts(match: re.Match[str], text: str) -> tuple[str | None, str]:
    if match["target"] is not None:
        target = match["target"].rstrip("\\").strip()
        alias = match["alias"]
        return target, target if alias is None else markup.unescape(alias)
    angle = match["angle"]
    target = angle if angle is not None else markup.unescape(match["bare"])
    if not target or _SCHEME.match(target):
        return None, ""
    if "%" in target:
        from urllib.parse import unquote

        target = unquote(target)
    return target, markup.unescape(text[match.start("label") : match.end("label")])


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", text))]


# Leading elsewhere

Course = Callable[[Link], str | None]
"""Where a link leads from now on, as a target; "": nowhere, its words stay; None: as before."""

_DESTINATION = re.compile(
    r"(?P<blank>[ \t]*)(?: <(?P<angle>[^<>\n]*)> | (?P<bare>(?: [^\s()\\<>] | \\. | \([^\s()]*\) )+ ) )(?P<rest>.*)",
    re.VERBOSE | re.DOTALL,
)
_TO_ENCODE = re.compile(r"[\s%<>#?\\]")
_BALANCED = re.compile(r"(?:[^()]|\([^()]*\))*")


def repair(text: str, found: Iterable[Link], course: Course, quoting: Container[int] = ()) -> str:
    """A page whose links (`found`, in order) lead where `course` says; all else stays byte for byte.

    On the lines `quoting` (sentences of ours) the words that a reader sees stay too: a link without words of its own
    gets those that it showed. Elsewhere such a link shows its new target, as it does when Obsidian renames a file.
    """
    pieces, at = [], 0
    for link in found:
        target = course(link)
        if target is None or target == link.target:
            continue
        written = text[link.start : link.end]
        led = _markdown_to if link.markdown else _wikilink_to
        pieces += [text[at : link.start], led(written, link, target, _bar(text, link, link.line in quoting))]
        at = link.end
    return "".join(pieces) + text[at:]


def _bar(text: str, link: Link, is_quoting: bool) -> str:
    """What stands between target and words where words are to be kept, in a table an escaped bar; "": they are not."""
    if not is_quoting or link.embed:
        return ""
    line = text[text.rfind("\n", 0, link.start) + 1 : link.start]
    return r"\|" if line.lstrip().startswith("|") else "|"


def _wikilink_to(written: str, link: Link, target: str, bar: str) -> str:
    opening = "![[" if link.embed else "[["
    inner, has_words, words = written[len(opening) : -2].partition("|")
    old = inner.rstrip("\\")
    if not target:
        return words if has_words else old
    if bar:
        return woven(target, words if has_words else old, inner[len(old) :] + has_words or bar)
    before, after = old[: len(old) - len(old.lstrip())], old[len(old.rstrip()) :]
    return f"{opening}{before}{target}{after}{inner[len(old) :]}{has_words}{words}]]"


def _markdown_to(written: str, link: Link, target: str, _bar: str) -> str:
    at = written.rindex("](")
    found = _DESTINATION.fullmatch(written[at + 2 : -1])
    if not target or found is None:
        return written if target else written[1:at]
    is_angle = found["angle"] is not None
    raw = found["angle"] if is_angle else found["bare"]
    path, part = (_spelt(*pair, as_it_is=is_angle) for pair in _halves(raw, target, link.target))
    there = f"{path}#{part}" if "#" in target else path
    there = f"<{there}>" if is_angle else there
    return f"{written[:at]}]({found['blank']}{there}{found['rest']})"


def _halves(*targets: str) -> Iterator[tuple[str, ...]]:
    """The file of several targets, then what they name in it."""
    parts = [target.partition("#") for target in targets]
    yield tuple(part[0] for part in parts)
    yield tuple(part[2] for part in parts)


def _spelt(raw: str, new: str, old: str, *, as_it_is: bool) -> str:
    """Half a target as it is written in a Markdown link: steps that stay are spelt as they were."""
    if new == old:
        return raw
    spelt = dict(zip(old.split("/"), raw.split("/"), strict=False)) if raw.count("/") == old.count("/") else {}
    return "/".join(spelt.get(step) or (step if as_it_is else _encoded(step)) for step in new.split("/"))


def _encoded(step: str) -> str:
    """A step of a path as a Markdown link may hold it, as Obsidian writes it: `Tidal%20power.md`."""
    from urllib.parse import quote

    text = _TO_ENCODE.sub(lambda match: quote(match[0]), step)
    return text if _BALANCED.fullmatch(text) else text.replace("(", "%28").replace(")", "%29")


# Weaving

_WORDS, _CHARACTERS = 6, 12
# Scripts that put no blanks between words: there each character is looked up with those behind it.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
    "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_UNIT = re.compile(
    rf"(?P<unspaced>[{_UNSPACED}])"
    rf"|[^\s!-/:-@\[-`{{-~\u2000-\u200b\u200e-\u206f\u3000-\u303f\uff00-\uff0f\uff1a-\uff20«»¡¿·{_UNSPACED}]+[+#]*"
)
_GLUE = re.compile(r"[ ]|[-–'’./]|[ ][&–-][ ]|&|\.[ ]")
# Where a name is no mention to be linked: code, links, brackets, footnotes, marks, quotes, addresses.
_BARRIER = re.compile(
    r"""
      \\`[^`]*\\` | (?P<ticks>`+)[^`]+(?P=ticks) | \*\((?:[^*\\]|\\.)*\)\*
    | !?\[\[(?:(?!\]\]|\[\[).)*\]\] | \[(?:[^\[\]]|\[[^\[\]]*\])*\](?:\([^()\s]*\))?
    | "[^"]*" | “[^“”]*” | „[^“”„]*[“”] | «[^«»]*» | 「[^「」]*」 | 『[^『』]*』
    | [A-Za-z][A-Za-z0-9+.-]{1,20}://\S+ | www\.\S+ | [\w.+-]{1,64}@[\w-]{1,64}\.\w+
    | <[^<>]*> | \$(?=\S)[^$\\]*(?<=\S)\$(?!\d)
    """,
    re.VERBOSE | re.DOTALL,
)


class Mention(NamedTuple):
    """A name in a sentence: the file of its page, and where it starts and ends."""

    file: str
    start: int
    stop: int


def weave(text_md: str, lookup: Lookup, exclude: Iterable[str]) -> str:
    """A sentence with links to the pages that it names, each at its first mention; its words stay as they are.

    `lookup` gets a name in normal form and gives (file, title) or None. Files in `exclude` are not linked.
    The longest name wins, and a name that is not to be linked hides the shorter ones in it.
    """
    return woven_into(text_md, mentions(text_md, lookup), exclude)


def woven_into(text_md: str, mentions: Iterable[Mention], exclude: Iterable[str]) -> str:
    """A sentence with links at its mentions, as `mentions` found them: of each file at the first that may be one."""
    linked = set(exclude)
    pieces, at = [], 0
    for file, start, stop in mentions:
        if file not in linked and _may_stand(text_md, start, stop, file):
            linked.add(file)
            pieces += [text_md[at:start], woven(file, text_md[start:stop])]
            at = stop
    return "".join(pieces) + text_md[at:]


def mentions(text_md: str, lookup: Lookup) -> Iterator[Mention]:
    """The pages that a sentence names, in its order, where a link may stand; `lookup` as for `weave`."""
    for begin, end in _open_spans(text_md):
        units = list(_UNIT.finditer(text_md, begin, end))
        number = 0
        while number < len(units):
            found = _longest(text_md, units, number, lookup)
            if found is None:
                number += 1
                continue
            file, start, stop, number = found
            yield Mention(file, start, stop)


def woven(target: str, words_md: str, bar: str = "|") -> str:
    """A link in a sentence of ours, which shows these words; `bar` stands between the two.

    The words stand there though the file has the same name: when Obsidian renames a file, it changes a bare link, and
    the sentence would no longer say what its claim says.
    """
    return f"[[{target}{bar}{words_md}]]"


def _open_spans(text_md: str) -> Iterator[tuple[int, int]]:
    """The parts of a sentence in which links may stand."""
    at = 0
    for barrier in _BARRIER.finditer(text_md):
        yield at, barrier.start()
        at = barrier.end()
    yield at, len(text_md)


def _longest(
    text_md: str, units: Sequence[re.Match[str]], first: int, lookup: Lookup
) -> tuple[str, int, int, int] | None:
    """The longest name that begins with this unit: its file, its start and end, and the unit behind it."""
    start, last = units[first].start(), first
    most = first + (_CHARACTERS if units[first]["unspaced"] else _WORDS)
    while last + 1 < min(len(units), most) and _belong(text_md, units[last], units[last + 1]):
        last += 1
    for number in range(last, first - 1, -1):
        key = names.normal(text_md[start : units[number].end()])
        found = lookup(key) if key else None
        if found is not None:
            return found[0], *_tight(text_md, units[first : number + 1], key, found[0]), number + 1
    return None


def _tight(text_md: str, units: Sequence[re.Match[str]], key: str, file: str) -> tuple[int, int]:
    """Where a name starts and ends without the articles and possessives around it, unless they are the file's."""
    first, last = 0, len(units) - 1
    if text_md[units[0].start() : units[-1].end()] == file:
        return units[0].start(), units[-1].end()
    while first < last and names.normal(text_md[units[first + 1].start() : units[last].end()]) == key:
        first += 1
    while first < last and names.normal(text_md[units[first].start() : units[last - 1].end()]) == key:
        last -= 1
    return units[first].start(), units[last].end()


def _belong(text_md: str, left: re.Match[str], right: re.Match[str]) -> bool:
    """Whether two units can be of one name."""
    between = text_md[left.end() : right.start()]
    return not between or _GLUE.fullmatch(between) is not None


def _may_stand(text_md: str, start: int, stop: int, file: str) -> bool:
    """Whether these words can be a link: nothing around them would change it, and they are no everyday word."""
    words = text_md[start:stop]
    if text_md[start - 1 : start] in ("!", "^", "[", "\\", "#", "@", "/", "&", "$") or text_md[stop : stop + 1] == "(":
        return False
    if len(words) == 1 and _UNIT.fullmatch(words, 0)["unspaced"]:  # type: ignore[index]
        return False
    if words.isascii() and len(words) <= 3 and (words.islower() or (start == 0 and not words.isupper())):
        return False
    return not (file.isupper() and file.isalpha()) or words.startswith(file)
