"""MiniLM as a graph of OpenVINO's operations, straight from the hub's weights.

torch and transformers would describe the same network, and take five seconds of CPU to be imported
and traced in every process that encodes. `tests/segmentation/test_encoder.py` holds the two
together.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

LARGE = float(np.finfo(np.float32).max)
INPUTS = ("input_ids", "attention_mask", "token_type_ids")


class Config(NamedTuple):
    """What the weights' `config.json` says of their shapes."""

    layers: int
    heads: int
    width: int
    epsilon: float

    @classmethod
    def read(cls, folder: Path) -> "Config":
        said = json.loads((folder / "config.json").read_text())
        return cls(
            said["num_hidden_layers"],
            said["num_attention_heads"],
            said["hidden_size"],
            said["layer_norm_eps"],
        )


class Graph:
    """BERT's encoder (Devlin et al. 2018, arXiv:1810.04805) with the mean over pieces."""

    def __init__(self, folder: Path) -> None:
        from openvino import opset13
        from safetensors.numpy import load_file

        self._ops: Any = opset13
        self._config = Config.read(folder)
        weights = load_file(folder / "model.safetensors")
        self._weights = {name: opset13.constant(array) for name, array in weights.items()}

    def model(self) -> Any:
        """INPUTS, each (n, pieces) int64, to (n, width) float32 rows of length 1. The rows are the
        sums of their pieces: what the mean would divide by falls out with the length."""
        from openvino import Model, Type

        ops = self._ops
        ids, mask, kinds = given = [ops.parameter([-1, -1], Type.i64) for _ in INPUTS]
        for name, parameter in zip(INPUTS, given, strict=True):
            parameter.output(0).get_tensor().set_names({name})
        real = ops.convert(mask, Type.f32)
        # Added to what a softmax is taken of: nothing looks at padding.
        padding = ops.multiply(ops.subtract(real, _number(1)), _number(LARGE))
        bias = ops.unsqueeze(padding, np.array([1, 2]))
        pieces = self._embeddings(ids, kinds)
        for layer in range(self._config.layers):
            name = f"encoder.layer.{layer}"
            attended = self._attention(pieces, bias, f"{name}.attention.self")
            attended = self._dense(attended, f"{name}.attention.output.dense")
            pieces = self._norm(ops.add(attended, pieces), f"{name}.attention.output.LayerNorm")
            wide = ops.gelu(self._dense(pieces, f"{name}.intermediate.dense"), "erf")
            narrow = self._dense(wide, f"{name}.output.dense")
            pieces = self._norm(ops.add(narrow, pieces), f"{name}.output.LayerNorm")
        seen = ops.multiply(pieces, ops.unsqueeze(real, np.array([2])))
        total = ops.reduce_sum(seen, np.array([1]))
        return Model([ops.normalize_l2(total, np.array([1]), 1e-12, "max")], given)

    def _embeddings(self, ids: Any, kinds: Any) -> Any:
        """Word, position and kind of each piece, (n, pieces, width)."""
        ops = self._ops
        words, places, types = (
            self._weights[f"embeddings.{name}_embeddings.weight"]
            for name in ("word", "position", "token_type")
        )
        length = ops.gather(ops.shape_of(ids), np.array(1), np.array(0))
        positions = ops.range(np.array(0), length, np.array(1), "i64")
        total = ops.add(
            ops.add(ops.gather(words, ids, np.array(0)), ops.gather(types, kinds, np.array(0))),
            ops.gather(places, positions, np.array(0)),
        )
        return self._norm(total, "embeddings.LayerNorm")

    def _attention(self, pieces: Any, bias: Any, name: str) -> Any:
        ops, config = self._ops, self._config
        split = np.array([0, 0, config.heads, config.width // config.heads])

        def heads(which: str) -> Any:
            """(n, heads, pieces, width of a head)."""
            apart = ops.reshape(self._dense(pieces, f"{name}.{which}"), split, True)
            return ops.transpose(apart, np.array([0, 2, 1, 3]))

        attended = ops.scaled_dot_product_attention(*map(heads, ("query", "key", "value")), bias)
        together = ops.transpose(attended, np.array([0, 2, 1, 3]))
        return ops.reshape(together, np.array([0, 0, config.width]), True)

    def _dense(self, rows: Any, name: str) -> Any:
        product = self._ops.matmul(rows, self._weights[f"{name}.weight"], False, True)
        return self._ops.add(product, self._weights[f"{name}.bias"])

    def _norm(self, rows: Any, name: str) -> Any:
        ops = self._ops
        even = ops.mvn(rows, np.array([-1]), True, self._config.epsilon, "inside_sqrt")
        scaled = ops.multiply(even, self._weights[f"{name}.weight"])
        return ops.add(scaled, self._weights[f"{name}.bias"])


def _number(value: float) -> NDArray[np.float32]:
    return np.array(value, np.float32)
