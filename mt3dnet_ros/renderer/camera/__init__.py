"""From radiance to the picture that an endoscope delivers."""
