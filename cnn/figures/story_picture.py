"""How right a network was about many images at each snapshot: a row of pixels for each image, a column for each
snapshot."""

import numpy as np

RIGHT, WRONG = np.array([95, 113, 134]), np.array([221, 51, 51])  # as in the confusion matrix
MOST_ROWS = 240


def story_picture(right: np.ndarray, of_truth: np.ndarray) -> np.ndarray:
    """uint8 (rows, S, 3): grey for a right answer, red for a wrong one, stronger the surer; of many images, some
    spread over all of them.

    right: bool (S, N). of_truth: float32 (S, N), the probability of the true class, 0..1.
    """
    images = right.shape[1]
    shown = np.linspace(0, images - 1, min(images, MOST_ROWS)).round().astype(int)
    right, sure = right[:, shown].T, of_truth[:, shown].T
    sure = np.where(right, sure, 1 - sure)[..., None]
    color = np.where(right[..., None], RIGHT, WRONG)
    return np.rint(255 + (0.25 + 0.75 * sure) * (color - 255)).astype(np.uint8)
