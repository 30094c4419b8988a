"""Calibrations of cameras, as ROS, OpenCV, Kalibr and others write them."""
