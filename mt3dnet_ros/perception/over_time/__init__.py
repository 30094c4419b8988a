"""What is carried from one frame of a stream to the next."""
