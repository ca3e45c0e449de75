"""What a web server of this machine lets in. Dagster's pages and the twins share it: it knows
neither, and nothing of ours, so that both may import it."""
