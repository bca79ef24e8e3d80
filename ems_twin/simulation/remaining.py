"""What calls in progress still have before them, drawn anew: a fair adviser knows how long a step has lasted, no more.

A simulated call brings its luck with it, and its pending event says when the present step will end. Futures that kept
these would see what nobody can know.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..demand import Delay, Demand
from ..demand.delay_tail import longer_than_s, share_within
from ..demand.streams import Stream, uniforms
from ..world import CallStatus, EventKind, Role, World
from ..world.schema import HEAP_ENTRY
from .present import Present, is_mobilising_at_door, may_be_carried

_COMING = (CallStatus.RECEIVED, CallStatus.QUEUED, CallStatus.ASSIGNED, CallStatus.RESERVED)


class Remaining:
    """Draws for the calls of one present, in ``n`` futures at a time.

    Times follow the demand's laws given how long the step has lasted; whether a patient goes to hospital follows Bayes'
    rule, since those who do spend other times on scene. Calls more than the least urgent priority of the laws take that.
    Kept as they are: trips under way, breaks, repairs, and the waits of several units for each other.
    """

    def __init__(self, present: Present, demand: Demand, *, n: int, seed: int, replication: int = 0) -> None:
        self.demand = demand
        self.now = present.now
        self.units = present.world.units
        self.old = present.world.calls
        self._present = present
        self._n, self._seed, self._part = n, (seed, replication), 0
        self._law = np.minimum(self.old["priority"].astype(np.int64), 3) - 1
        self.rows = np.tile(self.old, (n, 1))
        """Rows of the calls in each future, shape (futures, calls)."""
        self._draw_rows()

    def _u(self, size: int) -> NDArray[np.float64]:
        """The next numbers, shape (futures, size)."""
        self._part += 1
        return uniforms(*self._seed, Stream.REMAINING, self._n * size, self._part).reshape(self._n, size)

    def _since(self, name: str) -> NDArray[np.float64]:
        """Seconds since a time of each call, 0 where it has not come."""
        return np.nan_to_num(self.now - self.old[name], nan=0.0)

    def _set(self, name: str, laws: tuple[Delay, ...], lasted_s: NDArray[np.float64], still: NDArray[np.bool_]) -> None:
        drawn = self._longer(laws, self._law, lasted_s)
        self.rows[name][:, still] = drawn[:, still]

    def _longer(
        self, laws: tuple[Delay, ...], which: NDArray[np.int64], lasted_s: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        shape = (self._n, which.shape[-1])
        return longer_than_s(laws, np.broadcast_to(which, shape), np.broadcast_to(lasted_s, shape), self._u(shape[1]))

    def _draw_rows(self) -> None:
        old, demand = self.old, self.demand
        open_end = np.isnan(old["t_ended"])
        self._set("dispatch_delay_s", demand.dispatch_delay, self._since("t_received"), np.isnan(old["t_needed"]))
        self._set("turnout_s", demand.turnout, self._since("t_notified"), open_end & np.isnan(old["t_en_route"]))
        self._draw_scene(open_end & np.isnan(old["t_left_scene"]))
        self._set("offload_s", demand.offload, self._since("t_bay"), open_end & np.isnan(old["t_transfer"]))
        self._set("clear_s", demand.clear, self._since("t_transfer"), open_end)
        if demand.emergency_rooms is not None:
            stays = demand.emergency_rooms.ambulance_stay
            self._set("stay_s", stays, np.zeros(len(old)), np.isnan(old["t_transfer"]))
        self._draw_drives()

    def _draw_drives(self) -> None:
        """The luck of drives that have not begun, where calls bring any; how one under way goes on, its pace shows."""
        for name, stream, begins in (
            ("u_travel", Stream.TRAVEL, "t_en_route"),
            ("u_transport", Stream.TRANSPORT_TRAVEL, "t_left_scene"),
        ):
            still = np.isnan(self.old[begins]) & (self.old[name] > 0)
            drawn = uniforms(*self._seed, stream, self.rows.size, 1).reshape(self.rows.shape)
            self.rows[name][:, still] = drawn[:, still]

    def _draw_scene(self, still: NDArray[np.bool_]) -> None:
        """Who is carried, refuses or is released, and how long that takes on scene."""
        old, demand, law = self.old, self.demand, self._law
        lasted_s = self._since("t_on_scene")
        refused_scene = [mix.refused_scene or demand.scene_no_transport[i] for i, mix in enumerate(demand.case_mix)]
        laws = (*demand.scene_no_transport, *demand.scene_transport, *refused_scene)
        refused = np.array([mix.refused for mix in demand.case_mix])[law]
        carried = demand.transport_share[law]
        prior = np.array([(1 - refused) * (1 - carried), (1 - refused) * carried, refused])
        weight = prior * (1.0 - np.array([share_within(laws, law + 3 * how, lasted_s) for how in range(3)]))
        weight = np.where(weight.sum(axis=0) > 0, weight, prior)
        below = np.cumsum(weight, axis=0) / weight.sum(axis=0)
        u = self._u(len(old))
        how = (u >= below[0]).astype(np.int64) + (u >= below[1])
        unknown = may_be_carried(old, self.units) & (old["role"] == Role.FIRST)
        if not unknown.all():
            was = np.where(old["transport"] > 0, 1, np.where(old["refused"] > 0, 2, 0))
            how = np.where(unknown, how, was)
        ends = old["t_on_scene"] + old["scene_s"]
        still = still & ~(ends < self.now)  # one that is done and waits for another unit keeps its time
        self.rows["scene_s"][:, still] = self._longer(laws, law + 3 * how, lasted_s)[:, still]
        self.rows["transport"][:, unknown] = (how == 1)[:, unknown]
        self.rows["refused"][:, unknown] = (how == 2)[:, unknown]
        self._ask_for_second_units(unknown)

    def _ask_for_second_units(self, unknown: NDArray[np.bool_]) -> None:
        """The row of a unit that takes the patient sleeps where he goes to hospital and is not needed elsewhere."""
        asleep = self.old["status"] == CallStatus.EXPECTED
        second = np.flatnonzero((self.old["role"] == Role.TRANSPORT) & asleep & unknown[self.old["incident"]])
        goes = self.rows["transport"][:, self.old["incident"][second]] > 0
        self.rows["status"][:, second] = np.where(goes, CallStatus.EXPECTED, CallStatus.NOT_NEEDED)
        self.rows["t_ended"][:, second] = np.where(goes, np.nan, self.now)

    def keys(self, entries: NDArray[np.void]) -> NDArray[np.float64]:
        """When each pending event comes in each future, seconds of the run, shape (futures, entries)."""
        keys = np.tile(entries["key"], (self._n, 1))
        kind, c = entries["kind"], np.clip(entries["call"], 0, max(len(self.old) - 1, 0))
        if len(self.old) == 0:
            return keys
        old = self.old[c]

        def new(name: str, row: NDArray[np.int64] = c) -> NDArray[np.float64]:
            return self.rows[name][:, row]

        at_door = is_mobilising_at_door(self.units)[entries["unit"]] & (entries["key"] > self.now)
        first = self.old[old["incident"]]
        first_ends = first["t_on_scene"] + first["scene_s"]
        own_ends = old["t_on_scene"] + old["scene_s"]
        leaves = kind == EventKind.LEFT_SCENE
        own = leaves & (entries["key"] == own_ends)
        for which, when in (
            ((kind == EventKind.UNIT_NEEDED) & np.isnan(old["t_needed"]), old["t_received"] + new("dispatch_delay_s")),
            ((kind == EventKind.EN_ROUTE) & at_door, old["t_notified"] + new("turnout_s")),
            (own, old["t_on_scene"] + new("scene_s")),
            (leaves & ~own & (entries["key"] == first_ends), first["t_on_scene"] + new("scene_s", old["incident"])),
            (kind == EventKind.TRANSFER_OF_CARE, old["t_bay"] + new("offload_s")),
            (
                (kind == EventKind.BACK_IN_SERVICE) & (entries["key"] == old["t_transfer"] + old["clear_s"]),
                old["t_transfer"] + new("clear_s"),
            ),
        ):
            keys[:, which] = np.maximum(when[:, which], self.now)
        return keys

    def turns(self) -> tuple[NDArray[np.void], NDArray[np.float64]]:
        """Events that call a call off or make it worse, and when they come in each future, infinite for never.

        A call that has waited e is called off later with probability p S(e) / (1 - p F(e)), p the share of such calls.
        """
        rows = np.flatnonzero(
            (self.old["role"] == Role.FIRST) & np.isnan(self.old["t_first"]) & np.isin(self.old["status"], _COMING)
        )
        entries = np.zeros(2 * len(rows), HEAP_ENTRY)
        keys = np.full((self._n, 2 * len(rows)), np.inf)
        entries["unit"], entries["call"] = -1, np.tile(rows, 2)
        entries["kind"][: len(rows)] = EventKind.CALL_CANCELLED
        entries["kind"][len(rows) :] = EventKind.CONDITION_WORSENED
        lasted_s = self._since("t_received")
        for i, (c, law) in enumerate(zip(rows, self._law[rows], strict=True)):
            mix = self.demand.case_mix[law]
            self.rows["worse_priority"][:, c] = mix.worse_priority
            for column, chance in ((i, mix.cancelled), (len(rows) + i, mix.worsens)):
                if chance is None:
                    continue
                so_far, zero = lasted_s[[c]], np.zeros(1, np.int64)
                within = float(share_within((chance.after,), zero, so_far)[0])
                later = chance.share * (1 - within) / max(1 - chance.share * within, 1e-300)
                after_s = self._longer((chance.after,), zero, so_far)[:, 0]
                comes = self._u(1)[:, 0] < later
                keys[comes, column] = np.maximum(self.old["t_received"][c] + after_s[comes], self.now)
        return entries, keys

    def waiting(self) -> NDArray[np.void]:
        """Patients who walked in and wait for a bay, with other stays in each future, shape (futures, patients)."""
        rows = np.tile(self._present.world.walk_ins, (self._n, 1))
        if self.demand.emergency_rooms is not None:
            rows["stay_s"] = self.demand.emergency_rooms.walk_in_stay.quantile_s(self._u(rows.shape[1]))
        return rows

    def bays(self, entries: NDArray[np.void], source: World, keys: NDArray[np.float64]) -> None:
        """Move the ends of stays in treatment bays, ``keys`` of the events that free them, as those of other steps.

        Whose stay an event ends is told by the very second at which it does.
        """
        rooms = self.demand.emergency_rooms
        freed = np.flatnonzero(entries["kind"] == EventKind.BAY_FREED)
        if rooms is None or not len(freed):
            return
        laws = (*rooms.ambulance_stay, rooms.walk_in_stay)
        calls, walk_ins = source.calls, source.walk_ins
        priority = np.minimum(calls["priority"].astype(np.int64), 3) - 1
        ends = np.concatenate([calls["t_transfer"] + calls["stay_s"], walk_ins["t_bay"] + walk_ins["stay_s"]])
        began = np.concatenate([calls["t_transfer"], walk_ins["t_bay"]])
        which = np.concatenate([priority, np.full(len(walk_ins), 3)])
        there = ends >= self.now
        ends, began, which = ends[there], began[there], which[there]
        order = np.argsort(ends, kind="stable")
        place = np.minimum(np.searchsorted(ends[order], entries["key"][freed]), max(len(ends) - 1, 0))
        patient = order[place] if len(ends) else place[:0]
        known = ends[patient] == entries["key"][freed][: len(patient)]
        freed, patient = freed[: len(patient)][known], patient[known]
        canonical = np.lexsort(
            (which[patient], began[patient], entries["call"][freed])
        )  # who leaves first is not known
        freed, patient = freed[canonical], patient[canonical]
        stay_s = self._longer(laws, which[patient], self.now - began[patient])
        keys[:, freed] = np.maximum(began[patient] + stay_s, self.now)
