// The geometry of a tile: k panes of h x w cells in a near-square arrangement, and where it lies on the input image.

/**
 * @typedef {object} Mosaic all lengths in device pixels
 * @property {number} panes
 * @property {number} h rows of a pane
 * @property {number} w columns of a pane
 * @property {number} across panes side by side
 * @property {number} cell length of a side of a cell, a whole number
 * @property {number} gap between panes
 * @property {number} width
 * @property {number} height
 */

/** @returns {Mosaic} */
function arrange(panes, h, w, cell, gap) {
  const across = Math.ceil(Math.sqrt(panes));
  const down = Math.ceil(panes / across);
  const length = (count, cells) => count * cells * cell + (count - 1) * gap;
  return { panes, h, w, across, cell, gap, width: length(across, w), height: length(down, h) };
}

/** The cell size with which the mosaic's longer side comes nearest to `target`, or with Math.floor not above it. */
function cellFor(panes, h, w, target, gap, round = Math.round) {
  const unit = arrange(panes, h, w, 1, 0);
  const across = unit.across;
  const down = Math.ceil(panes / across);
  const wide = (target - (across - 1) * gap) / unit.width;
  const high = (target - (down - 1) * gap) / unit.height;
  return Math.max(1, round(Math.min(wide, high)));
}

/** Top left corner of a cell. */
function corner(mosaic, pane, row, column) {
  const { across, cell, gap, h, w } = mosaic;
  return {
    x: (pane % across) * (w * cell + gap) + column * cell,
    y: Math.floor(pane / across) * (h * cell + gap) + row * cell,
  };
}

/** The cell under a point, or null between panes. */
function cellAt(mosaic, x, y) {
  const { across, cell, gap, h, w, panes } = mosaic;
  const paneX = Math.floor(x / (w * cell + gap));
  const paneY = Math.floor(y / (h * cell + gap));
  const column = Math.floor((x - paneX * (w * cell + gap)) / cell);
  const row = Math.floor((y - paneY * (h * cell + gap)) / cell);
  const pane = paneY * across + paneX;
  const onPane = paneX >= 0 && paneX < across && pane >= 0 && pane < panes;
  return onPane && row < h && column < w ? { pane, row, column } : null;
}

const GAP_COLOUR = pixel(128, 128, 128); // neither a colour of a scale nor a theme's background

/** Blow up one pixel per cell to the mosaic's size. A place without a pane or without a colour stays transparent. */
function enlarge(mosaic, colours) {
  const { cell, h, w, width, panes } = mosaic;
  const image = new ImageData(mosaic.width, mosaic.height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let pane = 0, at = 0; pane < panes; pane++) {
    if (panes > 1) fillFrame(mosaic, pane, pixels);
    for (let row = 0; row < h; row++) {
      const { x, y } = corner(mosaic, pane, row, 0);
      const start = y * width + x;
      for (let column = 0; column < w; column++, at++) {
        pixels.fill(colours[at], start + column * cell, start + (column + 1) * cell);
      }
      for (let line = 1; line < cell; line++) pixels.copyWithin(start + line * width, start, start + w * cell);
    }
  }
  hatchOddCells(mosaic, colours, pixels);
  return image;
}

/** Fill the place of a pane and the gaps to its right and below it. */
function fillFrame(mosaic, pane, pixels) {
  const { cell, gap, h, w, width, height } = mosaic;
  const { x, y } = corner(mosaic, pane, 0, 0);
  const right = Math.min(x + w * cell + gap, width);
  const bottom = Math.min(y + h * cell + gap, height);
  for (let line = y; line < bottom; line++) pixels.fill(GAP_COLOUR, line * width + x, line * width + right);
}

const HATCH = [pixel(255, 0, 255), pixel(64, 0, 64)];

/** Cells without a number: magenta stripes, which no scale contains. */
function hatchOddCells(mosaic, colours, pixels) {
  const { cell, h, w, width } = mosaic;
  for (let at = colours.indexOf(NO_COLOUR); at !== -1; at = colours.indexOf(NO_COLOUR, at + 1)) {
    const pane = Math.floor(at / (h * w));
    const { x, y } = corner(mosaic, pane, Math.floor((at % (h * w)) / w), at % w);
    for (let line = y; line < y + cell; line++) {
      for (let column = x; column < x + cell; column++) {
        pixels[line * width + column] = HATCH[((line + column) >> 1) & 1];
      }
    }
  }
}

/**
 * Where something lies on the input image, as fractions of its width and height.
 * @typedef {{left: number, top: number, width: number, height: number}} Box
 */

/** The part of the image that decides over one map pixel, clipped to the image. @returns {Box} */
function receptiveField([offset, jump, field], row, column, imageHeight, imageWidth) {
  // Coordinates count from the centre of the first pixel, edges from its border: hence the half.
  const span = (i, length) => {
    const centre = offset + i * jump + 0.5;
    const from = Math.max(0, Math.min(length, centre - field / 2));
    const to = Math.max(0, Math.min(length, centre + field / 2));
    return [from / length, (to - from) / length];
  };
  const [top, height] = span(row, imageHeight);
  const [left, width] = span(column, imageWidth);
  return { left, top, width, height };
}

/** The place of a whole map: each map pixel covers `jump` input pixels around its centre. @returns {Box} */
function placeOnImage(geometry, h, w, imageHeight, imageWidth) {
  if (!geometry) return { left: 0, top: 0, width: 1, height: 1 };
  const [offset, jump] = geometry;
  const start = offset + 0.5 - jump / 2;
  return {
    left: start / imageWidth,
    top: start / imageHeight,
    width: (w * jump) / imageWidth,
    height: (h * jump) / imageHeight,
  };
}
