# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Which groups of work are among our ads, and how sure are we of each?
#
# Run `jobads demo` first. This only reads the warehouse; it may stay open while Dagster works.
# Where a team has a lawful basis for it, résumés take part in its groups: a segment may hold more
# texts than ads, or no ad at all. The map and the last picture show ads alone.

# %%
import matplotlib.pyplot as plt
import numpy as np
import polars as pl

import jobads
from assets.segmentation.config import SegmentationConfig
from assets.segmentation.plots import clusterability_plot, literal, scatter

# %matplotlib inline
pl.Config.set_tbl_rows(-1).set_fmt_str_lengths(80)

wb = jobads.open()
wb.tables()

# %% [markdown]
# ## The map
#
# Ads on the first two principal axes; the legend gives each segment's terms and its silhouette.
# Below 0.25, an ad that no coarser segment holds goes to the broad template.

# %%
points = wb.sql(
    "SELECT r.key, r.vector, c.cluster_key FROM reduced_vectors AS r "
    "JOIN clusters AS c USING (team_id, key) ORDER BY r.key"
)
profiles = wb.table("profiles").sort("silhouette", descending=True)
titles = {
    row["cluster_key"]: f"{', '.join(row['terms'][:3]) or 'hidden'} ({row['silhouette']:.2f})"
    for row in profiles.iter_rows(named=True)
}
scatter(np.array(points["vector"].to_list()), points["cluster_key"].to_list(), titles)

# %%
profiles.select("cluster_key", "size", "silhouette", "terms", "industry", "score", "labeller")

# %% [markdown]
# ## Are there groups at all?
#
# Any points can be cut into groups. These texts are compared with null samples: random draws of
# their covariance, which have no groups. Left of the gate, every ad goes to the broad template. So
# it does when the groups of one half of the texts predict those of the other hardly better than in
# null samples (`strength`), or when the texts are all of about one occupation (`occupations`: as
# how many groups of occupations they differ).

# %%
fit = wb.table("segment_model").sort("silhouette", descending=True)
measured = fit.drop_nulls("structure_null").head(1)
clusterability_plot(
    measured["structure"].item(),
    measured["structure_null"].item().to_list(),
    SegmentationConfig().structure_asked(measured["occupations"].item()),
) if len(measured) else "No team has a fit of its own: all use the reference model."

# %%
measured.select("strength", "occupations")

# %% [markdown]
# ## And is each of them found again?
#
# `stability` is the Jaccard similarity of a segment to itself in redrawn texts; below 0.6 it is not
# trusted, and `rejection_reason` says so. Among fewer groups a segment may lie apart that does not
# among all, and two that cannot be told apart may be one that can: `among` is the number of groups
# where it is measured, `parent` the coarser segment that contains it. An ad gets the finest of its
# own that may be trusted. `lineage` tells what became of a segment in the last fit.

# %%
fit.select("cluster_key", "silhouette", "stability", "among", "parent", "rejection_reason")

# %%
fit.select("cluster_key", "lineage", "hidden", "reason")

# %% [markdown]
# ## How far each ad is from belonging elsewhere

# %%
clusters = wb.table("clusters")
held = set(clusters["cluster_key"])
names = [key for key in profiles["cluster_key"] if key in held]
figure, plot = plt.subplots(figsize=(8, 1 + 0.25 * len(names)), layout="constrained")
plot.boxplot(
    [clusters.filter(pl.col("cluster_key") == n)["silhouette"].to_list() for n in names],
    orientation="horizontal",
    tick_labels=[literal(titles[n]) for n in names],
)
plot.axvline(0.25, linestyle="--", color="grey")
plot.set(xlabel="silhouette of each ad; dashed: the gate")
plt.close(figure)
figure

# %% [markdown]
# ## Answer

# %%
trusted = fit.filter(
    pl.col("silhouette") >= 0.25, pl.col("rejection_reason") == "", pl.col("hidden") == ""
)
low = clusters.filter(pl.col("silhouette") < 0.25)
coarser = set(fit["parent"].drop_nulls()) - {""}
alone = set(fit["cluster_key"]) - coarser - set(clusters["cluster_key"])
arms = wb.table("audience_primitives")
placed = arms.filter(pl.col("template") == "segment")["job_id"].n_unique()
print(
    f"{len(trusted)} of {len(fit)} segments pass every gate ({len(coarser)} hold others, "
    f"{len(alone)} are of résumés alone); {placed} of {arms['job_id'].n_unique()} ads have one. "
    f"{len(low)} of {len(clusters)} ads have a silhouette of their own under 0.25."
)
