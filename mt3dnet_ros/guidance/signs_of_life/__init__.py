"""Whether what guidance relies on still lives: the dead-man switch, the process itself, and what it commands."""
