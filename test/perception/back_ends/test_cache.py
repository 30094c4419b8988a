"""The cache keeps what was made, and whatever is wrong with it is a warning at most."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mt3dnet_ros.perception.back_ends import cache
from mt3dnet_ros.perception.back_ends.cache import Cache, CacheWarning, cache_folder


@pytest.fixture
def kept(tmp_path: Path) -> Cache:
    found = Cache(tmp_path / 'cache' / 'mt3dnet_ros')
    found.write('network', b'compiled')
    return found


def names(of: Cache) -> set[str]:
    assert of.folder is not None
    return {path.name for path in of.folder.iterdir()}


def test_an_entry_is_given_back(kept: Cache) -> None:
    assert kept.has('network') and kept.read('network') == b'compiled'
    assert not kept.has('other') and kept.read('other') is None


@pytest.mark.parametrize('damage', [lambda whole: whole[:-3], lambda whole: whole[:-1] + b'!', lambda whole: b''])
def test_a_damaged_entry_is_a_warning_and_goes(kept: Cache, damage: Callable[[bytes], bytes]) -> None:
    assert kept.folder is not None
    path = kept.folder / 'network'
    path.write_bytes(damage(path.read_bytes()))
    with pytest.warns(CacheWarning, match='damaged entry'):
        assert kept.read('network') is None
    assert not path.exists()


def test_a_folder_that_cannot_be_written_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / 'file').write_text('')
    with pytest.warns(CacheWarning, match=r'cannot be written .* prepared at every start'):
        Cache(tmp_path / 'file').write('network', b'compiled')


def test_a_folder_that_cannot_be_read_is_a_warning(kept: Cache) -> None:
    (kept.folder / 'folder').mkdir()
    with pytest.warns(CacheWarning, match='cannot be read'):
        assert kept.read('folder') is None


def test_a_full_disk_is_a_warning_and_leaves_nothing_behind(kept: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(cache.os, 'replace', refuse)
    with pytest.warns(CacheWarning, match='no space is left'):
        kept.write('another', b'compiled')
    assert names(kept) == {'network'}


def test_entries_beyond_the_number_or_the_room_go_oldest_first(kept: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, 'MOST_ENTRIES', 3)
    for age, name in enumerate(('a', 'b', 'c')):
        kept.write(name, b'compiled')
        os.utime(kept.folder / name, times=(time.time() - 100 + age,) * 2)
    kept.write('d', b'compiled')
    assert names(kept) == {'network', 'c', 'd'}
    monkeypatch.setattr(cache, 'MOST_BYTES', 2000)
    kept.write('large', bytes(1900))
    assert names(kept) == {'large'} | (names(kept) - {'c', 'network'}) and 'large' in names(kept)


def test_what_was_not_used_for_long_and_what_was_never_finished_goes(kept: Cache) -> None:
    for name in ('old', '.partial-1', '.partial-2'):
        (kept.folder / name).write_bytes(b'')
    for name, age in (('old', cache.LONGEST_UNUSED), ('.partial-1', cache.LONGEST_WRITING)):
        os.utime(kept.folder / name, times=(time.time() - age - 1.0,) * 2)
    kept.write('new', b'compiled')
    assert names(kept) == {'network', 'new', '.partial-2'}


def test_reading_an_entry_keeps_it_from_growing_old(kept: Cache) -> None:
    os.utime(kept.folder / 'network', times=(0.0, 0.0))
    kept.read('network')
    assert time.time() - (kept.folder / 'network').stat().st_mtime < 60.0


def test_the_folder_is_where_the_user_has_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv('HOME', str(tmp_path))
    monkeypatch.setenv('XDG_CACHE_HOME', '/var/cache/me')
    assert cache_folder() == Path('/var/cache/me/mt3dnet_ros')
    monkeypatch.setenv('XDG_CACHE_HOME', 'relative')
    assert cache_folder() == tmp_path / '.cache/mt3dnet_ros'
