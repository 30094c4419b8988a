"""Cameras, rays and unprojection; they need torch and numpy, nothing else."""
