"""The fit of a team: inputs, vectors, segments, profiles, and which fit is current."""
