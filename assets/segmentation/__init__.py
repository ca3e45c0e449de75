"""From texts to audience primitives: pure stages on arrays and records."""
