"""Video that stays in GStreamer: the sockets of a da Vinci Research Kit, reached through the system's GStreamer.

PyPI has none for Linux. So programs of ours (``programs/``) are run by the system's Python, each in a process of its
own; they share pictures with this one by memory, and import neither this package nor NumPy.
"""
