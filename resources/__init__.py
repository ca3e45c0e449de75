"""The outside world: stores, encoders, and adapters over the networks' real SDKs."""
