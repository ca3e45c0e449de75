"""How the graph is cut: fits by team, postings by ad, numbers by day."""

import dagster as dg

teams = dg.DynamicPartitionsDefinition(name="teams")
ads = dg.DynamicPartitionsDefinition(name="ads")
# One day ahead: an account's day may have begun where UTC's has not.
days = dg.DailyPartitionsDefinition(start_date="2026-11-01", end_offset=1)
