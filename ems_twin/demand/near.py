"""How far from the roads a call may lie."""

FARTHEST_M = 1000.0
"""A call farther than this from the nearest road node, metres, lies outside the city."""
