"""Run and control charts once more, written plainly point by point on fractions: what the tests compare with."""

from __future__ import annotations

from fractions import Fraction
from itertools import groupby, pairwise
from math import sqrt


def exact(values):
    """Return fractions of the decimals as written, None where missing."""
    return [None if v is None or v != v else Fraction(repr(float(v))) for v in values]


def median(values):
    known = sorted(v for v in values if v is not None)
    if not known:
        return None
    return (known[(len(known) - 1) // 2] + known[len(known) // 2]) / 2


def sides(values, line):
    return [0 if v is None or line is None or v == line else (1 if v > line else -1) for v in values]


def runs(values, line):
    """Return lists of positions, one a run; points on the line and missing ones are passed over."""
    useful = [(i, s) for i, s in enumerate(sides(values, line)) if s]
    return [[i for i, _s in group] for _side, group in groupby(useful, key=lambda pair: pair[1])]


def ihi_trends(values, fewest=5):
    """Return lists of positions of stretches that rise or fall; of equal neighbours only the first counts."""
    kept = []
    for i, v in enumerate(values):
        if v is not None and (not kept or v != values[kept[-1]]):
            kept.append(i)
    found = []
    for way in (1, -1):
        i = 0
        while i < len(kept):
            j = i
            while j + 1 < len(kept) and way * (values[kept[j + 1]] - values[kept[j]]) > 0:
                j += 1
            if j - i + 1 >= fewest:
                found.append(kept[i : j + 1])
            i = max(j, i + 1)
    return sorted(found)


def xmr(values, screened=False):
    """Return mean and mean moving range as fractions; moving ranges need two neighbours."""
    known = [v for v in values if v is not None]
    pairs = pairwise(values)
    ranges = [abs(b - a) for a, b in pairs if a is not None and b is not None]
    if not known:
        return None, None
    mean = sum(known) / Fraction(len(known))
    if not ranges:
        return mean, None
    average = sum(ranges) / Fraction(len(ranges))
    if screened and average:
        kept = [r for r in ranges if r < Fraction("3.267") * average]
        average = sum(kept) / Fraction(len(kept)) if kept else None
    return mean, average


def nhse(values, mean, reach):
    """Return for each rule the set of positions concerned; ``reach`` is from the mean to a limit."""
    there = [(i, v) for i, v in enumerate(values) if v is not None]
    side = [0 if v == mean else (1 if v > mean else -1) for _i, v in there]
    n, found = len(there), {"outside": set(), "shift": set(), "trend": set(), "two_of_three": set()}
    for k in range(n):
        if reach is not None and abs(there[k][1] - mean) > reach:
            found["outside"].add(there[k][0])
    for k in range(n - 6):
        window = range(k, k + 7)
        if side[k] and all(side[j] == side[k] for j in window):
            found["shift"] |= {there[j][0] for j in window}
        steps = [there[j + 1][1] - there[j][1] for j in range(k, k + 6)]
        if all(s > 0 for s in steps) or all(s < 0 for s in steps):
            found["trend"] |= {there[j][0] for j in window}
    for k in range(n - 2):
        window = range(k, k + 3)
        if reach is None or not side[k] or any(side[j] != side[k] for j in window):
            continue
        near = [j for j in window if abs(there[j][1] - mean) > Fraction(2, 3) * reach]
        if len(near) >= 2:
            found["two_of_three"] |= {there[j][0] for j in near}
    return found


def p_prime(counts, denominators):
    """Return p̄ and the distance of each point's limits, in floats."""
    there = [None if x is None or not n else (x, n) for x, n in zip(counts, denominators, strict=True)]
    p = sum(t[0] for t in there if t) / sum(t[1] for t in there if t)
    sigma = [sqrt(p * (1 - p) / t[1]) if t else None for t in there]
    z = [(t[0] / t[1] - p) / s if t and s else (0.0 if t else None) for t, s in zip(there, sigma, strict=True)]
    ranges = [abs(b - a) for a, b in pairwise(z) if a is not None and b is not None]
    if not ranges:
        return p, None
    between = sum(ranges) / len(ranges) / 1.128
    return p, [None if s is None else 3 * s * between for s in sigma]
