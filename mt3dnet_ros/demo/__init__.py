"""A video through the running nodes, into pictures, a point cloud and a table of figures."""
