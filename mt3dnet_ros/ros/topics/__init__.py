"""The topics of every node, each said once: by these tables nodes publish and subscribe, and docs and tests are made."""
