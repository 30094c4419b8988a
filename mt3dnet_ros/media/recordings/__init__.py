"""Recordings of topics: MCAP files, bags of ROS 2 (MCAP or SQLite) and of ROS 1, read without ROS."""
