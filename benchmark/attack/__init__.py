"""Hostile input: how it is made, what it is given to, and what must hold."""
