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
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Which groups of work are among our ads, and how sure are we of each?
#
# Run `jobads demo` first. This only reads the warehouse; it may stay open while Dagster works.

# %%
import matplotlib.pyplot as plt
import numpy as np
import polars as pl

import jobads
from assets.segmentation.plots import scatter

wb = jobads.open()
wb.tables()

# %% [markdown]
# ## The map
#
# Ads on the two principal axes of the 50 UMAP dimensions; the legend gives each segment's terms and
# its silhouette, from which below 0.25 an ad goes to the broad template.

# %%
points = wb.sql(
    "SELECT r.key, r.vector, c.cluster_key FROM reduced_vectors AS r "
    "JOIN clusters AS c USING (team_id, key) ORDER BY r.key"
)
profiles = wb.table("profiles").sort("silhouette", descending=True)
titles = {
    row["cluster_key"]: f"{', '.join(row['terms'][:3])} ({row['silhouette']:.2f})"
    for row in profiles.iter_rows(named=True)
}
scatter(np.array(points["vector"].to_list()), points["cluster_key"].to_list(), titles)

# %%
profiles.select("cluster_key", "size", "silhouette", "terms", "industry", "score", "labeller")

# %% [markdown]
# ## How far each ad is from belonging elsewhere

# %%
clusters = wb.table("clusters")
figure, plot = plt.subplots(figsize=(8, 3.5), layout="constrained")
names = [row["cluster_key"] for row in profiles.iter_rows(named=True)]
plot.boxplot(
    [clusters.filter(pl.col("cluster_key") == n)["silhouette"].to_list() for n in names],
    orientation="horizontal",
    tick_labels=[titles[n] for n in names],
)
plot.axvline(0.25, linestyle="--", color="grey")
plot.set(xlabel="silhouette of each ad; dashed: the gate")
plt.close(figure)
figure

# %% [markdown]
# ## Answer

# %%
trusted = profiles.filter(pl.col("silhouette") >= 0.25)
low = clusters.filter(pl.col("silhouette") < 0.25)
print(
    f"{len(trusted)} of {len(profiles)} segments pass the gate; "
    f"{len(low)} of {len(clusters)} ads lie closer to a border than their segment does."
)
