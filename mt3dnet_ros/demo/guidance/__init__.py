"""Camera guidance closes its loop on a simulated endoscope."""
