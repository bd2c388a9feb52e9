// @ts-check

import { svg } from "../common/dom.js";
import { GRAPH, graphOf } from "./graph.js";

/** The graph of a function with one point marked. @param {(x: number) => number} apply @param {number} x @param {number} y */
export function functionPlot(apply, x, y) {
  const { reach, low, high, across, up, points } = graphOf(apply, x);
  /** @param {string} kind @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 */
  const line = (kind, x1, y1, x2, y2) =>
    svg("line", { class: kind, x1: across(x1), y1: up(y1), x2: across(x2), y2: up(y2) });
  const curve = points.map(([left, top]) => `${left.toFixed(1)},${top.toFixed(1)}`).join(" ");
  const picture = svg("svg", { class: "plot", viewBox: `0 0 ${GRAPH.width} ${GRAPH.height}`, "aria-hidden": "true" });
  picture.append(line("axis", -reach, 0, reach, 0), line("axis", 0, low, 0, high));
  picture.append(svg("polyline", { class: "curve", points: curve }));
  if (Number.isFinite(y)) {
    picture.append(line("drop", x, 0, x, y), line("drop", 0, y, x, y));
    picture.append(svg("circle", { class: "point", cx: across(x), cy: up(y), r: 5 }));
  }
  return picture;
}
