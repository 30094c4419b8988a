"""The process of a node: signals that end it, and shared memory that it would leave."""
