"""A team's fit: its inputs, its vectors, its segments and their profiles, and which fit is current."""
