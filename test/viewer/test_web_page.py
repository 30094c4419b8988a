"""The page is served on one address, leads to its server under the name it was asked by, and reaches nothing else."""

from __future__ import annotations

import http.client
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from support.listening import LOOPBACK_ONLY, addresses_of

from mt3dnet_ros.viewer import web_page
from mt3dnet_ros.viewer.ports import LOOPBACK
from mt3dnet_ros.viewer.settings import ServerSettings
from mt3dnet_ros.viewer.web_page import WebPage, WebPageError

pytest.importorskip('rerun', reason="needs the extra 'view'")


@pytest.fixture(scope='module')
def page() -> Iterator[WebPage]:
    page = WebPage(LOOPBACK, ServerSettings.port, 9999)
    yield page
    page.close()


def get(page: WebPage, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(LOOPBACK, page.port)
    connection.request('GET', path, headers=headers)
    return connection.getresponse()


def test_it_is_served_on_this_machine_alone(page: WebPage) -> None:
    assert addresses_of(page.port) == LOOPBACK_ONLY


@pytest.mark.parametrize(('asked', 'named'), [('localhost:9090', 'localhost'), ('robot.lab:80', 'robot.lab')])
def test_it_leads_to_its_server_by_the_name_that_it_was_asked_by(page: WebPage, asked: str, named: str) -> None:
    answer = get(page, '/', Host=asked)
    assert answer.status == 302
    assert parse_qs(urlsplit(answer.headers['Location']).query)['url'] == [f'rerun+http://{named}:9999/proxy']


@pytest.mark.parametrize(
    ('path', 'begins'), [('/?url=x', b'<!doctype html>'), ('/re_viewer_bg.wasm', b'\0asm'), ('/re_viewer.js', b'')]
)
def test_its_files_are_those_of_the_sdk(page: WebPage, path: str, begins: bytes) -> None:
    answer = get(page, path)
    content = answer.read()
    assert answer.status == 200
    assert content.startswith(begins)
    assert len(content) == int(answer.headers['Content-Length']) > 1000


def test_the_browser_may_connect_to_its_server_alone(page: WebPage) -> None:
    policy = dict(
        rule.strip().split(' ', 1) for rule in get(page, '/?url=x').headers['Content-Security-Policy'].split(';')
    )
    assert policy['connect-src'] == "'self' data: blob: http://*:9999"
    assert 'http' not in policy['default-src']


def test_a_browser_that_goes_meanwhile_is_no_fault(page: WebPage, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_connection((LOOPBACK, page.port)) as connection:
        connection.sendall(b'GET /re_viewer_bg.wasm HTTP/1.1\r\nHost: x\r\n\r\n')
        connection.recv(100)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))  # resets
    time.sleep(0.5)
    assert get(page, '/favicon.ico').status == 200
    assert capfd.readouterr().err == ''


@pytest.mark.parametrize('path', ['/secret', '/../setup.py', '//etc/passwd'])
def test_nothing_else_is_served(page: WebPage, path: str) -> None:
    assert get(page, path).status == 404


def test_the_program_of_the_sdk_has_ended(page: WebPage) -> None:
    children = Path('/proc/self/task').glob('*/children')
    commands = [Path(f'/proc/{child}/comm').read_text() for path in children for child in path.read_text().split()]
    assert 'rerun\n' not in commands


def test_a_program_that_does_not_start_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rerun_cli = pytest.importorskip('rerun_cli')
    program = tmp_path / 'rerun'
    program.write_text('#!/bin/sh\nexit 1\n')
    program.chmod(0o755)
    monkeypatch.setattr(rerun_cli, '__file__', str(tmp_path / '__init__.py'))
    with pytest.raises(WebPageError, match='rerun --version'):
        web_page.read_page()
