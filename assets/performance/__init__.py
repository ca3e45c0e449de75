"""What the networks say the ads cost."""
