"""The scale of depth: a network guesses it, and things whose size is known correct it."""
