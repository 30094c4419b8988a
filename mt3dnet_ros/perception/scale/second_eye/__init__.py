"""Scale from a second eye: two views of one scene, whose distance from each other is known."""
