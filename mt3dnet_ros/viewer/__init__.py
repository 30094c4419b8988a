"""What perception sees, in a browser: the layout, how messages are drawn, and the servers. Needs the extra ``view``."""
