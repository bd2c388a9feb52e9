"""Leaves out variants of an experiment that would train the same as another, so that nothing is trained twice."""

from collections.abc import Hashable
from dataclasses import replace

from cnn.errors import UserError
from cnn.specs.experiment_spec import ExperimentSpec, Specs, Variant


def distinct(spec: ExperimentSpec, most_images: int, train_images: int) -> tuple[ExperimentSpec, str]:
    """The experiment without variants that are the same as a later one; and which these are, in words ("" if none).

    most_images: how many images the largest class of the folder has. train_images: how many images are trained on,
    unless a variant changes which. Raises UserError if nothing is left to compare.
    """
    same: dict[Hashable, list[Variant]] = {}
    for variant in spec.variants:
        specs = spec.specs(variant, spec.seeds[0])
        largest_batch = train_images if specs[0] == spec.dataset else None
        same.setdefault(_what_counts(specs, most_images, largest_batch), []).append(variant)
    groups = [group for group in same.values() if len(group) > 1]
    if not groups:
        return spec, ""
    left_out = f"{', and '.join(map(_left_out, groups))}, because {_why(spec, groups, most_images, train_images)}."
    if len(same) == 1:
        raise UserError(f"There is nothing to compare: {left_out}")
    kept = tuple(variant for variant in spec.variants if any(variant is group[-1] for group in same.values()))
    return replace(spec, variants=kept), f"{left_out} The same network is trained only once."


def _what_counts(specs: Specs, most_images: int, largest_batch: int | None) -> Hashable:
    """Equal for settings with which the same would be trained. largest_batch: one with all images; None: not known."""
    dataset, network, training = specs
    unused = {name: network.defaults()[name] for name in network.without_effect}
    images = replace(dataset, max_per_class=dataset.defaults()["max_per_class"])
    training = replace(training, batch_size=min(training.batch_size, largest_batch or training.batch_size))
    return min(dataset.max_per_class, most_images), images, replace(network, **unused), training


def _left_out(group: list[Variant]) -> str:
    *others, last = (f"“{variant.label}”" for variant in group)
    return f"{' and '.join(others)} would be the same as {last}"


def _why(spec: ExperimentSpec, groups: list[list[Variant]], most_images: int, train_images: int) -> str:
    """Why variants are the same although their settings differ."""
    differing = {
        name: f"“{setting.label}”"
        for group in groups
        for variants in zip(*(spec.specs(variant, spec.seeds[0]) for variant in group), strict=True)
        for name, setting in variants[0].settings().items()
        if any(getattr(one, name) != getattr(variants[0], name) for one in variants)
    }
    reasons = []
    if differing.pop("max_per_class", ""):
        reasons.append(f"no class has more than {most_images:,} images")
    if differing.pop("batch_size", ""):
        reasons.append(f"one batch holds all {train_images:,} training images")
    if differing:
        verb = "changes" if len(differing) == 1 else "change"
        reasons.append(f"{' and '.join(differing.values())} {verb} nothing in this network")
    return " and ".join(reasons)
