"""Says what a call of a model costs in a new process, with snapshots of the shared part of its prompt and without.

python bench/model.py [--model FILE.gguf] [--runs 2] [--threads N]

Without a model it makes one of random weights in the shape of one with half a billion (0.5 GB, in a temporary folder):
speed depends on the shape alone.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from unittest import mock

ROOT = Path(__file__).resolve().parents[1]
SHARED, PASSAGE, REPLY = 1500, 300, 60  # tokens
AT_LEAST = 4.0
# Layers, width, heads, of these with keys of their own, width between, words: as Qwen 2.5 has them.
LAYERS, WIDTH, HEADS, KEYS, HIDDEN, WORDS, CONTEXT = 24, 896, 14, 2, 4864, 151_936, 32_768


def write(path: Path) -> None:
    """Write a model in the shape of half a billion weights, eight bits each; a letter is a token."""
    import gguf
    import numpy as np

    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEYS)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    special = ["<unk>", "<s>", "<|im_start|>", "<|im_end|>"]
    letters = ["\u2581", *map(chr, range(33, 127))]
    words = [*special, *(f"<0x{byte:02X}>" for byte in range(256)), *letters]
    kinds = [gguf.TokenType.UNKNOWN] + [gguf.TokenType.CONTROL] * 3 + [gguf.TokenType.BYTE] * 256
    words += [f"\u2581word{number}" for number in range(WORDS - len(words))]
    writer.add_tokenizer_model("llama")
    writer.add_token_list(words)
    writer.add_token_scores([0.0 if len(word) == 1 else -1e9 for word in words])
    writer.add_token_types([*kinds, *[gguf.TokenType.NORMAL] * (WORDS - len(kinds))])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(3)
    random = np.random.default_rng(1)
    between = KEYS * WIDTH // HEADS
    block = {
        "attn_q": (WIDTH, WIDTH), "attn_k": (between, WIDTH), "attn_v": (between, WIDTH),
        "attn_output": (WIDTH, WIDTH), "ffn_gate": (HIDDEN, WIDTH), "ffn_up": (HIDDEN, WIDTH),
        "ffn_down": (WIDTH, HIDDEN),
    }  # fmt: skip

    def eight_bits(rows: int, columns: int) -> Any:
        values = random.integers(0, 256, (rows, columns // 32, 34), dtype=np.uint8)
        values[:, :, :2] = np.array([0.02 / 73], np.float16).view(np.uint8)
        return values.reshape(rows, -1)

    one = {name: eight_bits(*shape) for name, shape in block.items()}
    writer.add_tensor("token_embd.weight", eight_bits(WORDS, WIDTH), raw_dtype=gguf.GGMLQuantizationType.Q8_0)
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    for layer in range(LAYERS):
        for name, values in one.items():
            writer.add_tensor(f"blk.{layer}.{name}.weight", values, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{name}.weight", np.ones(WIDTH, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def call(vault: str, file: str, cap: int, threads: int, begun: float) -> None:
    """One call, as a stage makes it. `begun`: when this process was started."""
    from quern import schema
    from quern.models import Message, Request
    from quern.models.llama import Llama
    from quern.models.sampling import Sampling
    from quern.vault import Vault

    options = {"threads": threads} if threads else {}
    model = Llama(Vault(Path(vault)), "bench", schema.Llama(path=file, options=options), cap)
    shape = {
        "type": "object",
        "properties": {"text": {"type": "string", "minLength": 300, "maxLength": 400}},
        "required": ["text"],
        "additionalProperties": False,
    }
    shared = (Message("system", filled(model, Message("system", ""), SHARED)),)
    passage = Message("user", filled(model, Message("user", ""), PASSAGE))
    counted = time.time()
    request = Request(task="extract", shared=shared, asked=(passage,), schema=shape, max_tokens=REPLY)
    at: list[tuple[float, float]] = []
    choose = Sampling.next

    def timed(self: Sampling, context: Any) -> int:
        token = choose(self, context)
        at.append((time.time() - begun, time.process_time()))
        return token

    with mock.patch.object(Sampling, "next", timed):
        reply = model.ask(request)
    first, processor = at[0]
    start = len(model._start(request))  # noqa: SLF001 - the tokens that a snapshot is of
    found = {
        "first": first,
        "processor": processor,
        "counting": counted - begun,
        "loading": first - (counted - begun) - reply.prefill_seconds,
        "prefill": reply.prefill_seconds,
        "decode": reply.completion_tokens / reply.decode_seconds,
        "tokens": reply.prompt_tokens,
        "again": (start - reply.reused_tokens) / start,
        "text": reply.text,
    }
    print(json.dumps(found))


def filled(model: Any, message: Any, tokens: int) -> str:
    """A text that makes a message of so many tokens, or one more."""
    words = ["The", "tide", "rises", "and", "falls", "twice", "a", "day", "and", "turns", "a", "wheel."]
    low, high = 0, tokens
    while low < high:
        middle = (low + high) // 2
        text = " ".join(words[at % len(words)] for at in range(middle))
        low, high = (middle + 1, high) if model.count([message._replace(text=text)]) < tokens else (low, middle)
    return " ".join(words[at % len(words)] for at in range(low))


def measured(vault: str, file: str, cap: int, threads: int) -> dict[str, Any]:
    command = [sys.executable, __file__, "--call", vault, file, str(cap), str(threads), str(time.time())]
    environment = dict(os.environ, PYTHONPATH=str(ROOT / "lib"))
    return dict(json.loads(subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout))


def main() -> None:
    """Print a table. The first call with snapshots, which makes one, stands by itself."""
    if sys.argv[1:2] == ["--call"]:
        vault, file, cap, threads, begun = sys.argv[2:]
        call(vault, file, int(cap), int(threads), float(begun))
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default=os.environ.get("QUERN_MODEL") or None)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--threads", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as vault:
        file = os.path.abspath(asked.model) if asked.model else f"{vault}/model.gguf"
        if not asked.model:
            write(Path(file))
        made = measured(vault, file, 2000, asked.threads)
        pairs = [[measured(vault, file, cap, asked.threads) for cap in (0, 2000)] for _ in range(asked.runs)]
        size = sum(path.stat().st_size for path in Path(vault, ".cache", "prefix").iterdir())
    without, with_ = (
        {key: statistics.median(run[at][key] for run in pairs) for key in made if key != "text"} for at in (0, 1)
    )
    assert len({run["text"] for pair in pairs for run in pair} | {made["text"]}) == 1, "the replies differ"
    print(f"a prompt of {made['tokens']} tokens in a new process; snapshot: {size / 1e6:.1f} MB")
    print(f"{'':20} {'first token':>12} {'processors':>12} {'counting':>9} {'loading':>9} {'prefill':>9}  again")
    for name, row in (("without a snapshot", without), ("making one", made), ("with one", with_)):
        seconds = " ".join(f"{row[key]:7.2f} s" for key in ("counting", "loading", "prefill"))
        print(f"{name:20} {row['first']:10.2f} s {row['processor']:10.2f} s {seconds}  {row['again']:.0%}")
    ratios = (f"{without[key] / with_[key]:.2f}" for key in ("first", "processor"))
    print(f"first token: {' and '.join(ratios)} times as soon, at least {AT_LEAST}")
    print(f"after it: {with_['decode']:.1f} tokens/s")


if __name__ == "__main__":
    main()
