"""Confidence that can be believed: fitted on labelled frames."""
