"""How far towns lie from a point."""

import numpy as np

EARTHS_DIAMETER_KM = 12_742.0


def kilometres(
    latitude: float, longitude: float, latitudes: np.ndarray, longitudes: np.ndarray
) -> np.ndarray:
    """Great-circle distances (n,) of n points from one, by the haversine formula; all coordinates
    in degrees.

    >>> kilometres(52.52, 13.405, np.array([52.52, 48.137]), np.array([13.405, 11.575])).round()
    array([  0., 504.])
    """
    a, b = np.radians(latitude), np.radians(latitudes)
    across = np.radians(longitude - longitudes)
    half = np.sin((a - b) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(across / 2) ** 2
    return EARTHS_DIAMETER_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
