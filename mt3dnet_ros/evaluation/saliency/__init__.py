"""Saliency maps and scanpaths: metrics, baselines and the scorer that reports them."""
