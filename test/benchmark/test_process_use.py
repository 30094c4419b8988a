"""What a process uses is what it uses."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time

from speed.other_work import OtherWork, machine_busy
from speed.process_use import processor_name, use_of

SIZE = 50_000_000


def test_memory_grows_by_what_is_filled() -> None:
    script = f"""
import os, sys
from mmap import mmap
sys.path[:0] = {sys.path!r}
import psutil
from speed.process_use import use_of
part, before = bytes([1]) * ({SIZE} // 50), use_of(os.getpid()).memory
with mmap(-1, {SIZE}) as kept:
    for _ in range(50):
        kept.write(part)
    grown = use_of(os.getpid()).memory - before
assert 0.95 * {SIZE} < grown < 1.3 * {SIZE}, grown
assert use_of(os.getpid()).memory < 1.05 * psutil.Process().memory_info().rss
"""
    # By itself: what the tests before have left may go at any time.
    done = subprocess.run([sys.executable, '-c', script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_descriptors_threads_and_shared_files_are_counted() -> None:
    before, end = use_of(os.getpid()), threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    with tempfile.NamedTemporaryFile(dir='/dev/shm'):
        now = use_of(os.getpid())
    end.set()
    thread.join()
    assert now.threads == before.threads + 1
    assert now.descriptors == before.descriptors + 1 and now.shared_files == before.shared_files + 1
    assert use_of(os.getpid()).threads == before.threads


def test_processor_time_is_that_of_the_process_and_of_the_machine() -> None:
    before, busy, start = use_of(os.getpid()).processor, machine_busy(), time.process_time()
    while time.process_time() - start < 0.3:
        pass
    assert 0.25 < use_of(os.getpid()).processor - before < 0.6
    assert machine_busy() - busy > 0.2


def test_other_work_is_that_of_neither_this_process_nor_its_children() -> None:
    work, start, burn = OtherWork(), machine_busy(), 'import time\nwhile time.process_time() < 0.5: pass'
    subprocess.run([sys.executable, '-c', burn], check=True)
    all_work = machine_busy() - start
    assert all_work > 0.4
    assert work.cores() * work.seconds() < all_work - 0.35


def test_the_processor_has_a_name() -> None:
    assert processor_name()
