"""Endoscopic scenes rendered by ray casting: images with exact types, parts, instances and depth."""
