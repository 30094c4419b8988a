"""The switch of the console's overlay, and the pedal that works it."""

from __future__ import annotations

RELEASED, PRESSED, TAPPED = 0, 1, 2  # of a pedal of the dVRK, as a button of sensor_msgs/Joy
PEDAL_MODES = ('press', 'tap', 'hold')


class OverlaySwitch:
    """Says whether the overlay is shown; it is not, until somebody wants it.

    :param mode: what a pedal does: ``press`` and ``tap`` turn it on and off, each time that the pedal is pressed, or
        tapped shortly; with ``hold`` it is shown while the pedal is pressed, and the service's word counts besides
    """

    def __init__(self, mode: str = PEDAL_MODES[0]) -> None:
        self._mode = mode
        self._is_wanted = False
        self._pedal = RELEASED

    @property
    def is_on(self) -> bool:
        """Whether the overlay is shown."""
        return self._is_wanted or (self._mode == 'hold' and self._pedal == PRESSED)

    def set(self, wanted: bool) -> None:
        """Turn it on or off, as the service does."""
        self._is_wanted = wanted

    def take_pedal(self, state: int) -> None:
        """Take what a pedal says.

        :param state: ``RELEASED``, ``PRESSED`` or ``TAPPED``; anything else counts as released
        """
        before, self._pedal = self._pedal, state
        begins = {'press': state == PRESSED != before, 'tap': state == TAPPED, 'hold': False}[self._mode]
        self._is_wanted ^= begins

    def lose_pedal(self) -> None:
        """Note that nobody publishes the pedal any more: it counts as released."""
        self._pedal = RELEASED
