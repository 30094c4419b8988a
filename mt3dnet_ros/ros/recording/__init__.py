"""Recordings: messages in MCAP files."""
