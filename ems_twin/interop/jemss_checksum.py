"""CRC-32C (Castagnoli), by which JEMSS tells whether input files have changed. Python has only CRC-32."""

from __future__ import annotations

_POLYNOMIAL = 0x82F63B78  # bits reversed


def _entry(n: int) -> int:
    for _ in range(8):
        n = n >> 1 ^ (_POLYNOMIAL if n & 1 else 0)
    return n


_TABLE = tuple(_entry(n) for n in range(256))


def crc32c(data: bytes) -> int:
    """Checksum of ``data``, 0 to 2**32 - 1."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF
