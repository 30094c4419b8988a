"""Pictures that show no scene: what a network sees before, after and beside an operation."""
