"""Instruments over time: the same id, one type and a filtered tip from frame to frame."""
