"""ROS messages to arrays and back, quality of service, parameters, diagnostics."""
