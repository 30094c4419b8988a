"""One frame in, one scene out."""
