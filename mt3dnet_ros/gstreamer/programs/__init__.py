"""What the system's Python runs, each file by its path: these import each other by their plain names, and GStreamer."""
