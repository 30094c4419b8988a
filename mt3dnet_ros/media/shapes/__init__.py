"""Points and triangles in files that other programs read."""
