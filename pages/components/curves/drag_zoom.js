// @ts-check
// Zooming by dragging: a rectangle over a chart becomes the ranges of its axes; a double click ends the zoom.

/** @typedef {{x: [number, number], y: [number, number]|null}} Zoom the ranges of the axes; y: null for all that is there */

/**
 * What uPlot needs for it: options of its cursor, and a hook for `setSelect`.
 * @param {(zoom: Zoom|null) => void} zoomTo null: all of the chart
 */
export function dragZoom(zoomTo) {
  return {
    cursor: {
      drag: { x: true, y: true, uni: 40, setScale: false }, // within 40 px of a line along an axis, only that one
      bind: { dblclick: () => () => zoomTo(null) },
    },
    /** @param {any} uplot */
    setSelect: (uplot) => {
      const zoom = selected(uplot);
      if (!zoom) return;
      uplot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false); // the rectangle has done its work
      zoomTo(zoom);
    },
  };
}

/** The part of a chart below its rectangle; null without one. @param {any} uplot @returns {Zoom|null} */
function selected(uplot) {
  const { left, top, width, height } = uplot.select;
  if (!width || !height) return null;
  /** @param {"x"|"y"} axis @param {number} from @param {number} size @returns {[number, number]} */
  const between = (axis, from, size) => {
    const ends = [from, from + size].map((at) => uplot.posToVal(at, axis));
    return [Math.min(...ends), Math.max(...ends)];
  };
  return { x: between("x", left, width), y: height < uplot.over.clientHeight ? between("y", top, height) : null };
}
