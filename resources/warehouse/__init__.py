"""DuckDB over DuckLake: its tables, its versions, and the read-only door for analysts."""
