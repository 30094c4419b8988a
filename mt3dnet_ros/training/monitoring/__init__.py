"""What is seen of a run: logs, curves, pictures and scores."""
