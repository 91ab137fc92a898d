"""The parameters of llama.cpp, as `options:` of a model names them."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Mapping
from typing import Any

from quern.program import Failure

# Those that change how fast an answer comes, and not which.
PACE = {
    "n_gpu_layers", "split_mode", "main_gpu", "load_mode", "lazy_mode", "use_mmap", "use_mlock", "n_threads",
    "n_threads_batch", "threads", "n_batch", "n_ubatch", "check_tensors", "no_host", "no_perf", "use_extra_bufts",
    "op_offload", "offload_kqv",
}  # fmt: skip
# Those of choosing a token; the rest are fields of llama.cpp's own structures.
SAMPLING = {"top_k", "top_p", "min_p"}
_ALIASES = {"threads": "n_threads", "flash_attn": "flash_attn_type"}
_SWITCH = {"auto": -1, "off": 0, "on": 1}
_NUMBERS = (ctypes.c_int, ctypes.c_int32, ctypes.c_uint32, ctypes.c_float, ctypes.c_bool)
# `n_ctx` has its place beside `options:`, and there is one sequence.
_OURS = {"n_ctx", "n_seq_max", "vocab_only", "no_alloc", "embeddings"}


def check(lib: Any, name: str, options: Mapping[str, Any]) -> None:
    """Raise Failure for an option that is no parameter of llama.cpp: one that is misspelt would count for nothing."""
    structures = (lib.llama_model_params, lib.llama_context_params)
    known = {field for structure in structures for field, kind in structure._fields_ if kind in _NUMBERS}
    for key, value in options.items():
        if _ALIASES.get(key, key) not in (known | SAMPLING) - _OURS:
            raise Failure(f"models: {name}: options: {key!r} is no parameter that can be given", "schema.yaml")
        try:
            _value(lib, key, value)
        except (AttributeError, KeyError):
            raise Failure(f"models: {name}: options: {key}: {value!r} is none of its values", "schema.yaml") from None


def fill(lib: Any, params: Any, options: Mapping[str, Any]) -> None:
    """Set those options that are fields of a structure of llama.cpp."""
    fields = {field for field, _kind in params._fields_}
    for key, value in options.items():
        if _ALIASES.get(key, key) in fields:
            setattr(params, _ALIASES.get(key, key), _value(lib, key, value))


def numbers(params: Any) -> dict[str, float]:
    """The numbers of a structure of llama.cpp, switches and types included."""
    return {field: getattr(params, field) for field, kind in params._fields_ if kind in _NUMBERS}


def threads(options: Mapping[str, Any]) -> tuple[int, int]:
    """Threads to decode and to evaluate a prompt with: as told, or one a core, where two threads share one."""
    known = getattr(os, "sched_getaffinity", None)
    cores = len(known(0)) if known else os.cpu_count() or 1
    decoding = options.get("threads", options.get("n_threads", cores if cores <= 2 else cores // 2))
    return decoding, options.get("n_threads_batch", decoding)


def _value(lib: Any, key: str, value: Any) -> Any:
    """A value as llama.cpp takes it. Types of numbers (`q8_0`) and switches have names."""
    if key in ("type_k", "type_v") and isinstance(value, str):
        return getattr(lib, f"GGML_TYPE_{value.upper()}")
    if key in ("flash_attn", "flash_attn_type") and isinstance(value, str):
        return _SWITCH[value]
    if not isinstance(value, int | float):
        raise KeyError(value)
    return int(value) if key == "flash_attn" else value
