"""The networks; torch and numpy alone."""
