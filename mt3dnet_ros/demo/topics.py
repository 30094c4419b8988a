"""The names of the demo's graph."""

NODE = '/perception'
IMAGE = '/endoscope/image_raw'
CAMERA_INFO = '/endoscope/camera_info'
DIAGNOSTICS = '/diagnostics'
OVERLAY = f'{NODE}/overlay'
DETECTIONS = f'{NODE}/detections'
DEPTH = f'{NODE}/depth/image'
CLOUD = f'{NODE}/points'
SALIENCY = f'{NODE}/saliency'
SCANPATH = f'{NODE}/scanpath'
