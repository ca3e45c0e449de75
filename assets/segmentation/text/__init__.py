"""Texts made comparable, redacted, stemmed, and searched for phrases."""
