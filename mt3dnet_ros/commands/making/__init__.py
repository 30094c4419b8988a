"""From nothing to a checkpoint: a plan's stages, each of them a command, done one after another."""
