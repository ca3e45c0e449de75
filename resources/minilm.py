"""MiniLM's network over batches of texts, compiled for this processor by OpenVINO."""

import json
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

BATCH = 8
"""Texts at once: what eight of 256 pieces need fits into a core's caches, what 32 need does not."""
DIMENSIONS = 384
INPUTS = ("input_ids", "attention_mask", "token_type_ids")


class MiniLM:
    """(n,) texts to (n, 384) unit float32 rows, each the mean of its pieces' vectors; what is
    longer than the model reads is cut. `folder` holds the hub's files of the weights.

    In bfloat16 where the processor has instructions for it, unless `bfloat16` says otherwise:
    faster, and with a cosine of 0.9999 or more to the vector in float32, so that the two may stand
    beside each other."""

    def __init__(self, folder: Path, bfloat16: bool | None = None) -> None:
        from tokenizers import Tokenizer

        # Batches of eight are cut as fast on one thread, and a process may fork afterwards.
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        limit = json.loads((folder / "sentence_bert_config.json").read_text())["max_seq_length"]
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(limit)
        self._tokenizer.enable_padding()
        self._network = _compiled(folder, native_bfloat16() if bfloat16 is None else bfloat16)

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows: NDArray[np.float32] = np.zeros((len(texts), DIMENSIONS), np.float32)
        # Neighbours of one length share a batch: padding is what short texts would otherwise cost.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]), reverse=True)
        for start in range(0, len(order), BATCH):
            part = order[start : start + BATCH]
            rows[part] = self._vectors([texts[i] for i in part])
        return rows

    def _vectors(self, texts: list[str]) -> NDArray[np.float32]:
        found = self._tokenizer.encode_batch(texts)
        columns = ([e.ids for e in found], [e.attention_mask for e in found],
                   [e.type_ids for e in found])  # fmt: skip
        given = {name: np.array(c, np.int64) for name, c in zip(INPUTS, columns, strict=True)}
        vectors: NDArray[np.float32] = self._network(given)[0]
        return vectors


def native_bfloat16() -> bool:
    """Whether the processor multiplies in bfloat16."""
    import torch

    has = torch.cpu.get_capabilities()
    return bool(has.get("avx512_bf16") or has.get("amx_bf16"))


def _compiled(folder: Path, bfloat16: bool) -> Any:
    """The network of `folder` with its mean over pieces, which torch describes and OpenVINO
    computes."""
    # Where that package is installed, OpenVINO reports its use to its makers.
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import openvino
    import torch
    from transformers import AutoModel
    from transformers.utils import logging

    class Mean(torch.nn.Module):
        def __init__(self, network: torch.nn.Module) -> None:
            super().__init__()
            self.network = network

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
            pieces = self.network(input_ids, attention_mask, token_type_ids).last_hidden_state
            total = (pieces * attention_mask.unsqueeze(-1)).sum(dim=1)
            return torch.nn.functional.normalize(total)  # their number falls out with the length

    loud = logging.get_verbosity()
    logging.set_verbosity_error()
    logging.disable_progress_bar()  # weights load in 0.1 s
    try:
        network = Mean(AutoModel.from_pretrained(folder, local_files_only=True)).eval()
        some = {name: torch.ones((2, 8), dtype=torch.long) for name in INPUTS}
        some["attention_mask"][1, 5:] = 0  # a batch as any: sizes are left open
        with torch.no_grad(), warnings.catch_warnings():
            # Of what a trace might miss; the tests hold it to torch.
            warnings.simplefilter("ignore")
            described = openvino.convert_model(network, example_input=some)
    finally:
        logging.set_verbosity(loud)
    settings = {
        "INFERENCE_PRECISION_HINT": "bf16" if bfloat16 else "f32",
        "PERFORMANCE_HINT": "LATENCY",  # all cores for one batch
        "ENABLE_CPU_PINNING": False,  # several processes would be pinned to the same cores
    }
    return openvino.Core().compile_model(described, "CPU", settings)
