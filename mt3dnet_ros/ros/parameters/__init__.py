"""The parameters of every node, each from one typed table."""
