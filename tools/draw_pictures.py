"""Draw docs/pictures: the asset graph from the definitions, the segment map from a home's demo.

JOBADS_HOME=... python tools/draw_pictures.py
"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import jobads
from assets.definitions import GROUPS, defs
from assets.segmentation.plots import scatter

OUT = Path(__file__).resolve().parents[1] / "docs" / "pictures"
COLOURS = dict(zip(GROUPS, ("#dbe9f6", "#e3f1dc", "#fbe5d0", "#ece2f2"), strict=True))


def asset_graph() -> Figure:
    """Assets from left to right by their longest way from a source, coloured by group."""
    graph = defs.resolve_asset_graph()
    parents = {
        k.to_user_string(): {p.to_user_string() for p in graph.get(k).parent_keys}
        for k in graph.get_all_asset_keys()
    }

    def depth(name: str) -> int:
        return 1 + max((depth(p) for p in parents[name]), default=-1)

    columns: dict[int, list[str]] = {}
    for name in sorted(parents):
        columns.setdefault(depth(name), []).append(name)
    place = {
        name: (column, (len(names) - 1) / 2 - row)
        for column, names in columns.items()
        for row, name in enumerate(names)
    }
    figure = Figure(figsize=(14, 3.2), layout="constrained")
    plot = figure.subplots()
    group_of = {name: group for group, names in GROUPS.items() for name in names}
    for name, (x, y) in place.items():
        for parent in parents[name]:
            px, py = place[parent]
            arrow = {"arrowstyle": "->", "color": "grey", "shrinkA": 34, "shrinkB": 34}
            plot.annotate("", (x, y), (px, py), arrowprops=arrow)
        box = {
            "boxstyle": "round,pad=0.4",
            "facecolor": COLOURS[group_of[name]],
            "edgecolor": "grey",
        }
        plot.text(x, y, name.replace("_", "\n", 1), ha="center", va="center", fontsize=9, bbox=box)
    plot.set(xlim=(-0.6, max(columns) + 0.6), ylim=(-1.8, 1.8))
    plot.axis("off")
    return figure


def segment_map() -> Figure:
    """The demo's ads on the principal axes of the reduced space."""
    wb = jobads.open()
    points = wb.sql(
        "SELECT r.vector, c.cluster_key FROM reduced_vectors AS r "
        "JOIN clusters AS c USING (team_id, key) ORDER BY r.key"
    )
    titles = {
        row["cluster_key"]: f"{', '.join(row['terms'][:3]) or 'hidden'} ({row['silhouette']:.2f})"
        for row in wb.table("profiles").iter_rows(named=True)
    }
    return scatter(np.array(points["vector"].to_list()), points["cluster_key"].to_list(), titles)


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    asset_graph().savefig(OUT / "asset_graph.png", dpi=90)
    segment_map().savefig(OUT / "segment_map.png", dpi=80)


if __name__ == "__main__":
    main()
