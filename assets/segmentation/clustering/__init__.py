"""Groups of vectors: reduction, methods, consensus, silhouette and hierarchy. Pure functions on arrays."""
