"""The warehouse: DuckDB over DuckLake, its tables, its versions, and the analysts' read-only door."""
