"""Where everything is shown: one layout for live topics and for recordings."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.errors import needs_extra

with needs_extra('view'):
    import rerun.blueprint as rrb

TIMELINE = 'time'
IMAGE, OVERLAY, DEPTH, SALIENCY = 'image', 'overlay', 'depth', 'saliency'
SCENE = 'scene'  # in the camera's optical frame
SCALE = 'scale'  # factor on the network's depth, with its 95 % interval
FIGURES, REPORTS = 'diagnostics/figures', 'diagnostics/reports'
_PLACE_OF_EYE = (0.55, -0.6, -0.35)  # from the camera, in units of the distance of what it sees
_USUAL_DISTANCE = 0.08  # metres from an endoscope to tissue


def build_layout(cloud: np.ndarray | None = None, live: bool = True) -> rrb.Blueprint:
    """Return the layout.

    :param cloud: (N, 3) points in the optical frame, metres, which the 3-D view is to show; a usual scene where None
    :param live: follow what comes; a recording is played from its beginning instead
    """
    pictures = rrb.Vertical(
        rrb.Spatial2DView(name='Overlay: masks, boxes, names', origin=OVERLAY),
        rrb.Horizontal(
            rrb.Spatial2DView(name='Camera: boxes, scanpath', origin=IMAGE),
            rrb.Tabs(
                rrb.Spatial2DView(name='Depth', origin=DEPTH), rrb.Spatial2DView(name='Saliency', origin=SALIENCY)
            ),
        ),
        row_shares=[3, 2],
    )
    return rrb.Blueprint(
        rrb.Horizontal(
            pictures, rrb.Vertical(_scene_view(cloud), _health_views(), row_shares=[5, 2]), column_shares=[4, 5]
        ),
        rrb.BlueprintPanel(state='collapsed'),
        rrb.SelectionPanel(state='collapsed'),
        _time_panel(live),
        auto_views=False,
    )


def _time_panel(live: bool) -> rrb.TimePanel:
    if live:
        return rrb.TimePanel(state='collapsed', timeline=TIMELINE, play_state='following')
    return rrb.TimePanel(state='collapsed', timeline=TIMELINE, play_state='playing', loop_mode='all')


def _scene_view(cloud: np.ndarray | None) -> rrb.Spatial3DView:
    """Return the 3-D view; its eye stands behind and above the camera, to its right, and looks at the middle."""
    middle = np.array([0.0, 0.0, _USUAL_DISTANCE])
    if cloud is not None and len(cloud):
        middle = np.median(cloud, axis=0)
    eye = rrb.EyeControls3D(
        kind=rrb.Eye3DKind.Orbital,
        position=np.array(_PLACE_OF_EYE) * middle[2] + [middle[0], middle[1], 0.0],
        look_target=middle,
        eye_up=(0.0, -1.0, 0.0),  # y points down
    )
    return rrb.Spatial3DView(
        name='Scene: cloud, boxes, scanpath, gaze',
        origin=SCENE,
        eye_controls=eye,
        line_grid=False,
        background=[24, 26, 30],
    )


def _health_views() -> rrb.Horizontal:
    return rrb.Horizontal(
        rrb.Tabs(_time_series('Latency and rate', FIGURES), _time_series('Scale of depth', SCALE)),
        rrb.TextLogView(
            name='Diagnostics',
            origin=REPORTS,
            columns=rrb.TextLogColumns(
                timeline_columns=[rrb.encodings.TimelineColumn(TIMELINE, visible=False)],
                text_log_columns=[
                    rrb.encodings.TextLogColumn('loglevel'),
                    rrb.encodings.TextLogColumn('entitypath', visible=False),
                    rrb.encodings.TextLogColumn('body'),
                ],
            ),
        ),
    )


def _time_series(name: str, origin: str) -> rrb.TimeSeriesView:
    return rrb.TimeSeriesView(name=name, origin=origin, plot_legend=rrb.PlotLegend(corner=rrb.Corner2D.LeftTop))
