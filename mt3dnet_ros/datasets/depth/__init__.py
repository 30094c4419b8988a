"""Depth maps for training: a teacher's depth or a stereo pair's, in metres; ``mt3dnet prepare-depth``."""
