"""Views and appearances of frames that are trained on."""
