"""Frames: where cameras are, and in which frame outputs are."""
