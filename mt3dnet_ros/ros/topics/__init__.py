"""The topics of every node, each said once: nodes publish and subscribe by these tables, and docs are made of them."""
