"""Training on a folder of one's own: from images and masks to a checkpoint and its scores.

    python examples/train_on_folder.py FOLDER OUTPUT [key=value ...]

    FOLDER/classes.yaml                  names and colours of the ids, written as config/labels/endovis2018.yaml is
    FOLDER/camera.yaml                   calibration, where there is one
    FOLDER/{train,val}/images/NAME.jpg   or .png
    FOLDER/{train,val}/masks/NAME.png    8 bit: ids, 0 background, 255 unlabelled

The recipe is ``train_on_folder.yaml``; ``key=value`` changes any of its keys, as in ``steps=2000``. Depth and parts are
not taught here, and get worse while the network turns to the new images.
"""

import argparse
from pathlib import Path

from mt3dnet_ros.commands.main import main as mt3dnet
from mt3dnet_ros.training.recipe_file import read_recipe
from mt3dnet_ros.training.train import train

RECIPE = Path(__file__).with_suffix('.yaml')


def main() -> None:
    """Train, then judge the checkpoint on the validation frames."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('folder', type=Path)
    parser.add_argument('output', type=Path)
    parser.add_argument('overrides', nargs='*', metavar='key=value')
    arguments = parser.parse_args()

    recipe = read_recipe(RECIPE, [f'data={arguments.folder}', f'output={arguments.output}', *arguments.overrides])
    checkpoint = train(recipe)
    print(f'trained on {recipe.data}: {checkpoint}')

    where = ['--dataset', recipe.dataset, '--data', recipe.data, '--split', recipe.val_split]
    mt3dnet(['evaluate', *where, '--checkpoint', str(checkpoint), '--output', str(arguments.output / 'report')])


if __name__ == '__main__':
    main()
