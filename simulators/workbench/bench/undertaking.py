"""What a measurement has begun is ended, come what may."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Undertaking(ABC):
    """A context manager that ends what it has begun, also when it could begin only half of it."""

    @abstractmethod
    def _begin(self) -> None:
        """Raises what keeps it from beginning."""

    @abstractmethod
    def _end(self) -> None:
        """Of what has been begun so far."""

    def __enter__(self) -> Self:
        try:
            self._begin()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
