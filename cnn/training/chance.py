"""Whether a difference between two counts could be chance."""

from math import exp, lgamma

UNLIKELY = 0.05  # a chance below this speaks against luck


def fisher_test(a: int, of_a: int, b: int, of_b: int) -> float:
    """How often two groups would differ at least as much by chance, 0..1, if both came from one: `a` of the `of_a`
    members of the first have a property, and `b` of the `of_b` of the second.

    Fisher's exact test, two-sided: Fisher 1935, "The logic of inductive inference".
    """
    having, everyone = a + b, of_a + of_b
    lowest, highest = max(0, having - of_b), min(having, of_a)

    def log_chance(first: int) -> float:
        return _log_ways(of_a, first) + _log_ways(of_b, having - first) - _log_ways(everyone, having)

    seen = log_chance(a) + 1e-7  # numbers of equal chance may differ in their last digits
    return min(1.0, sum(exp(one) for one in map(log_chance, range(lowest, highest + 1)) if one <= seen))


def _log_ways(n: int, k: int) -> float:
    """The logarithm of n over k."""
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
