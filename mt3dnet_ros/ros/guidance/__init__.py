"""What camera guidance subscribes to, publishes and reports."""
