"""What a report says of each task."""
