"""What a rollout found, in words for a control room."""

from __future__ import annotations

from ..city import City
from ..world import Ground, Purpose, UnitStatus, World
from .candidates import Candidate
from .orders import HOLD, MOVE, SEND
from .rollout import Outlook, Rollout
from .statistics import Estimate


def reasons(
    found: Rollout, city: City, world: World, ground: Ground, *, unit_names: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Sentences: what to do, then one for every candidate but the first, the most gain first.

    Parameters
    ----------
    found
        The rollout.
    city, world, ground
        What it was asked about.
    unit_names
        Call signs; without them units have their row numbers.
    """

    def told(outlook: Outlook) -> str:
        what = describe(outlook.candidate, city, world, ground, unit_names=unit_names)
        return f"{what}: {_told(outlook, found.level)}"

    best = found.outlooks[found.best]
    if found.is_clear:
        head = f"Best: {told(best)}."
    elif found.best == 0:
        head = f"Nothing that was tried is better than going on as it is ({found.n_futures} futures)."
    else:
        head = f"No clear gain. Most promising: {told(best)}."
    others = sorted(found.outlooks[1:], key=lambda one: -one.gains[found.by].mean if found.by in one.gains else 0.0)
    return (head, *(f"{told(one)}." for one in others if one is not best))


def describe(
    candidate: Candidate, city: City, world: World, ground: Ground, *, unit_names: tuple[str, ...] = ()
) -> str:
    """A candidate in words, such as ``move unit 12 from Station 4 to Lenox Hill (6 min drive)``."""
    if candidate.unit < 0:
        return "go on as it is"
    unit = unit_names[candidate.unit] if unit_names else f"unit {candidate.unit}"
    row = world.units[candidate.unit]
    if candidate.kind == SEND:
        call = world.calls[candidate.target]
        instead = f" instead of unit {call['unit']}" if call["unit"] >= 0 else ""
        return f"send {unit} to call {candidate.target} (priority {call['priority']}){instead}"
    parked = row["status"] == UnitStatus.AT_STATION
    origin = f" from {city.stations[row['station']].name}" if parked else ""
    if candidate.kind == HOLD:
        return f"hold {unit} at the nearest station"
    assert candidate.kind == MOVE  # there are no others
    drive = f" ({_drive_s(candidate, world, ground) / 60:.0f} min drive)" if parked else ""
    return f"move {unit}{origin} to {city.stations[candidate.target].name}{drive}"


def _drive_s(candidate: Candidate, world: World, ground: Ground) -> float:
    i = max(int((ground.speeds_from_s <= world.clock["now"][0]).sum()) - 1, 0)
    speeds = ground.labels.metrics[int(ground.speeds_metric[ground.speeds_set[i], Purpose.RETURN, 0])]
    node = world.units["to_node"][candidate.unit]
    return float(ground.places.to_ticks[speeds["row"], candidate.target, node]) * float(speeds["tick_s"])


def _told(outlook: Outlook, level: float) -> str:
    parts = []
    gain = outlook.gains.get("response_s")
    if gain is not None:
        own = outlook.means["response_s"]
        parts.append(
            f"mean response {(own + gain.mean) / 60:.2f} -> {own / 60:.2f} min ({_change(gain, 1.0, 's')}, "
            f"{level:.0%} interval {gain.low:.1f} to {gain.high:.1f} s, {gain.n} futures)"
        )
    for name, what, factor, unit in (
        ("within_target", "reached in time", 100.0, "percentage points"),
        ("survival_per_1000", "survivors of 1,000 cardiac arrests", 1.0, ""),
        ("offload_s", "time at hospital", 1.0, "s"),
    ):
        gain = outlook.gains.get(name)
        if gain is not None and gain.excludes_zero():
            parts.append(f"{what}: {_change(gain, factor, unit)}")
    return "; ".join(parts) if parts else "nothing to compare"


def _change(gain: Estimate, factor: float, unit: str) -> str:
    word = "gain" if gain.mean >= 0 else "loss"
    return f"{word} {abs(gain.mean) * factor:.1f} {unit}".rstrip()
