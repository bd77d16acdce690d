#!/usr/bin/env python3
"""Writes src/codec/power_table.h: 10^k as a 128-bit significand, rounded up, for number.c."""
import pathlib

LEAST, MOST = -342, 324

rows = []
for k in range(LEAST, MOST + 1):
    n, d = (10**k, 1) if k >= 0 else (1, 10**-k)
    e = n.bit_length() - d.bit_length()
    if (n << max(-e, 0)) < (d << max(e, 0)):
        e -= 1
    shift = 127 - e  # now 2^127 <= n/d * 2^shift < 2^128
    n, d = (n << shift, d) if shift >= 0 else (n, d << -shift)
    g = -(-n // d)
    assert 1 << 127 <= g < 1 << 128
    rows.append(f"{{ 0x{g >> 64:016x}, 0x{g & (1 << 64) - 1:016x} }},")
lines = [" ".join(rows[i:i + 2]) for i in range(0, len(rows), 2)]
text = f"""/*
 * 10^k for k = {LEAST} to {MOST}: the smallest g with g * 2^(floor(log2 10^k) - 127) >= 10^k, as high and low half; exact
 * for k = 0 to 55. Written by tools/powers_of_ten.py. Included once, inside an initializer.
 */
""" + "\n".join(lines) + "\n"
pathlib.Path(__file__).parent.parent.joinpath("src/codec/power_table.h").write_text(text)
