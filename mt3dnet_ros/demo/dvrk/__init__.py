"""``make demo-dvrk``: what a surgeon would see at the console of a da Vinci, on a machine that has none."""
