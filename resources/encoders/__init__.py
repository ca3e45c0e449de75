"""Texts to vectors: MiniLM, other encoders by name, and the cache of vectors."""
