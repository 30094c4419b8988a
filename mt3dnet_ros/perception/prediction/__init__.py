"""Predictions on pictures and videos, in files that other programs read."""
