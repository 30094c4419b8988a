"""Scale from an instrument's shaft, whose diameter is known: the edges of its silhouette tell how far it is."""
