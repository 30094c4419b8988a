"""Camera guidance without ROS: from where to look to how the camera moves, and when it must not."""
