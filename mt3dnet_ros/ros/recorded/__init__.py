"""Recordings as input: the images of one with the camera that took them; without ROS, but for `output.py`."""
