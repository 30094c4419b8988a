"""Networks in files for other run times."""
