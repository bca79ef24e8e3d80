"""Probability distributions as JEMSS models write them, with Julia's parameters.

=================== ============================== ====================================================
name                parameters                     note
=================== ============================== ====================================================
``Normal``          mean, standard deviation
``Exponential``     mean                           Julia takes the scale, not the rate
``Weibull``         shape, scale
``Gamma``           shape, scale
``LogNormal``       mu, sigma                      mean and standard deviation of the logarithm
``Uniform``         a, b
``Bernoulli``       p                              0 or 1
``Categorical``     p1, p2, …                      1, 2, …
``truncated``       mean, sd, lower, upper         ``truncated(Normal(mean, sd), lower, upper)``
=================== ============================== ====================================================

Parametrisation: documentation of Julia's Distributions package.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_ARITY = {
    "Normal": 2,
    "Exponential": 1,
    "Weibull": 2,
    "Gamma": 2,
    "LogNormal": 2,
    "Uniform": 2,
    "Bernoulli": 1,
    "truncated": 4,
}
DISTRIBUTIONS = (*_ARITY, "Categorical")
"""Names that a cell may call; there are no others."""


@dataclass(frozen=True)
class Distribution:
    """One distribution.

    Raises
    ------
    ValueError
        If the name is none of :data:`DISTRIBUTIONS` or the parameters are out of range; the text says which.
    """

    name: str
    """One of :data:`DISTRIBUTIONS`."""
    parameters: tuple[float, ...]
    """In the order of the table above."""

    def __post_init__(self) -> None:
        if self.name not in DISTRIBUTIONS:
            raise ValueError(f"'{self.name}' is not one of {', '.join(DISTRIBUTIONS)}")
        arity = _ARITY.get(self.name, len(self.parameters))
        if len(self.parameters) != arity:
            raise ValueError(f"{self.name} takes {arity} numbers, not {len(self.parameters)}")
        wrong = _wrong(self.name, self.parameters)
        if wrong:
            raise ValueError(f"{self}: {wrong}")

    def __str__(self) -> str:
        """Julia's way to write it."""
        p = [repr(value).replace("inf", "Inf") for value in self.parameters]
        if self.name == "truncated":
            return f"truncated(Normal({p[0]}, {p[1]}), {p[2]}, {p[3]})"
        if self.name == "Categorical":
            return f"Categorical([{', '.join(p)}])"
        return f"{self.name}({', '.join(p)})"

    def mean(self) -> float:
        """Expected value."""
        p = self.parameters
        match self.name:
            case "Weibull":
                return p[1] * math.gamma(1 + 1 / p[0])
            case "Gamma":
                return p[0] * p[1]
            case "LogNormal":
                return math.exp(p[0] + p[1] ** 2 / 2)
            case "Uniform":
                return (p[0] + p[1]) / 2
            case "Categorical":
                return sum(k * probability for k, probability in enumerate(p, start=1))
            case "truncated":
                return _truncated_mean(*p)
        return p[0]  # Normal, Exponential, Bernoulli

    def sample(self, rng: np.random.Generator, n: int) -> NDArray[np.float64]:
        """Draw ``n`` values, float64[n]. JEMSS's own streams cannot be had: they are Julia's Mersenne twister."""
        p = self.parameters
        match self.name:
            case "Normal":
                return rng.normal(p[0], p[1], n)
            case "Exponential":
                return rng.exponential(p[0], n)
            case "Weibull":
                return p[1] * rng.weibull(p[0], n)
            case "Gamma":
                return rng.gamma(p[0], p[1], n)
            case "LogNormal":
                return rng.lognormal(p[0], p[1], n)
            case "Uniform":
                return rng.uniform(p[0], p[1], n)
            case "Bernoulli":
                return (rng.random(n) < p[0]).astype(np.float64)
            case "Categorical":
                edges = np.cumsum(p)
                drawn = np.searchsorted(edges / edges[-1], rng.random(n), side="right")
                return drawn.astype(np.float64) + 1
        return _truncated_sample(rng, n, *p)


def _wrong(name: str, p: tuple[float, ...]) -> str:
    """What is out of range, or the empty text."""
    if any(math.isnan(value) for value in p) or (name != "truncated" and any(math.isinf(value) for value in p)):
        return "the parameters must be finite"
    checks: dict[str, tuple[Callable[[], bool], str]] = {
        "Normal": (lambda: p[1] >= 0, "the standard deviation must not be negative"),
        "Exponential": (lambda: p[0] > 0, "the mean must be above 0"),
        "Weibull": (lambda: min(p) > 0, "shape and scale must be above 0"),
        "Gamma": (lambda: min(p) > 0, "shape and scale must be above 0"),
        "LogNormal": (lambda: p[1] >= 0, "sigma must not be negative"),
        "Uniform": (lambda: p[0] < p[1], "the first bound must be below the second"),
        "Bernoulli": (lambda: 0 <= p[0] <= 1, "the probability must be between 0 and 1"),
        "Categorical": (
            lambda: bool(p) and min(p) >= 0 and abs(sum(p) - 1) < 1e-8,
            "the probabilities must be 0 or more and add up to 1",
        ),
        "truncated": (
            lambda: math.isfinite(p[0]) and math.isfinite(p[1]) and p[1] > 0 and p[2] < p[3] and _mass(*p) > 0,
            "it must be a Normal with a standard deviation above 0, and bounds that hold some of its probability",
        ),
    }
    holds, text = checks[name]
    return "" if holds() else text


def _mass(mean: float, sd: float, lower: float, upper: float) -> float:
    """Probability of a normal variable between two bounds, without losing a far upper tail."""
    a, b = (lower - mean) / sd / math.sqrt(2), (upper - mean) / sd / math.sqrt(2)
    if a > 0:
        a, b = -b, -a
    return (math.erfc(-b) - math.erfc(-a)) / 2


def _truncated_mean(mean: float, sd: float, lower: float, upper: float) -> float:
    """Mean + sd (density(a) - density(b)) / mass, a and b the bounds in standard deviations."""
    density = [math.exp(-(((bound - mean) / sd) ** 2) / 2) / math.sqrt(2 * math.pi) for bound in (lower, upper)]
    return mean + sd * (density[0] - density[1]) / _mass(mean, sd, lower, upper)


def _truncated_sample(
    rng: np.random.Generator, n: int, mean: float, sd: float, lower: float, upper: float
) -> NDArray[np.float64]:
    """Inverse of the distribution function, taken in the lower tail, where numbers are dense."""
    from scipy.special import ndtr, ndtri

    a, b = (lower - mean) / sd, (upper - mean) / sd
    sign = -1.0 if a > 0 else 1.0
    if sign < 0:
        a, b = -b, -a
    low, high = float(ndtr(a)), float(ndtr(b))
    drawn: NDArray[np.float64] = mean + sign * sd * ndtri(low + (high - low) * rng.random(n))
    return np.clip(drawn, lower, upper)
