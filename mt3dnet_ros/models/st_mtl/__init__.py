"""ST-MTL: instrument types and task-oriented saliency over time."""
