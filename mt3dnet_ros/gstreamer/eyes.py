"""Which eyes of a stereo endoscope the pictures of a video socket hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.gstreamer.sockets import SocketNameError, VideoSocket

EYES = ('left', 'right')


@dataclass(frozen=True)
class EyeSocket:
    """A socket with the eyes that are taken from its pictures.

    :param eyes: of ``EYES``
    :param side_by_side: each picture holds both eyes, the left one on the left
    """

    socket: VideoSocket
    eyes: tuple[str, ...]
    side_by_side: bool = False

    def views(self, picture: np.ndarray) -> dict[str, np.ndarray]:
        """Return the pictures of the eyes, as views.

        :param picture: (H, W, 3); (H, W / 2, 3) come out where both eyes are in it
        :raises InputError: its width is odd, so that it cannot hold two eyes
        """
        if not self.side_by_side:
            return dict.fromkeys(self.eyes, picture)
        height, width = picture.shape[:2]
        if width % 2:
            raise InputError(
                f"'{self.socket}' has pictures of {width} x {height} pixels, which cannot hold two eyes side by side: "
                'the width is odd; set layout to separate, or correct the source'
            )
        halves = {'left': picture[:, : width // 2], 'right': picture[:, width // 2 :]}
        return {eye: halves[eye] for eye in self.eyes}


def sockets_of_eyes(socket: VideoSocket, eye: str, layout: str = 'auto') -> list[EyeSocket]:
    """Return the sockets that are to be read, with the eyes that each of them gives.

    :param socket: that the user names
    :param eye: ``left``, ``right``, or ``both``: those of a picture that holds both, or the sockets of the same role
        that are named ``left`` and ``right``
    :param layout: ``separate`` or ``side_by_side``; ``auto`` goes by the name of the socket
    :raises SocketNameError: the socket does not carry the eye
    """
    eyes = EYES if eye == 'both' else (eye,)
    if layout == 'side_by_side' or (layout == 'auto' and socket.is_side_by_side):
        return [EyeSocket(socket, eyes, side_by_side=True)]
    if not socket.eye and eye == 'both':
        raise SocketNameError(
            f"socket '{socket}' carries one eye, by its name: name that of the left eye, such as "
            f"'{socket.of_eye('left')}', or set layout to side_by_side"
        )
    if socket.eye and socket.eye not in eyes:
        raise SocketNameError(
            f"socket '{socket}' carries the {socket.eye} eye: name '{socket.of_eye(eye)}' for the {eye} one"
        )
    return [EyeSocket(socket.of_eye(each) if socket.eye else socket, (each,)) for each in eyes]
