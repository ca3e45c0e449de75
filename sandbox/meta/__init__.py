"""A twin of Meta's Marketing API v26, as far as docs/fidelity.md says."""
