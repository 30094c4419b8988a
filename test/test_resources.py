"""Finding the package's files in a checkout and in an installation."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from mt3dnet_ros import resources

SITE = 'lib/python3/site-packages/mt3dnet_ros'


def prefix_with_file(root: Path, content: str) -> Path:
    file = root / 'share/mt3dnet_ros/config/a.yaml'
    file.parent.mkdir(parents=True)
    file.write_text(content)
    return root


def installed_module(prefix: Path, link: bool) -> ModuleType:
    """Install resources.py in a prefix, as colcon does plainly and with --symlink-install."""
    target, source = prefix / SITE / 'resources.py', Path(resources.__file__)
    target.parent.mkdir(parents=True)
    if link:
        target.symlink_to(source)
    else:
        target.write_bytes(source.read_bytes())
    spec = importlib.util.spec_from_file_location('installed_resources', target)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_checkout_has_its_labels():
    assert resources.package_file('config', 'labels', 'endovis2018.yaml').is_file()


def test_missing_file_names_itself_and_where_it_was_looked_for(monkeypatch, tmp_path):
    monkeypatch.setenv('AMENT_PREFIX_PATH', str(prefix_with_file(tmp_path, '')))
    with pytest.raises(resources.ResourceError, match=r'config/none\.yaml') as error:
        resources.package_file('config', 'none.yaml')
    assert str(tmp_path / 'share/mt3dnet_ros') in str(error.value)


@pytest.mark.parametrize('link', [False, True])
def test_installed_package_uses_the_files_of_its_prefix(monkeypatch, tmp_path, link):
    monkeypatch.setenv('AMENT_PREFIX_PATH', str(prefix_with_file(tmp_path / 'underlay', 'other')))
    module = installed_module(prefix_with_file(tmp_path / 'own', 'own'), link)
    assert module.package_file('config', 'a.yaml').read_text() == 'own'


def test_package_elsewhere_uses_the_ament_prefixes_in_order(monkeypatch, tmp_path):
    filled = [prefix_with_file(tmp_path / name, name) for name in ('first', 'second')]
    prefixes = [tmp_path / 'empty', *filled]
    monkeypatch.setenv('AMENT_PREFIX_PATH', ':'.join(map(str, prefixes)))
    module = installed_module(tmp_path / 'own', link=False)
    assert module.package_file('config', 'a.yaml').read_text() == 'first'


def test_wheel_uses_the_files_in_its_package(monkeypatch, tmp_path):
    monkeypatch.setenv('AMENT_PREFIX_PATH', str(prefix_with_file(tmp_path / 'underlay', 'other')))
    module = installed_module(tmp_path / 'venv', link=False)
    (tmp_path / 'venv' / SITE / 'config').mkdir()
    (tmp_path / 'venv' / SITE / 'config/a.yaml').write_text('own')
    assert module.package_file('config', 'a.yaml').read_text() == 'own'
