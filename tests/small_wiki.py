"""A wiki of one source and two pages in which nothing is wrong, written out by hand."""

from __future__ import annotations

from hashlib import sha256

RAW = "# Tides of Brittany\n\nLa Rance opened in 1966.\nIt lies near the Barrage.\n"
QUOTE = "La Rance opened in 1966."
ID = "77b0e4aa12c9"
OTHER = "3fa9c1d2e0b4"

LEDGER = f"""\
---
title: Tides of Brittany
type: source
source: raw/tides.md
id: 1f0c2a9b77d0
sha256: {sha256(RAW.encode()).hexdigest()}
engine: rules
language: en
claims: 2
---

# Tides of Brittany

La Rance opened in 1966. ([[#^{ID}|1]])

## Claims

- {QUOTE} ^{ID}
\t- event · line 3: "{QUOTE}" → [[La Rance]]
- La Rance lies near the Barrage. ^{OTHER}
\t- fact · line 4: "It lies near the Barrage." → [[La Rance]], [[Barrage]]
"""

LA_RANCE = f"""\
---
title: La Rance
type: entity
aliases: [Rance barrage]
created: 2026-04-04
updated: 2026-05-02
sources: 1
claims: 2
status: current
lead: sha-000000000000
---

# La Rance

La Rance opened in 1966.[^{ID}]

## Facts

- La Rance lies near the [[Barrage]].[^{OTHER}]

[^{ID}]: [[tides-of-brittany#^{ID}|Tides of Brittany]], line 3: "{QUOTE}"
[^{OTHER}]: [[tides-of-brittany#^{OTHER}|Tides of Brittany]], line 4: "It lies near the Barrage."
"""

BARRAGE = f"""\
---
title: Barrage
type: concept
sources: 1
claims: 1
---

# Barrage

## Facts

- [[La Rance]] lies near the Barrage.[^{OTHER}]

## My notes

A barrage lets the rising sea in, holds it back until the ebb has gone far enough, and then lets it out by its turbines.

[^{OTHER}]: [[tides-of-brittany#^{OTHER}|Tides of Brittany]], line 4: "It lies near the Barrage."
"""

INDEX = """\
# Index

## Entities

- [[La Rance]]: La Rance opened in 1966. · 1 source

## Concepts

- [[Barrage]] · 1 source

## Sources

- [[tides-of-brittany|Tides of Brittany]]: La Rance opened in 1966. · 2 claims
"""

LOG = """\
## [2026-05-02] ingest | Tides of Brittany

- source: raw/tides.md → [[tides-of-brittany]] (1f0c2a9b77d0)
- updated: [[La Rance]], [[Barrage]] (1f0c2a9b77d0)
"""

FILES = {
    "raw/tides.md": RAW,
    "wiki/sources/tides-of-brittany.md": LEDGER,
    "wiki/entities/La Rance.md": LA_RANCE,
    "wiki/concepts/Barrage.md": BARRAGE,
    "wiki/index.md": INDEX,
    "log.md": LOG,
}


def lay(vault, files):
    """Write files (path -> text or bytes; None: take it away) into a vault's folder."""
    for path, text in files.items():
        file = vault / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            file.unlink()
        else:
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
