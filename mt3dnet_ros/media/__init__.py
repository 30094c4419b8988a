"""Pictures, videos, folders of pictures, point clouds and calibration files: read and written."""
