"""What is held of one person, and how all of it goes."""
