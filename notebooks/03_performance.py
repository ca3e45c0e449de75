# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # What did an application cost, and do we know enough to prefer an arm?
#
# Numbers of the sandbox network: its world is invented. Intervals are exact for Poisson counts.

# %%
import matplotlib.pyplot as plt
import polars as pl

import jobads
from assets.segmentation.plots import literal
from domain.plain_text import plain
from jobads import summary

wb = jobads.open()
log = wb.sql(summary.LATEST)
team = log["team_id"][0]
log.head()

# %%
costs = summary.by_arm(wb.warehouse, team)
table = summary.frame_of(costs)
table

# %% [markdown]
# ## Spend and applies by day

# %%
daily = (
    log.with_columns(
        kind=pl.when(pl.col("arm") == "broad").then(pl.lit("broad")).otherwise(pl.lit("segment"))
    )
    .group_by("day", "kind")
    .agg(spend=pl.col("spend_micros").sum() / 1e6, applies=pl.col("applies").sum())
    .sort("day")
)
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
for (kind,), group in daily.group_by("kind"):
    left.plot(group["day"], group["spend"], marker="o", label=kind)
    right.plot(group["day"], group["applies"], marker="o", label=kind)
left.set(ylabel="spend a day")
right.set(ylabel="applies a day (young days still grow)")
left.legend()
for plot in (left, right):
    plot.tick_params(axis="x", rotation=45)
plt.close(figure)
figure

# %% [markdown]
# ## Cost per apply, with 95 % intervals

# %%
known = [c for c in costs if c.per_apply is not None and c.high is not None]
figure, plot = plt.subplots(figsize=(8, 3.5), layout="constrained")
for i, c in enumerate(known):
    plot.plot([c.low, c.high], [i, i], color="grey")
    plot.plot(c.per_apply, i, "o", color="C0")
plot.set_yticks(range(len(known)), [literal(c.name) for c in known])
plot.set(xlabel=f"cost per apply, {known[0].currency}")
plt.close(figure)
figure

# %% [markdown]
# ## Answer

# %%
broad = next(c for c in known if c.name == "broad")
better = [c for c in known if c.high < broad.low]
print(
    f"{len(better)} of {len(known) - 1} segments cost surely less than broad (intervals apart): "
    + (", ".join(plain(c.name) for c in better) or "none; more days or a larger budget would tell")
)
