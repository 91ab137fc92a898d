"""Language models of some hundred kilobytes that know nothing: llama.cpp loads them as it loads any other.

One remembers every token (`llama`), one those in a window (`gemma3`), and one sums them up in a state (`mamba`): the
three ways for a model to go on from what it has read.
"""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

ARCHITECTURES = ("llama", "gemma3", "mamba")
WIDTH, HEADS, HIDDEN, CONTEXT, WINDOW, STATE = 32, 4, 64, 16384, 16, 8
# Each sixth layer of Gemma 3 sees everything.
LAYERS = {"llama": 2, "gemma3": 6, "mamba": 2}
SPECIAL = ["<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>"]
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{{ message['content'] }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def write(path: Path, architecture: str = "llama", seed: int = 7, template: str | None = TEMPLATE) -> Path:
    """Write a model with random weights and a vocabulary of single bytes."""
    writer = gguf.GGUFWriter(path, architecture)
    _describe(writer, architecture)
    _vocabulary(writer)
    if template is not None:
        writer.add_chat_template(template)
    _weights(writer, architecture, np.random.default_rng(seed))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _describe(writer: gguf.GGUFWriter, architecture: str) -> None:
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS[architecture])
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_feed_forward_length(0 if architecture == "mamba" else HIDDEN)
    writer.add_head_count(0 if architecture == "mamba" else HEADS)
    if architecture == "mamba":
        writer.add_ssm_conv_kernel(4)
        writer.add_ssm_inner_size(2 * WIDTH)
        writer.add_ssm_state_size(STATE)
        writer.add_ssm_time_step_rank(2)
        return
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    if architecture == "gemma3":
        writer.add_key_length(WIDTH // HEADS)
        writer.add_value_length(WIDTH // HEADS)
        writer.add_sliding_window(WINDOW)


def _vocabulary(writer: gguf.GGUFWriter) -> None:
    printable = [chr(code) for code in range(33, 127)]
    tokens = [*SPECIAL, *(f"<0x{byte:02X}>" for byte in range(256)), "\u2581", *printable]
    kinds = [gguf.TokenType.UNKNOWN, *[gguf.TokenType.CONTROL] * (len(SPECIAL) - 1)]
    kinds += [gguf.TokenType.BYTE] * 256 + [gguf.TokenType.NORMAL] * (len(printable) + 1)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types(kinds)
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_eot_token_id(4)
    writer.add_vocab_size(len(tokens))


def _weights(writer: gguf.GGUFWriter, architecture: str, random: np.random.Generator) -> None:
    words = len(SPECIAL) + 256 + 95
    shapes = {"token_embd.weight": (words, WIDTH), "output.weight": (words, WIDTH), "output_norm.weight": (WIDTH,)}
    block = _state_space() if architecture == "mamba" else _attention(architecture)
    for layer in range(LAYERS[architecture]):
        shapes |= {f"blk.{layer}.{name}": shape for name, shape in block.items()}
    for name, shape in shapes.items():
        if name.endswith("ssm_a"):
            # So slow to forget that what was read first counts to the end.
            weights = -np.tile(np.arange(1, STATE + 1), (2 * WIDTH, 1)) / 1000
        elif len(shape) == 1:
            weights = np.ones(shape)
        else:
            weights = random.normal(0, 0.5, shape)
        writer.add_tensor(name, weights.astype(np.float32))


def _attention(architecture: str) -> dict[str, tuple[int, ...]]:
    norms = ["attn_norm", "ffn_norm"]
    block: dict[str, tuple[int, ...]] = {}
    if architecture == "gemma3":
        norms += ["post_attention_norm", "post_ffw_norm"]
        block |= {f"attn_{name}_norm.weight": (WIDTH // HEADS,) for name in "qk"}
    block |= {f"{name}.weight": (WIDTH,) for name in norms}
    block |= {f"{name}.weight": (WIDTH, WIDTH) for name in ("attn_q", "attn_k", "attn_v", "attn_output")}
    block |= {f"{name}.weight": (HIDDEN, WIDTH) for name in ("ffn_gate", "ffn_up")}
    return block | {"ffn_down.weight": (WIDTH, HIDDEN)}


def _state_space() -> dict[str, tuple[int, ...]]:
    inner = 2 * WIDTH
    return {
        "attn_norm.weight": (WIDTH,),
        "ssm_in.weight": (2 * inner, WIDTH),
        "ssm_conv1d.weight": (inner, 4),
        "ssm_conv1d.bias": (inner,),
        "ssm_x.weight": (2 + 2 * STATE, inner),
        "ssm_dt.weight": (inner, 2),
        "ssm_dt.bias": (inner,),
        "ssm_a": (inner, STATE),
        "ssm_d": (inner,),
        "ssm_out.weight": (WIDTH, inner),
    }
