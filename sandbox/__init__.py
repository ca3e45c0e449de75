"""Twins: local stand-ins for the ad networks, written from their contracts."""
