"""The operations store: what a person decides and what was posted. Money is integer minor units.

`store.OperationsStore` is the one door; SQLite or PostgreSQL by URL. It composes one class for each
topic; each method of a topic is one transaction. `*_rows` modules hold the steps that topics share
inside a transaction: plain functions on its connection.
"""
