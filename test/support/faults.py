"""How often each fault happens."""

from __future__ import annotations

import os
import random

import pytest

FAULTS = int(os.environ.get('MT3DNET_FAULTS', '1'))
"""Once, or as often as `make faults TIMES=20` says."""

often = pytest.mark.parametrize('chance', [pytest.param(random.Random(seed), id=str(seed)) for seed in range(FAULTS)])
"""Has a test happen so often, each time with another chance."""
