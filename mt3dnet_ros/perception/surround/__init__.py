"""What a recorder or the optics put around the endoscope's view: its level, its straight sides, its round outline."""
