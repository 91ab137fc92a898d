"""Tokens of a text by the vocabulary of a GGUF file, for the benches that count what models read and write.

A file is asked for its words alone, so one that was made for embeddings will do.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping, Sequence

Count = Callable[[str], int]
ROLE = 4
"""What a chat template puts around a message, about."""


def counter(file: str | None) -> tuple[Count, str]:
    """What counts the tokens of a text, and what these are; without a file a token is a letter."""
    if file is None:
        return len, "letters"
    from quern.models import llama
    from quern.models.vocabulary import Vocabulary

    library = llama.library()
    params = library.llama_model_default_params()
    params.vocab_only = True
    model = library.llama_model_load_from_file(os.fsencode(file), params)
    if not model:
        raise SystemExit(f"{file}: no GGUF file that llama.cpp reads")
    vocabulary = Vocabulary(library, model)
    begins = len(vocabulary.tokens(""))

    @functools.cache
    def count(text: str) -> int:
        return len(vocabulary.tokens(text)) - begins

    return count, f"by a vocabulary of {library.llama_vocab_n_tokens(vocabulary.pointer):,}"


def prompt(count: Count, messages: Sequence[Mapping[str, str]]) -> int:
    """The tokens of the messages of a prompt."""
    return sum(count(message["content"]) + ROLE for message in messages)
