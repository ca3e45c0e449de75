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
"""Texts to a core at once: what eight of 256 pieces need fits into its caches, what 32 need does
not."""
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

        # Cutting is a fortieth of the work, and a process may fork afterwards.
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        limit = json.loads((folder / "sentence_bert_config.json").read_text())["max_seq_length"]
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(limit)
        self._tokenizer.no_padding()
        self._network = _compiled(folder, native_bfloat16() if bfloat16 is None else bfloat16)

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        from openvino import AsyncInferQueue

        rows: NDArray[np.float32] = np.zeros((len(texts), DIMENSIONS), np.float32)

        def keep(request: Any, part: list[int]) -> None:
            rows[part] = request.get_output_tensor().data

        cut = self._tokenizer.encode_batch(texts)
        # Neighbours in number of pieces share a batch: padding is what short texts would otherwise
        # cost, and characters foretell pieces badly enough to cost an eighth of the time.
        order = sorted(range(len(texts)), key=lambda i: len(cut[i].ids), reverse=True)
        queue = AsyncInferQueue(self._network)
        queue.set_callback(keep)
        for start in range(0, len(order), BATCH):
            part = order[start : start + BATCH]
            queue.start_async(_padded([cut[i] for i in part]), part)
        queue.wait_all()
        return rows


def _padded(cut: list[Any]) -> dict[str, NDArray[np.int64]]:
    """Cut texts as the network's input, each (n, pieces of the longest)."""
    longest = max(len(text.ids) for text in cut)
    for text in cut:
        text.pad(longest)
    columns = ([t.ids for t in cut], [t.attention_mask for t in cut], [t.type_ids for t in cut])
    return {name: np.array(c, np.int64) for name, c in zip(INPUTS, columns, strict=True)}


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
        # A batch to each core: at one batch together they wait for each other at every layer.
        "PERFORMANCE_HINT": "THROUGHPUT",
        "ENABLE_CPU_PINNING": False,  # several processes would be pinned to the same cores
    }
    return openvino.Core().compile_model(described, "CPU", settings)
