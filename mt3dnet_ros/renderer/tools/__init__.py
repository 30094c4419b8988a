"""Instruments: kinematics, looks, and how they are sampled and handled."""
