"""How a model's next token is chosen."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from typing import Any, Self

from quern.models import Request


class Sampling:
    """The likeliest token, or by chance with a seed; always one that the grammar allows, and none of those `barred`.

    To ask a grammar of every token of a vocabulary takes as long as to evaluate a small model. So it is asked of the
    chosen token alone, and only if that is refused, of all. Raises ValueError if llama.cpp does not take the grammar.
    """

    def __init__(
        self,
        lib: Any,
        vocabulary: Any,
        options: Mapping[str, Any],
        request: Request,
        rules: tuple[str, Sequence[int]],
    ) -> None:
        grammar, barred = rules
        self._lib = lib
        self._vocabulary = vocabulary
        never = [lib.llama_logit_bias(token, float("-inf")) for token in barred if not self.is_end(token)]
        self._barred = (lib.llama_logit_bias * len(never))(*never)
        self._grammar = lib.llama_sampler_init_grammar(vocabulary, grammar.encode(), b"root")
        if not self._grammar:
            raise ValueError(f"llama.cpp takes no such grammar:\n{grammar}")
        self._free = self._chain(options, request)
        self._strict = self._chain(options, request, self._grammar)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for chain in (self._free, self._strict):
            self._lib.llama_sampler_free(chain)

    def next(self, context: Any) -> int:
        """The next token of a context that has been evaluated."""
        token = int(self._lib.llama_sampler_sample(self._free, context, -1))
        if not self._allows(token):
            return int(self._lib.llama_sampler_sample(self._strict, context, -1))
        self._lib.llama_sampler_accept(self._strict, token)
        return token

    def is_end(self, token: int) -> bool:
        return bool(self._lib.llama_vocab_is_eog(self._vocabulary, token))

    def _allows(self, token: int) -> bool:
        one = (self._lib.llama_token_data * 1)(self._lib.llama_token_data(token, 1.0, 0.0))
        candidates = self._lib.llama_token_data_array(one, len(one), -1)
        self._lib.llama_sampler_apply(self._grammar, ctypes.byref(candidates))
        return bool(one[0].logit > float("-inf"))

    def _chain(self, options: Mapping[str, Any], request: Request, *first: Any) -> Any:
        lib, words = self._lib, self._lib.llama_vocab_n_tokens(self._vocabulary)
        steps = [lib.llama_sampler_init_logit_bias(words, len(self._barred), self._barred), *first]
        if request.temperature > 0:
            if "top_k" in options:
                steps.append(lib.llama_sampler_init_top_k(int(options["top_k"])))
            if "top_p" in options:
                steps.append(lib.llama_sampler_init_top_p(float(options["top_p"]), 1))
            if "min_p" in options:
                steps.append(lib.llama_sampler_init_min_p(float(options["min_p"]), 1))
            steps += [lib.llama_sampler_init_temp(request.temperature), lib.llama_sampler_init_dist(request.seed)]
        else:
            steps.append(lib.llama_sampler_init_greedy())
        chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        for step in steps:
            lib.llama_sampler_chain_add(chain, step)
        return chain
