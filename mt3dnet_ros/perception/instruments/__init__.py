"""From dense maps and peaks to the instruments of a frame."""
