"""Cameras, rays and unprojection; torch and numpy alone."""
