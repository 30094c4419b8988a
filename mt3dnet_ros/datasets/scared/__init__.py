"""SCARED: stereo endoscopy with measured depth."""
