"""Curves are read from the log and drawn."""

from __future__ import annotations

import cv2
import pytest

from mt3dnet_ros.training.monitoring.plots import main, plot_training, read_curves

LOG = """step,loss_depth,weight_depth,weight_segmentation,types_dice,depth_mae_mm,val_saliency,saliency_sim
9,1.5,1.0,2.0,,,,
19,0.5,1.2,1.8,,,,
19,,,,0.25,12.5,0.3,0.4
"""


@pytest.fixture
def log(tmp_path):
    path = tmp_path / 'metrics.csv'
    path.write_text(LOG)
    return path


def test_curves_have_the_steps_at_which_they_were_logged(log):
    curves = read_curves(log)
    assert curves['loss_depth'] == ([10, 20], [1.5, 0.5])
    assert curves['types_dice'] == ([20], [0.25])


def test_each_kind_of_curve_that_the_log_holds_has_a_panel(log, tmp_path):
    plot_training(log, tmp_path / 'all.png')
    log.write_text('step,loss_depth\n9,1.5\n')
    plot_training(log, tmp_path / 'plots' / 'losses.png')
    whole, losses = (cv2.imread(str(path)) for path in (tmp_path / 'all.png', tmp_path / 'plots' / 'losses.png'))
    assert whole.shape[1] == pytest.approx(6 * losses.shape[1], abs=4), 'losses, weights, scores'


def test_curve_is_drawn_where_its_values_are(log, tmp_path):
    plot_training(log, tmp_path / 'falling.png')
    log.write_text(LOG.replace('9,1.5', '9,0.5').replace('19,0.5', '19,1.5'))
    plot_training(log, tmp_path / 'rising.png')
    falling, rising = (cv2.imread(str(tmp_path / name)) for name in ('falling.png', 'rising.png'))
    assert (falling != rising).any()


@pytest.mark.parametrize(
    ('text', 'complaint'), [('loss\n1\n', "no column 'step'"), ('step,epoch\n9,0\n', 'holds no losses')]
)
def test_file_without_curves_is_refused(log, text, complaint, tmp_path):
    log.write_text(text)
    with pytest.raises(ValueError, match=complaint):
        plot_training(log, tmp_path / 'curves.png')


def test_command_names_a_missing_log(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main([str(tmp_path / 'none.csv'), str(tmp_path / 'curves.png')])
    assert 'does not exist; a run writes it to OUTPUT/log/metrics.csv' in capsys.readouterr().err
