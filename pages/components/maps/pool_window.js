// @ts-check
// The window of a pool: few values are links, many are a heat map.

import { colourize, colourizeChannel, inkOn, swatchColour } from "../common/color.js";
import { element } from "../common/dom.js";
import { fourDigits } from "../common/numbers.js";
import { link, numberText, paragraph } from "./equation.js";
import { arrange, cellFor, GAP_COLOUR } from "./mosaic.js";
import { Plate } from "./plate.js";
import { addressName, addressPlace, brightness, tileLimit } from "./sections.js";

/**
 * @typedef {import("./explain.js").PoolExplanation} PoolExplanation
 * @typedef {(address: import("./sections.js").Address) => void} Follow
 */

const MOST_ACROSS = 4; // links side by side
const MOST_LINKS = 16;
const SIDE = 300; // CSS pixels of the heat map

/** @param {PoolExplanation} explanation @param {boolean} shared one colour scale for all maps @param {Follow} follow @returns {Node[]} */
export function poolWindow(explanation, shared, follow) {
  const { cells, origin } = explanation;
  const colours = coloursOf(explanation, shared);
  const isSmall = cells.length <= MOST_LINKS && origin.kernel[1] <= MOST_ACROSS;
  if (isSmall) return [windowOfLinks(explanation, colours, follow)];
  return [heatMap(explanation, colours, follow), largestLink(explanation, follow)];
}

/**
 * The colours of the values, as in the map or the image that the window is from.
 * @param {PoolExplanation} explanation @param {boolean} shared one colour scale for all maps
 */
function coloursOf({ source, address, values }, shared) {
  const numbers = Float32Array.from(values, (value) => value ?? 0);
  const { index } = address; // a pool keeps maps and channels apart
  if (source.kind === "tiles") return colourize(numbers, source.signed, tileLimit(source, index, shared));
  if (source.kind !== "picture") return colourize(numbers, false, 1);
  return colourizeChannel(numbers.map((number) => brightness(source, index, number)), source.shape[2], index);
}

/** @param {PoolExplanation} explanation @param {Uint32Array} colours of the values @param {Follow} follow */
function windowOfLinks(explanation, colours, follow) {
  const { cells, values, winner, source, origin } = explanation;
  const nodes = cells.map((address, at) => {
    const value = values[at];
    if (!address || value === null) return element("span", { class: "window-cell padding", title: "padding" });
    const button = link(numberText(value), address, follow, addressPlace(source, address));
    button.className = at === winner ? "window-cell winner" : "window-cell";
    button.style.backgroundColor = swatchColour(colours[at]);
    button.style.color = inkOn(colours[at]);
    if (at === winner) button.append(element("small", {}, "largest"));
    return button;
  });
  const grid = element("div", { class: "window" }, ...nodes);
  grid.style.setProperty("--columns", String(origin.kernel[1]));
  return grid;
}

/**
 * A cell for each value: hovering shows it, a click follows it.
 * @param {PoolExplanation} explanation @param {Uint32Array} colours of the values @param {Follow} follow
 */
function heatMap(explanation, colours, follow) {
  const { cells, values, winner, source, origin } = explanation;
  const [rows, columns] = origin.kernel;
  const ratio = window.devicePixelRatio;
  /** @param {import("./mosaic.js").Cell} cell */
  const place = ({ row, column }) => row * columns + column;
  const plate = new Plate((cell) => {
    const [address, value] = [cells[place(cell)], values[place(cell)]];
    if (!address || value === null) return { value: "0", name: "padding", place: "outside the map" };
    return { value: fourDigits(value), name: addressName(source, address), place: addressPlace(source, address) };
  });
  plate.canvas.setAttribute("role", "img");
  plate.canvas.setAttribute("aria-label", `${rows} × ${columns} values`);
  plate.canvas.addEventListener("click", (event) => {
    const cell = plate.clickedCell(event);
    const address = cell && cells[place(cell)];
    if (address) follow(address);
  });
  plate.resize(arrange(1, rows, columns, cellFor(1, rows, columns, SIDE * ratio, 0, Math.floor), 0), ratio, SIDE);
  plate.draw(colours.map((colour, at) => (cells[at] ? colour : GAP_COLOUR)));
  const marked = { row: Math.floor(winner / columns), column: winner % columns, height: 1, width: 1 };
  plate.frame(winner === -1 ? null : marked, "read");
  return element("div", { class: "heat-map" }, plate.element);
}

/** A link to the largest value, for keyboard users. @param {PoolExplanation} explanation @param {Follow} follow */
function largestLink({ cells, values, source }, follow) {
  const largest = values.reduce((/** @type {number} */ best, value, at) => {
    const record = values[best] ?? -Infinity;
    return value !== null && value > record ? at : best;
  }, 0);
  const [address, value] = [cells[largest], values[largest]];
  if (!address || value === null) return paragraph();
  return paragraph("Its largest value is ", link(numberText(value), address, follow), `, ${addressPlace(source, address)}.`);
}
