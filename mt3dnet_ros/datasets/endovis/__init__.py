"""EndoVis 2017 and 2018."""
