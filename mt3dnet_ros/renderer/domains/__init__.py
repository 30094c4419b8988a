"""What a renderer may draw: domains, from YAML."""
