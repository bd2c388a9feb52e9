"""How right a network was about many images at each snapshot: a row of pixels for each image, a column for each
snapshot."""

from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from cnn.training.learned import GROUPS, TEXTS, Story

RIGHT, WRONG = np.array([95, 113, 134]), np.array([221, 51, 51])  # the red of the confusion matrix
MOST_ROWS = 240


def story_picture(right: np.ndarray, of_truth: np.ndarray) -> np.ndarray:
    """uint8 (rows, S, 3): gray for a right answer, red for a wrong one, stronger the surer; of many images, some
    spread over all of them.

    right: bool (S, N). of_truth: float32 (S, N), the probability of the true class, 0..1.
    """
    images = right.shape[1]
    shown = np.linspace(0, images - 1, min(images, MOST_ROWS)).round().astype(int)
    right, sure = right[:, shown].T, of_truth[:, shown].T
    sure = np.where(right, sure, 1 - sure)[..., None]
    color = np.where(right[..., None], RIGHT, WRONG)
    return np.rint(255 + (0.25 + 0.75 * sure) * (color - 255)).astype(np.uint8)


def story_png(story: Story) -> bytes:
    """The picture of a story with what its rows and columns are, as a PNG. The groups are below each other."""
    groups = {name: story.group(name) for name in GROUPS}
    rows = np.concatenate(list(groups.values()))
    pixels = story_picture(story.right[:, rows], story.of_truth[:, rows])
    tall, wide = max(1, 480 // len(pixels)), max(1, min(60, 720 // pixels.shape[1]))
    enlarged = Image.fromarray(pixels.repeat(tall, 0).repeat(wide, 1))
    font, left, top = ImageFont.load_default(14), 190, 16
    picture = Image.new("RGB", (left + enlarged.width + 16, top + enlarged.height + 46), "white")
    picture.paste(enlarged, (left, top))
    draw, end, lowest = ImageDraw.Draw(picture), 0, float(top)
    for name, images in groups.items():
        begin, end = end, end + len(images)
        if not len(images):
            continue
        scale = enlarged.height / len(rows)
        y = max(top + scale * (begin + end) / 2, lowest)  # small groups do not overlap
        lowest = y + 16
        draw.text((left - 8, y), f"{TEXTS[name]} ({len(images):,})", fill="black", font=font, anchor="rm")
        if begin:
            draw.line((left - 6, top + scale * begin, left + enlarged.width, top + scale * begin), fill="black")
    below = top + enlarged.height + 4
    draw.text((left, below), f"step {story.steps[0]:,}", fill="black", font=font)
    draw.text((left + enlarged.width, below), f"step {story.steps[-1]:,}", fill="black", font=font, anchor="ra")
    about = "gray: right, red: wrong; the stronger, the surer"
    draw.text((left, below + 20), about, fill="#5f7186", font=font)
    encoded = BytesIO()
    picture.save(encoded, "PNG")
    return encoded.getvalue()
