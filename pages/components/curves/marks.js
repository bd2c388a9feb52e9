// @ts-check
// How a chart of learning curves looks: its colours and axes, and its marks (levels, changes of the learning rate, the
// best epoch).

import { asLines, clearPosition, levelPosition } from "./lines.js";

const FONT_SIZE = 13; // px

/**
 * The colours and the font of the page, light or dark.
 * @typedef {{text: string, grid: string, background: string, font: string}} Theme
 */

/** @param {Element} node @returns {Theme} */
export function themeOf(node) {
  const style = getComputedStyle(node);
  /** @param {string} name */
  const color = (name) => style.getPropertyValue(name).trim();
  return {
    text: color("--st-text-color"),
    grid: color("--st-border-color"),
    background: color("--st-background-color"),
    font: color("--st-font") || "sans-serif",
  };
}

/** What both axes of a chart have in common, for uPlot. @param {Theme} theme */
export function axisOf({ text, grid, font: family }) {
  const font = `${FONT_SIZE}px ${family}`;
  const border = { show: true, width: 1, stroke: grid };
  return { stroke: text, font, labelFont: font, labelSize: 20, ticks: { show: false }, border };
}

/** Draws on the canvas of a chart; positions and lengths are in canvas pixels. */
export class Marks {
  /**
   * @param {any} uplot
   * @param {Theme} theme
   * @param {number} px canvas pixels per CSS pixel
   */
  constructor(uplot, theme, px) {
    this.uplot = uplot;
    this.theme = theme;
    this.px = px;
    /** @type {CanvasRenderingContext2D} */
    this.context = uplot.ctx;
    const { left, top, width, height } = uplot.bbox;
    this.frame = { left, top, right: left + width, bottom: top + height };
  }

  /** @param {number} x @param {number} y @returns {[number, number]} */
  pointOf(x, y) {
    return [this.uplot.valToPos(x, "x", true), this.uplot.valToPos(y, "y", true)];
  }

  /** Lines as they are drawn. @param {import("./lines.js").Line[]} lines */
  drawn(lines) {
    return lines.map((line) => line.x.map((at, i) => this.pointOf(at, line.y[i])));
  }

  /**
   * The levels inside the chart with the places of their texts, which cover neither each other nor the lines.
   * @param {import("./lines.js").CurveData["levels"]} levels
   * @param {import("./lines.js").Line[]} lines
   */
  placed(levels, lines) {
    const { frame, px } = this;
    this.context.font = this.font;
    const avoided = this.drawn(lines);
    return levels.flatMap((level) => {
      const height = this.uplot.valToPos(level.y, "y", true);
      if (height < frame.top || height > frame.bottom) return [];
      const place = levelPosition(height, this.context.measureText(level.text).width, avoided, frame, px);
      avoided.push(...asLines(place.box));
      return [{ ...level, height, ...place }];
    });
  }

  /** @param {import("./lines.js").CurveData} curve @param {import("./lines.js").Line[]} lines that texts should not cover */
  drawBehind({ levels, changes }, lines) {
    const { context, px } = this;
    const { left, top, right, bottom } = this.frame;
    context.save();
    context.beginPath();
    context.rect(left, top, right - left, bottom - top);
    context.clip();
    for (const { text, color, height, align, baseline } of this.placed(levels, lines)) {
      this.dotted(color, [left, height], [right, height]);
      this.write(text, this.theme.text, baseline.x, baseline.y, align);
    }
    changes.forEach(({ x, text }, i) => {
      const place = this.uplot.valToPos(x, "x", true);
      const row = top + (14 + 16 * (i % 3)) * px; // three rows: texts of close changes do not overlap
      this.dotted(this.theme.text, [place, top], [place, bottom]);
      this.writeBeside(text, place, row, 5 * px);
    });
    context.restore();
  }

  /**
   * Draws a star with a text near it, if the point is inside the chart.
   * @param {{x: number, y: number, text: string}} best
   * @param {string} color
   * @param {import("./lines.js").Line[]} lines that the text should not cover
   * @param {import("./lines.js").CurveData["levels"]} levels
   */
  drawBest(best, color, lines, levels) {
    const { context, px, frame } = this;
    const [x, y] = this.pointOf(best.x, best.y);
    if (x < frame.left || x > frame.right || y < frame.top || y > frame.bottom) return;
    context.save();
    context.fillStyle = color;
    context.strokeStyle = this.theme.background;
    context.lineWidth = 1.5 * px;
    const star = starAt(x, y, 10 * px);
    context.stroke(star);
    context.fill(star);
    context.font = this.font;
    const width = context.measureText(best.text).width;
    const placed = this.placed(levels, lines).flatMap(({ height, box }) => [
      /** @type {[number, number][]} */ ([[frame.left, height], [frame.right, height]]),
      ...asLines(box),
    ]);
    const { align, baseline } = clearPosition([x, y], width, [...this.drawn(lines), ...placed], frame, px);
    this.write(best.text, this.theme.text, baseline.x, baseline.y, align);
    context.restore();
  }

  /** @param {string} color @param {[number, number]} from @param {[number, number]} to */
  dotted(color, from, to) {
    const { context } = this;
    context.setLineDash([2 * this.px, 4 * this.px]);
    context.lineWidth = 1.5 * this.px;
    context.strokeStyle = color;
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.stroke();
  }

  /**
   * Writes a text to the right of a point, or to the left if it does not fit there.
   * @param {string} text
   * @param {number} x
   * @param {number} y
   * @param {number} distance
   */
  writeBeside(text, x, y, distance) {
    this.context.font = this.font;
    const fits = x + distance + this.context.measureText(text).width <= this.frame.right;
    this.write(text, this.theme.text, fits ? x + distance : x - distance, y, fits ? "left" : "right");
  }

  get font() {
    return `${FONT_SIZE * this.px}px ${this.theme.font}`;
  }

  /**
   * @param {string} text
   * @param {string} color
   * @param {number} x
   * @param {number} y
   * @param {CanvasTextAlign} align
   */
  write(text, color, x, y, align) {
    const { context } = this;
    context.font = this.font;
    context.textAlign = align;
    context.textBaseline = "alphabetic";
    context.setLineDash([]);
    context.lineWidth = 4 * this.px;
    context.strokeStyle = this.theme.background; // an outline, so that the text is readable on lines
    context.strokeText(text, x, y);
    context.fillStyle = color;
    context.fillText(text, x, y);
  }
}

/** @param {number} x @param {number} y @param {number} radius */
function starAt(x, y, radius) {
  const star = new Path2D();
  for (let corner = 0; corner < 10; corner += 1) {
    const [length, angle] = [corner % 2 ? 0.45 * radius : radius, (Math.PI * (corner - 2.5)) / 5];
    star.lineTo(x + length * Math.cos(angle), y + length * Math.sin(angle));
  }
  star.closePath();
  return star;
}
