"""What is wrong with what a node is given and makes: seen while it works, told by diagnostics."""
