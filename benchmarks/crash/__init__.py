"""Posting processes killed at every boundary, against networks that fail: see `__main__`."""
