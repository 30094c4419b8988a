"""A video: masks, depth and detections of every frame in files, an overlay as a film, and the tool tips in a table.

    python examples/video.py [VIDEO] [--calibration camera.yaml] [--output DIR] [--limit N]

Without a video it takes the clip that ships. ``mt3dnet predict`` does the same without a line of Python, but for the
table; docs/train/predict.md tells what is in the files.
"""

import argparse
import csv
from itertools import islice
from pathlib import Path

import mt3dnet_ros
from mt3dnet_ros.media.calibration_file import fit_camera, read_camera
from mt3dnet_ros.media.pictures import open_pictures
from mt3dnet_ros.perception.prediction.files import PredictionFiles
from mt3dnet_ros.perception.scene import ALL_OUTPUTS
from mt3dnet_ros.resources import package_file


def main() -> None:
    """Perceive frame by frame and write what is seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('video', nargs='?', type=Path, default=package_file('config', 'demo', 'clip.mp4'))
    parser.add_argument('--calibration', type=Path, help='of ROS, OpenCV, Kalibr or others; else tips are unknown')
    parser.add_argument('--output', type=Path, default=Path('example_output'))
    parser.add_argument('--limit', type=int, help='work on the first N frames only')
    arguments = parser.parse_args()

    perceive = mt3dnet_ros.load()
    video = open_pictures(arguments.video)
    calibrated = arguments.calibration and read_camera(arguments.calibration)
    arguments.output.mkdir(parents=True, exist_ok=True)
    with (
        PredictionFiles(arguments.output, perceive.taxonomy, video.rate) as files,
        open(arguments.output / 'tips.csv', 'w', newline='') as table,
    ):
        rows = csv.writer(table)
        rows.writerow(['seconds', 'instrument', 'score', 'x_mm', 'y_mm', 'z_mm'])
        for picture in islice(video, arguments.limit):
            rgb = picture.read()
            camera = calibrated and fit_camera(calibrated, rgb.shape[1], rgb.shape[0])
            frame = mt3dnet_ros.Frame(rgb, picture.stamp)  # with its time, so that the network remembers the video
            scene = perceive(frame, camera, ALL_OUTPUTS - {'cloud'})
            files.write(picture, scene)
            for item in scene.detections:
                tip = [round(1000 * value, 1) for value in item.tip]
                rows.writerow([round(1e-9 * picture.stamp, 3), item.class_name, round(item.score, 3), *tip])
    print(f'{files.written} frames: overlay.mp4, tips.csv, masks, depth and detections are in {arguments.output}')


if __name__ == '__main__':
    main()
