"""Work on many items, in this process, in several, or on a cluster; what the work is, is not known here."""
