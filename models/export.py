"""Writing the model file: F16 GGUF from a checkpoint, then quantized by llama.cpp.

`python -m models.export CHECKPOINT OUT.gguf` writes F16; `--quantize q5_0` quantizes in the same go.
"""

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import gguf
import llama_cpp
import numpy as np
from torch import Tensor

from models import checkpoint
from models.net import NetConfig
from models.spm import Piece
from models.vocab import BOS, load_tokenizer
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.tokens import END, FORMAT_VERSION, token_table

CONTEXT = 512
WINDOW = 512
PREFIX = "vehicle_agent"
FTYPES = {
    "q4_0": llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_0,
    "q5_0": llama_cpp.LLAMA_FTYPE_MOSTLY_Q5_0,
    "q8_0": llama_cpp.LLAMA_FTYPE_MOSTLY_Q8_0,
}
EMBEDDING_TYPES = {"q4_0": gguf.GGMLQuantizationType.Q4_0, "q5_0": gguf.GGMLQuantizationType.Q5_0,
                   "q8_0": gguf.GGMLQuantizationType.Q8_0, "f16": gguf.GGMLQuantizationType.F16}  # fmt: skip


class QuantizeError(RuntimeError):
    """llama.cpp refused to quantize."""


def write_f16(path: Path, config: NetConfig, weights: Mapping[str, Tensor]) -> None:
    """Matrices as F16, norms as F32, tokenizer and token table as metadata."""
    pieces = load_tokenizer().pieces
    if len(pieces) != config.vocab:
        raise ValueError(f"the checkpoint has {config.vocab} pieces, vocab.tsv {len(pieces)}: check out its vocab.tsv")
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(path, "gemma3")
    _describe(writer, config)
    _add_tokenizer(writer, pieces)
    for name, tensor in weights.items():
        data = tensor.detach().numpy()
        writer.add_tensor(name, data.astype(np.float16 if data.ndim > 1 else np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _describe(writer: gguf.GGUFWriter, config: NetConfig) -> None:
    writer.add_type("model")
    writer.add_name("Vehicle planner")
    writer.add_description("Functional-token planner of an in-car voice assistant, fine-tuned from Gemma 3 270M")
    writer.add_basename("vehicle-planner")
    writer.add_license("gemma")
    writer.add_license_link("https://ai.google.dev/gemma/terms")
    writer.add_base_model_count(1)
    writer.add_base_model_name(0, "Gemma 3 270M")
    writer.add_base_model_organization(0, "Google")
    writer.add_base_model_repo_url(0, "https://huggingface.co/google/gemma-3-270m")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(config.width)
    writer.add_block_count(config.layers)
    writer.add_feed_forward_length(config.hidden)
    writer.add_head_count(config.heads)
    writer.add_head_count_kv(1)
    writer.add_key_length(config.head_dim)
    writer.add_value_length(config.head_dim)
    writer.add_layer_norm_rms_eps(config.rms_eps)
    writer.add_rope_freq_base(config.rope_global)
    writer.add_sliding_window(WINDOW)
    writer.add_string(f"{PREFIX}.catalogue_hash", load_catalogue(with_packs=False).wire_hash())
    writer.add_uint32(f"{PREFIX}.format_version", FORMAT_VERSION)
    writer.add_string(f"{PREFIX}.token_table", "\n".join(token_table()))


def _add_tokenizer(writer: gguf.GGUFWriter, pieces: Sequence[Piece]) -> None:
    ids = {p.text: i for i, p in enumerate(pieces)}
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([p.text for p in pieces])
    writer.add_token_scores([p.score for p in pieces])
    writer.add_token_types([int(p.kind) for p in pieces])
    writer.add_bos_token_id(ids[BOS])
    writer.add_eos_token_id(ids[END])
    writer.add_unk_token_id(ids["<unk>"])
    writer.add_pad_token_id(ids["<pad>"])
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)


def quantize(source: Path, target: Path, *, kind: str = "q5_0", embedding: str = "q5_0") -> None:
    """Quantizes with llama.cpp. ``embedding``: type of the tied embedding and output. Raises QuantizeError."""
    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype = FTYPES[kind]
    params.nthread = 2
    params.token_embedding_type = params.output_tensor_type = int(EMBEDDING_TYPES[embedding])
    status = llama_cpp.llama_model_quantize(str(source).encode(), str(target).encode(), params)
    if status != 0:
        raise QuantizeError(f"llama.cpp could not quantize {source} (status {status})")


def export(checkpoint_path: Path, target: Path, *, kind: str | None, embedding: str = "q5_0") -> None:
    """From a training checkpoint to a model file; ``kind`` None: F16."""
    loaded = checkpoint.load(checkpoint_path)
    config = NetConfig(**loaded["net"])
    target.parent.mkdir(parents=True, exist_ok=True)
    if kind is None:
        write_f16(target, config, loaded["weights"])
        return
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        whole = Path(folder) / "f16.gguf"
        write_f16(whole, config, loaded["weights"])
        partial = Path(folder) / "quantized.gguf"
        quantize(whole, partial, kind=kind, embedding=embedding)
        partial.replace(target)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--quantize", choices=sorted(FTYPES))
    parser.add_argument("--embedding", choices=sorted(EMBEDDING_TYPES), default="q5_0")
    args = parser.parse_args()
    export(args.checkpoint, args.out, kind=args.quantize, embedding=args.embedding)
    print(f"{args.out}: {args.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
