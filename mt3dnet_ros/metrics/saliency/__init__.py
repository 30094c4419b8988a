"""Metrics of saliency maps and scanpaths, and baselines that a network has to beat."""
