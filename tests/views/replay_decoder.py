"""The columns of a replay read back, written apart from the encoder: what the page's script does, in Python."""

from itertools import accumulate

import numpy as np

METRES_A_DEGREE = 111_320.0


def metres_between(a, b):
    """Distance of two (lon, lat) points a few hundred metres apart."""
    squeeze = np.cos(np.radians(a[1]))
    return float(np.hypot((a[0] - b[0]) * squeeze, a[1] - b[1]) * METRES_A_DEGREE)


def sums(differences, scale):
    return np.array(list(accumulate(differences)), dtype=float) * scale


class Network:
    def __init__(self, data):
        self.lon, self.lat = sums(data["lon"], 1e-6), sums(data["lat"], 1e-6)
        self.first = np.concatenate([[0], np.cumsum(data["degree"])])
        self.bend = np.concatenate([[0], np.cumsum(data["bends"])])
        self.head, self.shape = data["head"], np.array(data["shape"], dtype=float).reshape(-1, 2) * 1e-6
        self.ms = [times or data["ms"][0] for times in data["ms"]]

    def edge(self, edge, tail):
        bends = np.cumsum(self.shape[self.bend[edge] : self.bend[edge + 1]], axis=0)
        bends += np.array([self.lon[tail], self.lat[tail]])
        head = self.head[edge]
        ends = (self.lon[tail], self.lat[tail]), (self.lon[head], self.lat[head])
        return np.vstack([ends[0], *bends, ends[1]])


def walk(network, start, hops, alphabet, metric):
    """Points of a way and the milliseconds at which each is passed."""
    points, when, node, elapsed = [np.array([network.lon[start], network.lat[start]])], [0.0], start, 0.0
    for hop in hops:
        edge = network.first[node] + alphabet.index(hop)
        line = network.edge(edge, node)
        step = np.hypot(np.diff(line[:, 0]) * np.cos(np.radians(line[0, 1])), np.diff(line[:, 1]))
        share = np.cumsum(step) / step.sum()
        points.extend(line[1:])
        when.extend(elapsed + share * network.ms[metric][edge])
        elapsed += network.ms[metric][edge]
        node = network.head[edge]
    return np.array(points), np.array(when)


def place(replay, unit, t):
    """Longitude and latitude of a unit, t seconds after the beginning of the window."""
    network, columns, paths = Network(replay["network"]), replay["units"][unit], replay["paths"]
    time, lag, dur = sums(columns["t"], 0.01), np.array(columns["lag"]) * 0.01, np.array(columns["dur"]) * 0.01
    row = max(int(np.searchsorted(time, t, side="right")) - 1, 0)
    while row > 0 and t < time[row] + lag[row]:
        row -= 1
    at = columns["at"][row]
    if dur[row] == 0:
        return network.lon[at], network.lat[at]
    points, when = walk(network, paths["from"][at], paths["hops"][at], paths["alphabet"], paths["metric"][at])
    part = np.clip((t - time[row] - lag[row]) / dur[row], 0, 1) * when[-1]
    return float(np.interp(part, when, points[:, 0])), float(np.interp(part, when, points[:, 1]))
