"""The rclpy nodes; they only wire."""
