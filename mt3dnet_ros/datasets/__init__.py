"""Readers of published layouts, the renderer and the builders of targets."""
