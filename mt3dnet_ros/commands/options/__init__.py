"""Options of commands that take more than a line."""
