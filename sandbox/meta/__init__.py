"""A twin of Meta's Marketing API v26, as far as docs/reference/fidelity.md says."""
