"""Tracks to messages."""

from __future__ import annotations

from std_msgs.msg import Header

from mt3dnet_ros import msg
from mt3dnet_ros.perception.scene import Track, Tracks
from mt3dnet_ros.ros.messages.detections import covariance, point, vector


def fill_tracks(tracks: Tracks, header: Header) -> msg.TrackArray:
    """Return the tracks of one image as a message."""
    living = [_track(track) for track in tracks.living]
    return msg.TrackArray(header=header, tracks=living, born=tracks.born, ended=tracks.ended)


def _track(track: Track) -> msg.Track:
    return msg.Track(
        id=track.id,
        class_id=track.class_id,
        class_name=track.class_name,
        class_probability=float(track.class_probability),
        age=float(track.age),
        unseen=float(track.unseen),
        instance_id=track.instance_id,
        tip=point(track.tip),
        tip_velocity=vector(track.tip_velocity),
        tip_covariance=covariance(track.tip_covariance),
    )
