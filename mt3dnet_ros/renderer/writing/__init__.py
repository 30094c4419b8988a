"""Rendered frames on disk, as clips, live and as contact sheets."""
