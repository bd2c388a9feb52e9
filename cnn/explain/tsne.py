"""t-SNE: points with many features as a map on which neighbours stay neighbours.

Van der Maaten and Hinton 2008, "Visualizing Data using t-SNE". This is the exact method: its time grows with the square
of the number of points, so it is for up to about a thousand.
"""

from collections.abc import Callable

import numpy as np

ROUNDS = 500
EXAGGERATED = 125  # first rounds, in which similar points attract each other more strongly, so that groups form


def tsne(features: np.ndarray, perplexity: float = 30, progress: Callable[[float], None] | None = None) -> np.ndarray:
    """float32 (N, 2): the points on the map. features: float32 (N, width), N >= 1.

    perplexity: about how many neighbours each point holds on to; at most a third of the points are used. The same
    features always give the same map. Distances between groups and the sizes of groups mean nothing on such a map.
    """
    n = len(features)
    if n < 4:  # too few to have neighbours: a line, in their order
        return np.column_stack([np.arange(n), np.zeros(n)]).astype(np.float32)
    similar = _similarities(features, min(perplexity, (n - 1) / 3)).astype(np.float32)
    points = _start(features).astype(np.float32)
    speed, gain = np.zeros_like(points), np.ones_like(points)
    rate = max(n / 12, 50)  # Belkina et al. 2019, "Automated optimized parameters for t-SNE"
    for round_ in range(ROUNDS):
        # How similar the points are on the map: Student's t-distribution, whose long tails leave room between groups.
        close = 1 / (1 + _squared_distances(points))
        np.fill_diagonal(close, 0)
        on_map = close / close.sum()
        # Pull together what should be more similar, push apart what should be less.
        wanted = similar * (12 if round_ < EXAGGERATED else 1)
        pull = (wanted - on_map) * close
        gradient = 4 * (pull.sum(1)[:, None] * points - pull @ points)
        # Gradient descent with momentum. Each coordinate speeds up while it keeps its direction (Jacobs 1988).
        gain = np.maximum(np.where((gradient > 0) == (speed > 0), gain * 0.8, gain + 0.2), 0.01)
        speed = (0.5 if round_ < EXAGGERATED else 0.8) * speed - rate * gain * gradient
        points = points + speed
        points -= points.mean(0)
        if progress:
            progress((round_ + 1) / ROUNDS)
    return points


def _similarities(features: np.ndarray, perplexity: float) -> np.ndarray:
    """(N, N), symmetric, sum 1: how similar each pair of points is. Around each point lies a normal distribution, just
    wide enough for `perplexity` neighbours."""
    squared = _squared_distances(features.astype(np.float64))
    np.fill_diagonal(squared, np.inf)  # no point is its own neighbour
    squared -= squared.min(1, keepdims=True)  # changes no share of a row, and keeps exp from becoming zero everywhere
    n, wanted = len(squared), np.log(perplexity)
    low, high = np.zeros(n), np.full(n, np.inf)
    sharp = 1 / np.maximum(np.median(squared, 1), 1e-12)  # 1 / (2 * variance)
    for _ in range(50):  # halve the interval around the right width
        weights = np.exp(-squared * sharp[:, None])
        shares = weights / weights.sum(1, keepdims=True)
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = -np.nansum(shares * np.log(shares), 1)  # the entropy; of shares that are zero: nothing
        wide = spread > wanted
        low, high = np.where(wide, sharp, low), np.where(wide, high, sharp)
        sharp = np.where(np.isinf(high), sharp * 2, (low + high) / 2)
    return (shares + shares.T) / (2 * n)


def _start(features: np.ndarray) -> np.ndarray:
    """(N, 2): the points on their first two principal components, close together, so that the map keeps their rough
    order. Kobak and Berens 2019, "The art of using t-SNE for single-cell transcriptomics"."""
    centred = features.astype(np.float64) - features.mean(0)
    left, strengths, _ = np.linalg.svd(centred, full_matrices=False)
    points = np.zeros((len(features), 2))
    count = min(2, len(strengths))
    points[:, :count] = left[:, :count] * strengths[:count]
    points += 1e-9 * np.random.default_rng(0).normal(size=points.shape)  # equal points must be able to part
    return 1e-4 * points / max(points[:, 0].std(), 1e-12)


def _squared_distances(points: np.ndarray) -> np.ndarray:
    """(N, N): squared Euclidean distances."""
    lengths = (points**2).sum(1)
    return np.maximum(lengths[:, None] + lengths - 2 * points @ points.T, 0)
