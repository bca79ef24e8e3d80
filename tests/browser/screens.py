"""Windows in which pages are looked at, pixels."""

DESKTOP = (1400, 900)
NARROW = (390, 844)
