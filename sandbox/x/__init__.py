"""X's Ads API v12 as a local stand-in, written from its documentation."""
