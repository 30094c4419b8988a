"""Tissue: shapes and textures."""
