"""Pictures of video sockets as messages: published with the time when they were taken, and judged."""
