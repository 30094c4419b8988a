"""One image: what is seen in it as text, as a picture and as a point cloud.

    python examples/image.py [IMAGE] [--calibration camera.yaml] [--output DIR]

Without an image it takes the first frame of the clip that ships.
"""

import argparse
import math
from pathlib import Path

import cv2

import mt3dnet_ros
from mt3dnet_ros.media.calibration_file import fit_camera, read_camera
from mt3dnet_ros.media.pictures import open_pictures
from mt3dnet_ros.media.shapes.ply import write_ply
from mt3dnet_ros.resources import package_file


def main() -> None:
    """Perceive, print, and write ``overlay.png`` and ``scene.ply``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('image', nargs='?', type=Path, default=package_file('config', 'demo', 'clip.mp4'))
    parser.add_argument('--calibration', type=Path, help='of ROS, OpenCV, Kalibr or others')
    parser.add_argument('--output', type=Path, default=Path('example_output'))
    arguments = parser.parse_args()

    rgb = next(iter(open_pictures(arguments.image))).read()  # (height, width, 3) uint8, red first
    height, width = rgb.shape[:2]
    if arguments.calibration:
        camera = fit_camera(read_camera(arguments.calibration), width, height)
    else:
        camera = mt3dnet_ros.Camera.from_field_of_view(width, height, math.radians(60))
        print('no calibration: 60 degrees of view are assumed, so millimetres are guesses')

    perceive = mt3dnet_ros.load()
    scene = perceive(rgb, camera)
    print(scene)
    for instrument in scene.detections:
        print(
            instrument.class_name, 'has its tip at', ' '.join(f'{1000 * value:.1f}' for value in instrument.tip), 'mm'
        )

    arguments.output.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(arguments.output / 'overlay.png'), cv2.cvtColor(scene.overlay, cv2.COLOR_RGB2BGR))
    points = write_ply(arguments.output / 'scene.ply', scene.cloud.xyz, scene.cloud.rgb, scene.cloud.labels)
    print(f'wrote overlay.png and scene.ply ({points} points) to {arguments.output}')


if __name__ == '__main__':
    main()
