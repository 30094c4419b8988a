"""Writing in the background, so that compression and disk do not delay the reception of messages."""

from __future__ import annotations

import time
from collections import deque
from threading import Condition, Thread

from mt3dnet_ros.ros.recording.file import RecordedMessage, RecordingFile


class RecordingThread:
    """Hands messages to a file in the order they came, within bounded memory, and has it commit them in time.

    :param limit: bytes that may wait; a message that finds no room is refused
    """

    def __init__(self, file: RecordingFile, limit: int) -> None:
        self._file = file
        self._limit = limit
        self._waiting: deque[RecordedMessage] = deque()
        self._waiting_bytes = 0
        self._closing = False
        self._change = Condition()
        self.error: Exception | None = None
        self._thread = Thread(target=self._run, name='recording', daemon=True)
        self._thread.start()

    def put(self, message: RecordedMessage) -> bool:
        """Queue a message; return False where there is no room for it or the file can no longer be written."""
        with self._change:
            size = len(message.data)
            if self.error or (self._waiting and self._waiting_bytes + size > self._limit):
                return False
            self._waiting.append(message)
            self._waiting_bytes += size
            self._change.notify()
            return True

    @property
    def waiting(self) -> int:
        """Bytes that wait."""
        return self._waiting_bytes

    def close(self) -> None:
        """Write what waits and close the file.

        :raises OSError: the file could not be written to its end
        """
        with self._change:
            self._closing = True
            self._change.notify()
        self._thread.join()
        if self.error:
            raise self.error

    def _run(self) -> None:
        try:
            while not self._ended():
                if message := self._next():
                    self._file.write(message)
                if time.monotonic() >= self._file.commit_due:
                    self._file.commit()
            self._file.close()
        except Exception as error:  # the node's thread reports it
            self.error = error

    def _ended(self) -> bool:
        with self._change:
            return self._closing and not self._waiting

    def _next(self) -> RecordedMessage | None:
        """Return the next message, or None where none comes until the file is to commit."""
        with self._change:
            timeout = max(0.0, self._file.commit_due - time.monotonic())
            self._change.wait_for(lambda: self._waiting or self._closing, timeout)
            if not self._waiting:
                return None
            message = self._waiting.popleft()
            self._waiting_bytes -= len(message.data)
            return message
