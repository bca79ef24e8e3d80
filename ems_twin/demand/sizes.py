"""Sizes that tables of the demand have."""

N_PRIORITIES = 3
HOURS_A_WEEK = 168
