"""The work of ``mt3dnet reconstruct``, which takes open3d."""
