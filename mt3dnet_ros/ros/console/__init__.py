"""The overlay of the surgeon's console in a node: perception's messages in, transparent pictures out."""
