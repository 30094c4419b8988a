"""Where a surgeon looks, from how the instruments move: saliency maps and scanpaths to learn from."""
