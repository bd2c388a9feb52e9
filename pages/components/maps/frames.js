// Frames around what a number is and what it reads: on the maps of its layer and of the one before, and on the image.

/** Frame a number among the sections, and what it reads of its source. @param {Explanation|null} explanation */
function frameNumber(views, explanation) {
  const { address, source, reads } = explanation ?? {};
  for (const view of views) {
    if (view.section.name === address?.section) view.frame?.({ ...address, size: 1 }, "spot");
    else view.frame?.(view.section.name === source?.name ? reads : null, "read");
  }
}

/** Frame what a map pixel looks at, on the panel's image and on the same image among the sections. */
function frameField({ background, sections }, views, detail, address) {
  if (!background) return;
  const [h, w] = background.shape;
  const geometry = address && sections.find(({ name }) => name === address.section).geometry;
  const box = geometry ? receptiveField(geometry, address.row, address.column, h, w) : null;
  detail.mark(box);
  for (const view of views) {
    if (view instanceof PictureView && view.section.shape[0] === h && view.section.shape[1] === w) view.mark(box);
  }
}
