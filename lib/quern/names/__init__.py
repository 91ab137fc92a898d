"""Identity of names: normal form, look-up keys, file names, and the one rule for "these two are one name".

Every script is kept, combining marks too; `C`, `C++` and `C#` are three names.
A false merge is worse than two pages, so whatever could be either is two.
"""

from __future__ import annotations

from quern.names.files import BYTES, file_name, fold, slug
from quern.names.forms import core, is_acronym, keys, listed, normal, singular, without_legal, words
from quern.names.identity import cluster, derived, likeness, nearest, same

__all__ = [
    "BYTES",
    "cluster",
    "core",
    "derived",
    "file_name",
    "fold",
    "is_acronym",
    "keys",
    "likeness",
    "listed",
    "nearest",
    "normal",
    "same",
    "singular",
    "slug",
    "without_legal",
    "words",
]
