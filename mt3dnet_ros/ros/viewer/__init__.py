"""Live topics into viewers."""
