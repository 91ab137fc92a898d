"""The words by which the rules read a statement: what is light, what opens a scope, what says that something is new.

A list holds folded words, or regular expressions where its name ends in FORMS. A language without lists has none of
these words: then all words of two statements must agree.
"""

from __future__ import annotations

import re
from functools import lru_cache

from quern.names import listed
from quern.relations.wording import FREE, stem

_LIGHT = {
    "en": "it its they their he his she her do does did will there which that who use uses used using reach reaches "
    "reached have having total totals totalled amount amounts amounted contain contains contained hold holds held "
    "include includes "
    "measure measures measured stand stands stood come comes only just exactly still also already currently now today "
    "presently every of for to as so very some about around roughly approximately nearly almost over than more less at "
    "least most up close than grow grows grew grown rise rises rose risen raised raise raises lower lowered lowers fall "
    "falls fell fallen increased reduced cut extended expanded changed upgraded updated moved took take takes taken "
    "place part overall in on by from no not never nor neither can could cannot may might must should would always "
    "because since and or longer own said become became",
    "de": "es er sie ihr ihre sein seine wird werden wurde wurden worden beträgt betrug betragen besitzt verfügt über "
    "umfasst liegt bei nur genau noch auch bereits jetzt nun inzwischen mittlerweile heute derzeit etwa rund ungefähr "
    "circa ca knapp fast gut mehr als mindestens höchstens von vom zu zum zur auf für im am an in um bis nicht kein "
    "keine keinen nie niemals kann können konnte muss müssen soll sollen darf weiterhin pro je seit erhöht angehoben "
    "gesenkt gestiegen gewachsen dort sich",
    "fr": "il elle ils elles son sa ses leur ce cette ces se s qui que y en dispose compte atteint mesure "
    "mesurait s'élève élève ne n pas plus jamais non aussi encore déjà maintenant désormais aujourd'hui actuellement "
    "environ près presque seulement que de d du des à au aux dans par pour sur peut peuvent pouvait doit doivent "
    "porté passé relevé réduit été depuis",
    "es": "su sus se lo ella él que tiene tienen tenía tuvo cuenta alcanza mide medía no nunca jamás también aún todavía "
    "ya ahora hoy actualmente unos unas cerca casi solo sólo más menos de del al a en por para con puede pueden podía "
    "debe deben sido desde aumentó subió",
}
LIGHT = {language: frozenset(listed(words)) | FREE[language] for language, words in _LIGHT.items()}

# What stands between the subject and what is said of it.
_VERBS = {
    "en": "is are was were be been has have had do does did can could cannot will would may might must should uses use "
    "used reaches reached contains contained holds measures measured totals totalled stands stood keeps needs "
    "costs cost weighs supports",
    "de": "ist sind war waren wird werden wurde wurden hat haben hatte hatten kann können konnte muss soll beträgt betrug "
    "fasst besitzt umfasst liegt",
    "fr": "est sont était étaient a ont avait avaient peut peuvent doit mesure compte atteint sera fut",
    "es": "es son está están era eran tiene tienen tenía fue fueron puede pueden debe mide cuenta alcanza ha han",
}
VERBS = {language: frozenset(listed(words)) for language, words in _VERBS.items()}

# A phrase that begins so says where, for whom, of which part or on which condition something holds.
_SCOPE = {
    "en": "in on at among amongst with without for during under within outside inside across above below against when "
    "if as between near via per unless except by while upon through throughout beyond behind despite compared unlike "
    "after before until since from like versus using",
    "de": "in im am an auf bei beim unter mit ohne für während innerhalb außerhalb über gegen wenn falls zwischen per pro "
    "nach vor bis seit ab aus durch unterhalb oberhalb außer laut gegenüber statt trotz",
    "fr": "dans en sur au aux à chez parmi avec sans pour pendant durant sous hors contre si entre par après avant "
    "depuis dès vers sauf selon lors malgré",
    "es": "en entre con sin para durante bajo dentro fuera sobre contra si por tras después antes desde hasta según "
    "salvo excepto hacia mediante cuando",
}
SCOPE = {language: frozenset(listed(words)) for language, words in _SCOPE.items()}
# Before a figure these belong to it ("for 30 days", "at 230 °C").
OF = frozenset({"of", "von", "vom", "de", "d'", "d", "des", "der", "del", "du"})
ARTICLES = frozenset(
    listed(
        "the a an der die das den dem des ein eine einen einem einer le la les l l' un une el los las una unos unas its "
        "their his her each every all most some any this that these those"
    )
)

# One-sided, these make it another thing: a part, a kind of average, a rate.
_KINDS = {
    "en": "each per average averages averaged mean median peak maximum minimum max min total gross net annual annually "
    "yearly daily weekly monthly hourly initial initially original originally planned estimated projected expected "
    "former formerly previous previously combined individual single half first second third main early late nominal "
    "installed usable additional another other remaining only-one both up-to record summer winter free paid basic pro",
    "de": "jede jeder jedes durchschnittlich durchschnittliche mittlere maximal maximale minimal minimale jährlich "
    "jährliche täglich monatlich gesamt ursprünglich ursprüngliche geplant geplante ehemalige frühere weitere andere "
    "erste zweite nördliche südliche",
    "fr": "chaque moyen moyenne maximal maximale minimal minimale annuel annuelle quotidien mensuel total totale initial "
    "initialement prévu prévue ancien ancienne autre premier première second",
    "es": "cada medio media promedio máximo máxima mínimo mínima anual diario mensual total inicial previsto prevista "
    "antiguo antigua otro otra primer primera segundo segunda",
}
KINDS = {language: frozenset(listed(words)) for language, words in _KINDS.items()}

# Two words of one scale, the first of each pair for both: what one affirms the other denies.
_OPPOSITES = """
open closed; opened shut; true false; right wrong; correct incorrect; increase decrease; increases decreases;
increased decreased; increasing decreasing; raise lower; raises lowers; rise fall; rises falls; grow shrink;
grows shrinks; enabled disabled; enables disables; enable disable; allowed forbidden; allows forbids; allow prohibit;
allows prohibits; permits prohibits; possible impossible; legal illegal; safe dangerous; alive dead; present absent;
accept reject; accepts rejects; accepted rejected; include exclude; includes excludes; included excluded;
required optional; mandatory optional; public private; internal external; synchronous asynchronous; visible hidden;
success failure; succeeded failed; succeeds fails; win lose; wins loses; won lost; profitable unprofitable;
highest lowest; higher lower; largest smallest; larger smaller; longest shortest; longer shorter; best worst;
better worse; faster slower; fastest slowest; maximum minimum; more fewer; most least; before after;
above below; inside outside; north south; northern southern; east west; eastern western; hot cold; warm cool;
wet dry; high low; long short; large small; big small; fast slow; strong weak; hard easy; difficult easy; heavy light;
deep shallow; wide narrow; full empty; rich poor; old new; old young; early late; positive negative; active inactive;
promotes inhibits; promote inhibit; activates inhibits; upregulates downregulates; improves worsens; improve worsen;
reduces increases; reduce increase; reduced increased; accelerates slows; prevents causes; prevent cause; male female;
offen geschlossen; geöffnet geschlossen; wahr falsch; richtig falsch; steigt sinkt; erhöht senkt; erlaubt verboten;
möglich unmöglich; aktiviert deaktiviert; sicher unsicher; höchste niedrigste; größte kleinste; warm kalt;
ouvert fermé; ouverte fermée; vrai faux; augmente diminue; permis interdit; possible impossible; activé désactivé;
abierto cerrado; abierta cerrada; verdadero falso; aumenta disminuye; permitido prohibido;
posible imposible; activado desactivado; sube baja
"""
# Words that deny another by their prefix; what only looks so is left out.
_DENYING = re.compile(
    r"(?:in|im|ir|il)(\w{3,}(?:able|ible)|active|complete|accurate|correct|regular|relevant|direct|formal|secure|sensitive|"
    r"valid|consistent|efficient|expensive|finite|pure|mature|mobile|logical|legal|literate|adequate|dependent|significant)|"
    r"un(?!der|it|i[ov]|ique|til|less)(\w{4,})|non-?(\w{4,})"
)
_NOT_DENYING = frozenset({"inflammable", "invaluable", "unanimous", "unanimously"})

# "ne" and "n'" come with another word of negation, which counts.
_NEGATIONS = {
    "en": r"\b(?:not(?! only\b| just\b| merely\b)|never|no(?! (?:doubt|matter|longer than|more than|less than|fewer))|none|neither"
    r"|nobody|nothing|cannot|fails? to|failed to|lacks?|lacked|lacking|without any)\b|n['’]t\b",
    "de": r"\b(?:nicht(?! nur\b)|kein(?:e[nmrs]?)?|nie(?:mals)?|niemand|nichts|weder)\b",
    "fr": r"\b(?:pas(?! seulement\b)|jamais|aucune?|rien|personne|ni|ne \w+ plus|n['’]\w+ plus)\b",
    "es": r"\b(?:no(?! s[oó]lo\b| solamente\b)|nunca|jamás|ning[uú]n[oa]?|nadie|nada|tampoco)\b",
}
NEGATION_FORMS = {language: re.compile(form, re.IGNORECASE) for language, form in _NEGATIONS.items()}

_CHANGE_EN = (
    r"refurbish\w*|renovat\w*|upgrad\w*|expan\w*|extension|rebuil\w*|reconstruct\w*|moderni[sz]\w*|reform\w*|migration|"
)
_CHANGE_EN += r"merger|redesign\w*|overhaul\w*|conversion|revision|update|enlarge\w*|repowering|retrofit\w*|rewrite"
_NEWER = {
    "en": r"\b(?:now(?! that\b)|no longer|not any ?more|any ?longer|nowadays|currently|today|these days|as of|since(?= [A-Zthe\d\[])|"
    rf"(?:after|following|with|since) (?:the |its |a |an )?(?:\w+ )?(?:{_CHANGE_EN})|"
    r"(?:was|were|been|is|are|being|got) (?:since )?(?:raised|increased|cut|reduced|lowered|changed|upgraded|extended|expanded|"
    r"updated|moved|shortened|doubled|halved|switched|renamed|replaced|superseded|corrected|revised)\b|"
    r"(?:has|have) (?:since )?(?:grown|risen|fallen|dropped|increased|decreased|shrunk|moved|switched|changed|expanded|become)|"
    r"(?:raised|increased|cut|reduced|lowered|grew|rose|fell|switched|moved|shrank) (?:\w+ )?(?:from .{1,20})?to|renamed|replaced by|"
    r"from (?:\w+ )?\d{4} on(?:wards?)?|starting (?:in|with|from)|effective)\b",
    "de": r"\b(?:jetzt|nun|nunmehr|inzwischen|mittlerweile|heute|heutzutage|derzeit|aktuell|nicht mehr|kein\w* \w+ mehr|seit|seitdem|"
    r"nach (?:dem|der|einem|einer) (?:Umbau|Ausbau|Sanierung|Modernisierung|Erweiterung|Renovierung|Reform|Neubau|Umstellung)|"
    r"erhöht|angehoben|gesenkt|gestiegen|gewachsen|reduziert|verkürzt|verlängert|umbenannt|ersetzt|abgelöst|ab \d{4})\b",
    "fr": r"\b(?:maintenant|désormais|dorénavant|aujourd['’]hui|actuellement|depuis|à présent|ne \w+ plus|n['’]\w+ plus|"
    r"après (?:la |les |sa |une )?(?:rénovation|modernisation|extension|réforme|travaux|reconstruction|agrandissement)|"
    r"(?:porté|passé|relevé|réduit|augmenté|abaissé|ramené)e?s? (?:de .{1,20})?à|rebaptisée?|renommée?|remplacée?|à partir de)\b",
    "es": r"\b(?:ahora|hoy|actualmente|desde|ya no|hoy en día|"
    r"(?:tras|después de) (?:la |el |una? )?(?:reforma|renovación|ampliación|modernización|reconstrucción|obras)|"
    r"(?:aumentó|subió|bajó|elevado|reducido|aumentado|ampliado|pasó|rebajado)a? (?:de .{1,20})?a|renombrad[oa]|rebautizad[oa]|"
    r"reemplazad[oa]|sustituid[oa]|a partir de)\b",
}
NEWER_FORMS = {language: re.compile(form, re.IGNORECASE) for language, form in _NEWER.items()}

_PAST = {
    "en": r"\b(?:until|till|formerly|originally|previously|once had|once was|used to|initially|at first|at the time|back then|no more than then|"
    r"from (?:\w+ )?\d{4} (?:to|until|till)|between \d{4} and|before (?:the |its )|at (?:its )?opening)\b",
    "de": r"\b(?:bis(?= \d{4}| zum| zur)|früher|ehemals|ursprünglich|anfangs|damals|einst|zunächst|von \d{4} bis)\b",
    "fr": r"\b(?:jusqu['’]en|jusqu['’]à|autrefois|auparavant|à l['’]origine|initialement|jadis|de \d{4} à)\b",
    "es": r"\b(?:hasta|antes|originalmente|anteriormente|inicialmente|antiguamente|de \d{4} a)\b",
}
PAST_FORMS = {language: re.compile(form, re.IGNORECASE) for language, form in _PAST.items()}

# Not said to be so: supposed, wished, planned, or said by others.
_UNSURE = {
    "en": r"\b(?:if|unless|could|would|might|may(?! \d)|should|perhaps|maybe|possibly|probably|likely|planned|plans?(?= to| for)|proposed|"
    r"proposals?|expected|projected|target(?:s|ed)?|goal|aims?|hopes?|will|ought|suppose[ds]?|assum(?:e|es|ed|ing)|hypothes\w+|"
    r"(?<!the )(?<!that )(?:claim|claims|claimed|claiming)|critics|opponents|supporters|argue[sd]?|believ\w+|alleg\w+|"
    r"reportedly|supposedly|apparently|according to|some say|said to be|suggest(?:s|ed)?|asks?|wants?|wish\w*|joke|rumou?r\w*|"
    r"myth|misconception|whether|not (?:yet )?(?:known|clear|certain)|unclear|unknown|denie[sd]|deny|doubt\w*)\b",
    "de": r"\b(?:wenn|falls|könnte[n]?|würde[n]?|sollte[n]?|dürfte[n]?|vielleicht|möglicherweise|wahrscheinlich|geplant\w*|soll|sollen|"
    r"laut|angeblich|Kritiker\w*|Gegner\w*|behaupte\w*|vermute\w*|erwartet\w*|ob)\b",
    "fr": r"\b(?:si|pourrai(?:t|ent)|serai(?:t|ent)|aurai(?:t|ent)|devrai(?:t|ent)|peut-être|probablement|prévue?s?|selon|d['’]après|"
    r"critiques affirment|opposants|prétend\w*|affirm\w+)\b",
    "es": r"\b(?:si|podría[n]?|sería[n]?|tendría[n]?|debería[n]?|quizás?|tal vez|probablemente|previst[oa]s?|según|críticos|"
    r"opositores|afirman|supuestamente)\b",
}
UNSURE_FORMS = {language: re.compile(form, re.IGNORECASE) for language, form in _UNSURE.items()}

# What has one value at a time and changes: the later source is right.
VOLATILE = listed(
    "price prices version release population inhabitants inhabitant head ceo president chairman chairwoman mayor director "
    "leader followers subscribers downloads stars members latest current status preis version einwohner "
    "bevölkerung einwohnerzahl chef leiter leiterin präsident bürgermeister direktor vorsitzender mitglieder prix "
    "population habitants maire directeur président membres precio versión población habitantes alcalde director "
    "presidente miembros"
)

# Each line is one attribute in several forms; the first word stands for all.
_ATTRIBUTES = """
length long lang länge longueur longitud largo
height high tall hoch höhe hauteur haut altura alto
width wide breit breite largeur large ancho anchura
depth deep tief tiefe profondeur profond profundidad profundo
weight weigh weighs weighed wiegt gewicht poids pèse pesa peso
cost costs kosten kostet kostete coût coûte coûté costo costó cuesta
age old alt alter âge edad
capacity kapazität capacité capacidad
population inhabitants inhabitant einwohner bevölkerung habitants habitantes población
employees employee staff employs employ mitarbeiter beschäftigte emploie empleados emplea
"""
_EVENTS = """
open opened opens inaugurated eröffnet öffnete ouvert ouverte inaugurée inauguré ouvrit inaugurado inaugurada abrió
found founded established gegründet fondé fondée fundado fundada fundó
bear born geboren né née nacido nacida nació
die died dies gestorben starb mort morte décédé murió fallecido falleció
build built constructed gebaut erbaut errichtet construit construite construido construida
complete completed finished fertiggestellt vollendet achevé achevée terminado terminada
launch launched gestartet lancé lancée lanzado lanzada
happen happened held occurred place stattfand stattgefunden eu tuvo
dissolve dissolved aufgelöst dissous dissoute disuelto disuelta
demolish demolished abgerissen démoli démolie demolido demolida
"""
EVENTS = {word: line.split()[0] for line in _EVENTS.strip().split("\n") for word in line.split()}

# Who or what fills them is one at a time.
ROLES = {
    word: line.split()[0]
    for line in """
capital hauptstadt capitale
ceo pdg geschäftsführer geschäftsführerin
president präsident präsidentin président présidente presidente presidenta
director direktor direktorin directeur directrice directora
head leiter leiterin chef
mayor bürgermeister bürgermeisterin maire alcalde alcaldesa
chairman chairwoman chair vorsitzender vorsitzende
owner eigentümer propriétaire propietario
author autor autorin auteur autora
architect architekt architecte arquitecto
successor nachfolger successeur sucesor
predecessor vorgänger prédécesseur predecesor
currency währung monnaie moneda
maintainer editor
""".strip().split("\n")
    for word in line.split()
}
DONE_BY = {
    word: line.split()[0]
    for line in """
founded gegründet fondé fondée fundado fundada
designed entworfen conçu conçue diseñado diseñada
built erbaut gebaut construit construite construido construida
invented erfunden inventé inventée inventado inventada
discovered entdeckt découvert découverte descubierto descubierta
written geschrieben écrit écrite escrito escrita
directed
led geleitet dirigé dirigée dirigido dirigida
owned
named benannt
""".strip().split("\n")
    for word in line.split()
}

REPLACED = frozenset(
    listed(
        "replaced superseded succeeded ersetzt abgelöst remplacé remplacée remplacés reemplazado reemplazada sustituido "
        "sustituida"
    )
)
REPLACED_BY = frozenset({"by", "with", "durch", "von", "par", "por"})


@lru_cache(maxsize=8)
def attributes(language: str) -> dict[str, str]:
    """Stems that name one attribute in several forms, by stem."""
    table: dict[str, str] = {}
    for line in _ATTRIBUTES.strip().split("\n"):
        first, *forms = line.split()
        table |= {stem(word, language): first for word in (first, *forms)}
    return table


@lru_cache(maxsize=8)
def opposites(language: str) -> dict[str, tuple[str, int]]:
    """Words that have an opposite: what stands for both, and on which side the word is (1 or -1)."""
    table: dict[str, tuple[str, int]] = {}
    for pair in _OPPOSITES.split(";"):
        first, second = pair.split()
        table.setdefault(first, (attributes(language).get(stem(first, language), f"{first}/{second}"), 1))
        name, side = table[first]
        table.setdefault(second, (name, -side))
    return table


@lru_cache(maxsize=8)
def volatile(language: str) -> frozenset[str]:
    """The stems of what changes."""
    stems = (stem(word, language) for word in VOLATILE)
    return frozenset(attributes(language).get(word, word) for word in stems)


def denied(word: str) -> str:
    """The word that a folded word denies by its prefix (`impermeable`: `permeable`), or ""."""
    match = _DENYING.fullmatch(word) if word not in _NOT_DENYING else None
    return next(filter(None, match.groups())) if match is not None else ""
