"""For how long a picture of what was perceived may be shown."""

from __future__ import annotations

from dataclasses import dataclass

CLOCK_SKEW = 0.05  # seconds that an image may be stamped after now: clocks of two machines are never quite the same


@dataclass(frozen=True)
class Lifetime:
    """How old may be what is shown: by the time of capture, and by that of arrival.

    :param limit: seconds, of both
    """

    limit: float

    def left(self, capture_age: float, arrival_age: float = 0.0) -> float:
        """Return for how many seconds it may still be shown; 0 or less: not any more.

        :param capture_age: seconds since the image was taken, by its stamp
        :param arrival_age: seconds since perception's answer came, by a clock that nobody sets
        """
        if capture_age < -CLOCK_SKEW:  # of another clock, which says nothing about its age
            return 0.0
        return self.limit - max(capture_age, arrival_age)

    def refusal(self, stamp: int, capture_age: float) -> str:
        """Return why an image is not shown at all, with the remedy; empty where it is.

        :param stamp: of the image, nanoseconds; 0 says that its source does not stamp
        :param capture_age: seconds since then
        """
        if not stamp:
            return 'images have no stamp, so that nobody knows how old they are: let the driver stamp them'
        if capture_age < -CLOCK_SKEW:
            return f'images are stamped {-capture_age:.2f} s ahead of this clock: synchronise them, check use_sim_time'
        if self.left(capture_age) <= 0.0:
            return (
                f'perception is {1e3 * capture_age:.0f} ms behind the images, and nothing older than '
                f'{1e3 * self.limit:.0f} ms is shown: look at its diagnostics'
            )
        return ''
