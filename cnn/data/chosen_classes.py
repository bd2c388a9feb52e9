"""Which classes of a folder take part."""

from dataclasses import replace

from cnn.data.listing import DatasetError, Listing, shown

_MOST_NAMED = 20


def with_classes(listing: Listing, chosen: tuple[str, ...]) -> Listing:
    """The listing with only the classes of these names, in the order of the listing; with all if none are named.

    Raises DatasetError if there is no class of one of the names.
    """
    if not chosen:
        return listing
    unknown = [name for name in chosen if name not in listing.classes]
    if unknown:
        known = ", ".join(f"“{name}”" for name in listing.classes[:_MOST_NAMED])
        more = ", ..." if len(listing.classes) > _MOST_NAMED else ""
        raise DatasetError(
            f"“{shown(str(listing.folder))}” contains no class “{shown(unknown[0])}”. Its classes are {known}{more}. "
            "Choose the classes again."
        )
    new_labels = {label: new for new, label in enumerate(i for i, name in enumerate(listing.classes) if name in chosen)}
    kept = [i for i, file in enumerate(listing.files) if file.label in new_labels]
    return replace(
        listing,
        classes=tuple(name for name in listing.classes if name in chosen),
        files=tuple(listing.files[i]._replace(label=new_labels[listing.files[i].label]) for i in kept),
        stats=tuple(listing.stats[i] for i in kept),
    )
