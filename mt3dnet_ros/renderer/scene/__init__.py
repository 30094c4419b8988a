"""The world before the camera, and how it moves."""
