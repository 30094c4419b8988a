"""How fast it is: what `make benchmark` measures, and what scripts of single questions share with it."""
