"""Coded pictures: what they say of themselves, and their pixels."""
