"""What tells the scale of depth beside the image: the second eye, and where the robot says that its tips are."""
