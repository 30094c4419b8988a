"""The ``mt3dnet`` command; each subcommand is imported only when it is asked for."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

# Each module has add_arguments(parser) and run(arguments) -> exit code.
COMMANDS = {
    'render': ('mt3dnet_ros.renderer.writing.write', 'render a data set for training from tool meshes'),
    'render-clip': ('mt3dnet_ros.renderer.writing.clip', 'render a short video of moving tools with its calibration'),
    'prepare-depth': ('mt3dnet_ros.datasets.depth.command', 'make depth maps for training from a teacher or stereo'),
    'make-saliency': ('mt3dnet_ros.datasets.saliency.command', 'make saliency maps and scanpaths from part masks'),
    'train': ('mt3dnet_ros.training.train', 'train a network by a recipe'),
    'train-saliency': ('mt3dnet_ros.training.asto.train', 'train ST-MTL, or the saliency branch of MT3DNet, by ASTO'),
    'evaluate': ('mt3dnet_ros.evaluation.evaluate', 'judge a network on a labelled data set'),
    'evaluate-video': ('mt3dnet_ros.evaluation.evaluate_video', 'judge a network on a video without labels'),
    'evaluate-real': ('mt3dnet_ros.evaluation.evaluate_real', 'judge a network on folders of real frames and videos'),
    'calibrate': (
        'mt3dnet_ros.evaluation.calibration.calibrate',
        'fit confidence, scores and depth limits to labelled frames',
    ),
    'predict': ('mt3dnet_ros.perception.prediction.predict', 'predict on an image, a folder of images or a video'),
    'card': ('mt3dnet_ros.commands.card', "print or write a checkpoint's facts and its model card"),
    'export': ('mt3dnet_ros.perception.export.export', 'export a checkpoint to torch.export and ONNX'),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand; known errors are printed without a traceback."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(prog='mt3dnet', description='Train and use MT3DNet.')
    subparsers = parser.add_subparsers(dest='command', required=True)
    chosen = next((word for word in words if word in COMMANDS), None)
    for name, (module, summary) in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=summary, description=summary)
        if name == chosen:
            importlib.import_module(module).add_arguments(subparser)
    parsed = parser.parse_args(words)
    try:
        return int(importlib.import_module(COMMANDS[parsed.command][0]).run(parsed))
    except (ValueError, FileNotFoundError) as error:
        print(f'mt3dnet {parsed.command}: {error}', file=sys.stderr)
        return 1
