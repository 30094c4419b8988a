"""How right the scale of depth is, by what it rests on."""

SWITCHES = ('shaft', 'second_eye', 'robot')
"""Sources that an evaluation switches on."""
