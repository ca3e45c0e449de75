"""Whether a segment may be used: clusterability, stability, minimum cell, gender swap test."""
