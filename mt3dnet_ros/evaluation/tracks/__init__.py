"""How well instruments are followed over time."""
