"""A twin of the toy network."""
