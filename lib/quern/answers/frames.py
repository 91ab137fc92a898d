"""The words around what is quoted: in the language of the question where they are known, else in English."""

from __future__ import annotations

import re
from typing import NamedTuple


class Frame(NamedTuple):
    """What an answer says besides what claims say. Braces stand for what is put in.

    `of` asks for an attribute that is a noun in the singular, where it needs no gender; `under` for any.
    """

    unknown: str
    nearest: str
    missing: str
    look_for: str
    whole: str
    found: str
    disputed: str
    superseded: str
    sources: str
    known_by: str
    what_is: str
    of: str
    under: str


FRAMES = {
    "en": Frame(
        unknown="The wiki does not know.",
        nearest="Nearest pages",
        missing="Missing",
        look_for="look for {}",
        whole="read whole: {} claims",
        found="{} of {} claims were read: those nearest to the question",
        disputed="disputed",
        superseded="overtaken",
        sources="Sources",
        known_by="as known on {}",
        what_is="What do sources say of {}?",
        of="What is the {} of {}?",
        under="What do sources say of {1} under “{0}”?",
    ),
    "de": Frame(
        unknown="Das weiß das Wiki nicht.",
        nearest="Nächste Seiten",
        missing="Es fehlt",
        look_for="zu suchen: {}",
        whole="ganz gelesen: {} Aussagen",
        found="{} von {} Aussagen gelesen: die der Frage nächsten",
        disputed="umstritten",
        superseded="überholt",
        sources="Quellen",
        known_by="Stand vom {}",
        what_is="Was sagen Quellen über {}?",
        of="",
        under="Was sagen Quellen zu {1} unter „{0}“?",
    ),
    "fr": Frame(
        unknown="Le wiki ne le sait pas.",
        nearest="Pages les plus proches",
        missing="Il manque",
        look_for="à chercher : {}",
        whole="lu en entier : {} affirmations",
        found="{} affirmations lues sur {} : les plus proches de la question",
        disputed="contesté",
        superseded="dépassé",
        sources="Sources",
        known_by="état au {}",
        what_is="Que disent les sources de {} ?",
        of="",
        under="Que disent les sources de {1} sous « {0} » ?",
    ),
    "es": Frame(
        unknown="El wiki no lo sabe.",
        nearest="Páginas más cercanas",
        missing="Falta",
        look_for="buscar: {}",
        whole="leído entero: {} afirmaciones",
        found="{} de {} afirmaciones leídas: las más cercanas a la pregunta",
        disputed="discutido",
        superseded="superado",
        sources="Fuentes",
        known_by="a fecha de {}",
        what_is="¿Qué dicen las fuentes de {}?",
        of="",
        under="¿Qué dicen las fuentes de {1} en «{0}»?",
    ),
}

# What a question asks for, by the word that begins it or stands in it, and which sources tell such things.
_ASKS = {
    "when": r"when|what year|which year|wann|welchem jahr|quand|quelle année|cuándo|qué año|什么时候|何时|いつ",
    "how much": r"how (?:much|many|long|large|big|high|far|fast|old)|wie ?viele?|wie (?:groß|lang|hoch|weit|alt)|"
    r"combien|cuánt[oa]s?|多少|几|いくつ|いくら|price|preis|prix|precio",
    "who": r"who|whom|whose|wer|wen|wem|wessen|qui(?! est-ce qu[e'])|quién(?:es)?|谁|誰",
    "where": r"where|wo|wohin|où|dónde|哪里|哪儿|どこ",
    "why": r"why|warum|weshalb|wieso|pourquoi|por qué|为什么|為什麼|なぜ",
    "how": r"how|wie|comment|cómo|怎么|如何|どう",
}
_SOURCES = {
    "en": {
        "when": ["a chronology, release notes or news reports of that time"],
        "how much": ["a report with figures: statistics, a data sheet, a study"],
        "who": ["a biography, or the site of the organisation"],
        "where": ["a map, a gazetteer or an encyclopedia article"],
        "why": ["a paper or textbook that explains the cause"],
        "how": ["a manual, a tutorial or a textbook"],
        "": ["an encyclopedia article or an introduction to the subject"],
    },
    "de": {
        "when": ["eine Chronik, Versionshinweise oder Nachrichten aus der Zeit"],
        "how much": ["ein Bericht mit Zahlen: Statistik, Datenblatt, Studie"],
        "who": ["eine Biographie oder die Seiten der Organisation"],
        "where": ["eine Karte, ein Ortsverzeichnis oder ein Lexikonartikel"],
        "why": ["ein Fachartikel oder Lehrbuch, das die Ursache erklärt"],
        "how": ["ein Handbuch, eine Anleitung oder ein Lehrbuch"],
        "": ["ein Lexikonartikel oder eine Einführung in das Thema"],
    },
    "fr": {
        "when": ["une chronologie, des notes de version ou la presse de l'époque"],
        "how much": ["un rapport chiffré : statistiques, fiche technique, étude"],
        "who": ["une biographie ou le site de l'organisation"],
        "where": ["une carte, un répertoire ou un article d'encyclopédie"],
        "why": ["un article ou un manuel qui explique la cause"],
        "how": ["un mode d'emploi, un tutoriel ou un manuel"],
        "": ["un article d'encyclopédie ou une introduction au sujet"],
    },
    "es": {
        "when": ["una cronología, notas de versión o noticias de la época"],
        "how much": ["un informe con cifras: estadísticas, ficha técnica, estudio"],
        "who": ["una biografía o el sitio de la organización"],
        "where": ["un mapa, un nomenclátor o un artículo de enciclopedia"],
        "why": ["un artículo o un libro de texto que explique la causa"],
        "how": ["un manual, un tutorial o un libro de texto"],
        "": ["un artículo de enciclopedia o una introducción al tema"],
    },
}


def of(language: str) -> Frame:
    """The frame of a language."""
    return FRAMES.get(language, FRAMES["en"])


def asks_for(question: str) -> str:
    """What a question asks for: "when", "how much", "who", "where", "why", "how", or "" for anything else.

    The word that stands first counts: "why did it open when it did?" asks why.
    """
    text = question.casefold()
    found = []
    for number, (kind, words) in enumerate(_ASKS.items()):
        # In a script without blanks no word ends where another begins.
        match = re.search(rf"(?<![a-zà-ÿ])(?:{words})(?![a-zà-ÿ])", text)
        if match is not None:
            found.append((match.start(), number, kind))
    return min(found)[2] if found else ""


def sources_for(question: str, language: str) -> list[str]:
    """The kinds of sources that may tell what is asked."""
    return sources_of(asks_for(question), language)


def sources_of(asks: str, language: str) -> list[str]:
    """The kinds of sources that tell when, how much and so on (see `asks_for`)."""
    return list(_SOURCES.get(language, _SOURCES["en"])[asks])
