"""A twin of the Google Ads API v26, as far as docs/reference/fidelity.md says."""
