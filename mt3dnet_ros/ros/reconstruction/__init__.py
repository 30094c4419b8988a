"""The surface in a node: perception's messages in, one surface over time out."""
