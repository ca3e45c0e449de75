"""Build the reference model, data/reference/occupations.parquet, from O*NET in `--corpus DIR`.

python tools/build_reference.py --corpus DIR

Occupation vectors are the unit mean of the vectors of an occupation's tasks and of its title with
alternate titles. `silhouette` is that of the occupation's reduced vector among SOC major groups:
how surely its words set it apart from other fields of work.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import polars as pl

from assets.segmentation.clustering.reduction import umap_projection
from assets.segmentation.config import SegmentationConfig
from assets.segmentation.model.embedding import unit
from assets.segmentation.model.profiles import class_terms
from resources.encoders.minilm_encoder import SHA256, Encoder

OUT = Path(__file__).resolve().parents[1] / "data" / "reference"
TITLES = 12
# SOC major groups (two digits) and some minor ones to NAICS: where most of their holders work
# (BLS National Employment Matrix, read as one or two industries).
SOC_INDUSTRIES = {
    "11": ["naics:55"],
    "13": ["naics:52"],
    "13-2": ["naics:5412", "naics:52"],
    "13-1": ["naics:561"],
    "15": ["naics:5415", "naics:518"],
    "17": ["naics:54"],
    "19": ["naics:54"],
    "19-3": ["naics:621"],
    "21": ["naics:624"],
    "23": ["naics:5411"],
    "25": ["naics:61"],
    "27": ["naics:71", "naics:51"],
    "29": ["naics:622", "naics:621"],
    "31": ["naics:623", "naics:621"],
    "33": ["naics:922"],
    "35": ["naics:722"],
    "37": ["naics:561"],
    "39": ["naics:81"],
    "41": ["naics:44-45"],
    "43": ["naics:561"],
    "45": ["naics:11"],
    "47": ["naics:23"],
    "49": ["naics:81"],
    "51": ["naics:31-33"],
    "53": ["naics:48-49"],
    "53-2": ["naics:481"],
    "55": ["naics:928"],
}


def industries_of(soc: str) -> list[str]:
    """Industries of an O*NET-SOC code, by its minor group if listed, else its major one."""
    return SOC_INDUSTRIES.get(soc[:4]) or SOC_INDUSTRIES[soc[:2]]


def occupations(corpus: Path) -> pl.DataFrame:
    """One row for each O*NET occupation that has tasks."""
    tasks = pl.read_parquet(corpus / "onet_task_statements.parquet").sort(
        "onet_soc_code", "task_id"
    )
    named = (
        pl.read_parquet(corpus / "onet_occupations.parquet")
        .join(tasks.select("onet_soc_code").unique(), on="onet_soc_code")
        .sort("onet_soc_code")
    )
    codes = named["onet_soc_code"].to_list()
    number = {code: i for i, code in enumerate(codes)}
    tasks = tasks.filter(pl.col("onet_soc_code").is_in(codes))
    owner = np.array([number[c] for c in tasks["onet_soc_code"]])
    alternates = (
        pl.read_parquet(corpus / "onet_alternate_titles.parquet")
        .group_by("onet_soc_code", maintain_order=True)
        .agg(pl.col("alternate_title").head(TITLES))
    )
    also = dict(alternates.iter_rows())
    encode = Encoder()
    task_vectors = encode(tasks["task"].to_list())
    titles = encode([f"{t}\n{', '.join(also.get(c, []))}\n{d}" for c, t, d in named.iter_rows()])
    means = np.stack([task_vectors[owner == i].mean(axis=0) for i in range(len(codes))])
    centres = unit(unit(means) + titles)
    said = tasks["task"].to_list()
    terms = class_terms(said, owner, top=15)
    zones = dict(
        pl.read_parquet(corpus / "onet_job_zones.parquet")
        .select("onet_soc_code", "job_zone")
        .iter_rows()
    )
    return pl.DataFrame(
        {
            "soc": codes,
            "cluster_key": [f"ref-{code}" for code in codes],
            "title": named["title"],
            "industry_ids": [industries_of(code) for code in codes],
            "terms": [list(t) for t in terms],
            "n_texts": np.bincount(owner).tolist(),
            "job_zone": [int(zones[c]) if c in zones else None for c in codes],
            "silhouette": silhouettes(centres, codes),
            "vector": centres.astype(np.float32).tolist(),
        },
        schema_overrides={"vector": pl.List(pl.Float32)},
    )


def silhouettes(centres: np.ndarray, codes: list[str]) -> list[float]:
    """Silhouette of each occupation among SOC major groups, reduced as a fit would be."""
    from sklearn.metrics import silhouette_samples

    config = SegmentationConfig()
    reduced = umap_projection(centres, seed=config.seed, n_components=config.dimensions)
    points = silhouette_samples(reduced, [code[:2] for code in codes])
    return [round(float(p), 4) for p in points]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--corpus", type=Path, required=True)
    corpus = parser.parse_args().corpus
    OUT.mkdir(parents=True, exist_ok=True)
    frame = occupations(corpus)
    frame.write_parquet(OUT / "occupations.parquet", compression="zstd", compression_level=19)
    manifest = {
        "encoder": Encoder.model_id,
        "weights_sha256": SHA256,
        "command": "python tools/build_reference.py --corpus DIR",
        "rows": {"occupations": len(frame)},
    }
    (OUT / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


if __name__ == "__main__":
    main()
