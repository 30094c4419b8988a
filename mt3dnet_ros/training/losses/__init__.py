"""The tasks' losses: one value per frame, near 0 for a perfect prediction, averaged over what is labelled."""
