"""In the place of the system's Python with GStreamer: notes what a console is to show, a line of JSON for each message.

Environment: FAKE_WRITER names the file; FAKE_WRITER_FAILS a path that cannot be opened; FAKE_WRITER_LIVES how many
messages it takes before it ends.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path


def main() -> None:
    parent, notes = socket.socket(fileno=0), Path(os.environ['FAKE_WRITER'])
    paths = [argument for argument in sys.argv[1:] if argument.startswith('dvrk:')]
    with notes.open('a') as file:
        for path in paths:
            fails = path == os.environ.get('FAKE_WRITER_FAILS')
            said = {'is': 'failed', 'problem': 'address in use'} if fails else {'is': 'opened'}
            parent.send(json.dumps({**said, 'path': path}).encode())
        for _ in range(int(os.environ.get('FAKE_WRITER_LIVES', '1000000'))):
            data, descriptors, _, _ = socket.recv_fds(parent, 65536, 4)
            if not data:
                return
            content = json.loads(data)
            for descriptor in descriptors:
                pixels = os.pread(descriptor, 1 << 24, 0)
                content |= {'length': len(pixels), 'sum': sum(pixels)}
                os.close(descriptor)
            print(json.dumps(content), file=file, flush=True)


if __name__ == '__main__':
    main()
