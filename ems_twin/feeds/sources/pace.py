"""Not too fast: how often a source may speak, and how long to wait before trying again."""

from __future__ import annotations

import random
from dataclasses import dataclass, field


@dataclass
class RateLimit:
    """A bucket of ``burst`` messages that fills at ``per_s``; times are of any clock that does not go back."""

    per_s: float
    burst: float
    _left: float = field(init=False)
    _at: float | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._left = self.burst

    def wait_s(self, now: float) -> float:
        """Take one message out; 0 if there was one, else in how many seconds there will be (and none is taken)."""
        if self._at is not None:
            self._left = min(self.burst, self._left + (now - self._at) * self.per_s)
        self._at = now
        if self._left >= 1:
            self._left -= 1
            return 0.0
        return (1 - self._left) / self.per_s


@dataclass
class Backoff:
    """Waits that double up to a limit, each a random share of it, so that many clients do not come back at once."""

    first_s: float = 0.5
    most_s: float = 60.0
    draw: random.Random = field(default_factory=random.Random)
    _failures: int = field(init=False, default=0)

    def next_s(self, at_least_s: float = 0.0) -> float:
        """Seconds to wait after one more failure; never less than the server asked for."""
        limit = min(self.most_s, self.first_s * 2.0 ** min(self._failures, 30))
        self._failures += 1
        return max(at_least_s, limit * (0.5 + 0.5 * self.draw.random()))

    def reset(self) -> None:
        """It worked: the next failure is the first."""
        self._failures = 0
