"""Exactly once: an accepted plan becomes objects on a network, and is taken down again."""
