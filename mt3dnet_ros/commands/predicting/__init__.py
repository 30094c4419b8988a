"""How ``mt3dnet predict`` works on one input, and on several side by side."""
