"""What is said where no cluster can be had, before anything is begun."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.commands.options.ray import cluster_address
from mt3dnet_ros.distribution.cluster import open_cluster
from mt3dnet_ros.distribution.errors import ClusterError


@pytest.mark.parametrize('text', ['local', 'auto', 'head:6379', '10.0.0.1:6379', 'ray://head.lab:10001', '[::1]:6379'])
def test_an_address_is_taken_as_ray_takes_it(text: str) -> None:
    assert cluster_address(text) == text


@pytest.mark.parametrize('text', ['film.mp4', 'day1/film.mp4', 'head', 'http://head:8265', '6379'])
def test_an_input_that_stands_where_an_address_may_is_no_address(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(['predict', '--ray', text, '--output', str(tmp_path / 'out')])
    assert f"'{text}' is no address of a Ray cluster; give --ray local, " in capsys.readouterr().err


def test_without_ray_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip('open3d', reason='open3d is not installed; the renderer needs it')
    monkeypatch.setitem(sys.modules, 'ray', None)
    assert main(['render', '--output', str(tmp_path / 'out'), '--ray']) == 1
    assert capsys.readouterr().err == "mt3dnet render: ray is not installed: pip install 'mt3dnet_ros[ray]'\n"


def test_an_address_where_nobody_answers_is_said_at_once() -> None:
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        address = f'127.0.0.1:{free.getsockname()[1]}'
    cluster = open_cluster(address)
    with pytest.raises(ClusterError, match=rf"no Ray cluster answers at '{address}' .*`ray start --head`"):
        cluster.__enter__()
    assert 'ray' not in sys.modules, 'which takes a second or two'
