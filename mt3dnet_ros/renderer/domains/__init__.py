"""What a renderer may draw, as ranges and probabilities: every choice that makes rendered frames easy or hard.

Each module holds the groups of keys of a domain's file about one subject.
"""

Range = tuple[float, float]  # least and largest
Count = tuple[int, int]  # least and largest
Colour = tuple[float, float, float]  # red, green, blue
