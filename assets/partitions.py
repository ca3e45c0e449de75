"""How the graph is cut: fits by team, postings by ad, numbers by day."""

import dagster as dg

FIRST_DAY = "2026-01-01"

teams = dg.DynamicPartitionsDefinition(name="teams")
ads = dg.DynamicPartitionsDefinition(name="ads")
# One day ahead: an account's day may have begun where UTC's has not.
days = dg.DailyPartitionsDefinition(start_date=FIRST_DAY, end_offset=1)
