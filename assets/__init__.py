"""The graph and the pure stages it wraps."""
