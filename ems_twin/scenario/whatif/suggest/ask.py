"""What is asked for: a variant, how many crews, which target, and how many days may be simulated."""

from __future__ import annotations

from dataclasses import dataclass

from ....errors import InputError
from ....faults import Faults

QUESTIONS = ("crews", "closures", "fleet")
"""What may be asked: where extra crews help, which closures hurt, and the smallest fleet that keeps a target."""
LEAST_BUDGET = 120


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A request for suggestions.

    Raises
    ------
    InputError
        A number makes no sense, or there are two targets: all faults.
    """

    variant: str | None = None
    """Name of the variant that is to be improved. Default: the baseline."""
    case: str | None = None
    """Name of the case. Default: the first."""
    questions: tuple[str, ...] = QUESTIONS
    """Some of :data:`QUESTIONS`."""
    crews: int = 3
    """Extra crews to place, one after the other."""
    shift_h: float = 8.0
    """Hours that an extra crew is on duty."""
    target_late: float | None = None
    """Most late calls, percent, that the smallest fleet may have."""
    target_mean_min: float | None = None
    """Or its longest mean response, minutes. Without either: the mean response of an ordinary day under usual practice."""
    most_units: int | None = None
    """Largest fleet to try. Default: twice the variant's."""
    budget: int = 1000
    """Days that may be simulated for each question."""

    def __post_init__(self) -> None:
        faults = Faults()
        for name in self.questions:
            if name not in QUESTIONS:
                faults.add(f"there is no question '{name}'", field="questions", remedy=f"Ask {', '.join(QUESTIONS)}.")
        checks = (
            ("crews", self.crews, 1 <= self.crews <= 20, "Give 1 to 20."),
            ("shift_h", self.shift_h, 1 <= self.shift_h <= 24, "Give 1 to 24 hours."),
            ("target_late", self.target_late, self.target_late is None or 0 < self.target_late < 100,
             "Give percent, above 0 and below 100."),
            ("target_mean", self.target_mean_min, self.target_mean_min is None or 0 < self.target_mean_min <= 600,
             "Give minutes above 0."),
            ("most_units", self.most_units, self.most_units is None or 1 <= self.most_units <= 5000, "Give 1 to 5000."),
            ("budget", self.budget, self.budget >= LEAST_BUDGET, f"Give {LEAST_BUDGET} days or more."),
        )  # fmt: skip
        for field, value, fits, remedy in checks:
            if not fits:
                faults.add(f"is {value:g}", field=field, remedy=remedy)
        if self.target_late is not None and self.target_mean_min is not None:
            faults.add(
                "there are two targets", field="target_mean", remedy="Give a share of late calls or a mean response."
            )
        faults.raise_if_any()

    def check(self, variants: tuple[str, ...], cases: tuple[str, ...]) -> None:
        """Raise an InputError unless the scenario has the variant and the case."""
        faults = Faults()
        for field, name, known in (("variant", self.variant, variants), ("case", self.case, cases)):
            if name is not None and name not in known:
                faults.add(f"there is no {field} '{name}'", field=field,
                           remedy=f"There are {', '.join(known)}." if any(known) else f"The scenario has no {field}s.")  # fmt: skip
        faults.raise_if_any()


def refuse_rollout(variant: str) -> InputError:
    """The error for a variant whose days take too long to be tried by the hundred."""
    return InputError(
        f"'{variant}' tries moves in sampled futures; a suggestion needs hundreds of its days", field="variant",
        remedy="Ask for the variant without rollout.",
    )  # fmt: skip
