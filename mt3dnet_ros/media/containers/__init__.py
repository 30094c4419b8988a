"""What FFmpeg opens: a file that reaches nothing but itself, or a network stream that was allowed by name."""
