"""Many scenes in, one surface out: tissue in a fixed frame, without instruments, over time."""
