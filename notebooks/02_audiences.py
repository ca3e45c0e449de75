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
# # What do we say to whom, and what did the law take away?
#
# One ad from its words to the payload that the network gets, with the proof of policy beside it.

# %%
import json

import polars as pl

import jobads
from assets.publishing.planning.plan_compiler import differences
from domain.plain_text import plain

wb = jobads.open()
posted = wb.sql("SELECT DISTINCT job_id FROM posted_campaigns ORDER BY job_id")
plan = wb.plan(posted["job_id"][0])
ad = wb.sql("SELECT title, location, text FROM job_ads WHERE job_id = ?", plan.job_id)
print(plain(f"{ad['title'][0]} · {ad['location'][0]}"))
print(plain(ad["text"][0])[:500])

# %% [markdown]
# ## Primitives: each fact and the words that support it

# %%
rows = wb.sql("SELECT * FROM audience_primitives WHERE job_id = ? ORDER BY rank", plan.job_id)
facts = []
for row in rows.iter_rows(named=True):
    primitives = json.loads(row["primitives"])
    for field in ("industries", "skills_keywords", "locations"):
        for fact in primitives[field]:
            words = ", ".join(e["text"] for e in fact["evidence"])
            facts.append((row["arm"], field, fact["label"], fact["score"], fact["source"], words))
columns = ["arm", "field", "label", "score", "source", "words"]
pl.DataFrame(facts, schema=columns, orient="row").head(20)

# %% [markdown]
# ## Proof: what policy did to each

# %%
proof = [
    (arm.arm, p.field, p.label, p.fate, p.rule, p.reason) for arm in plan.arms for p in arm.proof
]
columns = ["arm", "field", "label", "fate", "rule", "reason"]
pl.DataFrame(proof, schema=columns, orient="row").head(20)

# %% [markdown]
# ## The payload of the first arm

# %%
print(json.dumps(plan.arms[0].bodies["adset"], indent=1))
print(json.dumps(plan.arms[0].bodies["creative"]["object_story_spec"], indent=1))

# %% [markdown]
# ## Where the arms differ

# %%
for path, values in differences(plan):
    print(plain(path))
    for arm, value in values.items():
        print(f"  {arm}: {plain(value)}")

# %% [markdown]
# ## Answer: over all ads, what may be targeted and what only said?

# %%
fates = pl.DataFrame(
    [
        (line["field"], line["fate"])
        for text in wb.table("audience_plan_arms")["proof"]
        for line in json.loads(text)
    ],
    schema=["field", "fate"],
    orient="row",
)
fates.group_by("field", "fate").len().pivot("fate", index="field", values="len").sort("field")
