"""Keys, the vault, the home's modes, and the door through which requests leave."""
