"""The operations store: what a person decides and what was posted. Money is integer minor units.

`resources.operations.store.OperationsStore` is the one door; SQLite or PostgreSQL by URL.
"""
