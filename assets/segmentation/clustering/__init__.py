"""Groups of vectors as pure functions on arrays: reduction, methods, consensus, hierarchy."""
