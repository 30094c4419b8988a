"""How fields of ROS messages are read and set: what is set is copied into a container of their own."""

from array import array
from collections.abc import Collection
from typing import Any, Generic, TypeVar

import numpy as np

N = TypeVar('N', int, float)
T = TypeVar('T')

class Numbers(Generic[N]):
    """A sequence of numbers of any length."""

    def __get__(self, message: Any, kind: type | None = None) -> array[N]: ...
    def __set__(self, message: Any, values: Collection[N]) -> None: ...

class FixedNumbers(Generic[N]):
    """A sequence of so many numbers."""

    def __get__(self, message: Any, kind: type | None = None) -> np.ndarray: ...
    def __set__(self, message: Any, values: Collection[N]) -> None: ...

class Items(Generic[T]):
    """A sequence of anything else."""

    def __get__(self, message: Any, kind: type | None = None) -> list[T]: ...
    def __set__(self, message: Any, values: Collection[T]) -> None: ...
