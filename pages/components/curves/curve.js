// One chart of learning curves, as cnn/figures/curves.py describes it, on a canvas: uPlot draws the axes and lines.

const HEIGHT = 284; // px, without the legend
// Where a text may begin, beside what it is about: from there aside, with this share of it to the left of that.
const ASIDE = [
  { align: "left", aside: 10, share: 0 },
  { align: "right", aside: -10, share: 1 },
  { align: "center", aside: 0, share: 0.5 },
];
const BELOW = [22, -12, 40, 58]; // px from there to the line that the text stands on
const TICK_SPACE = 45; // px between the numbers of the axis below at least: room for "10,000"

const counted = (n) => n.toLocaleString("en-US");

/** Lines of different places as uPlot wants them: all places, and for each line its value there or undefined. */
function aligned(lines) {
  const places = [...new Set(lines.flatMap((line) => line.x))].sort((a, b) => a - b);
  const at = new Map(places.map((place, i) => [place, i]));
  const columns = lines.map((line) => {
    const column = new Array(places.length);
    line.x.forEach((place, i) => (column[at.get(place)] = line.y[i]));
    return column;
  });
  return [places, ...columns];
}

/** Where the column has a value, as near as can be; null if it has none. */
function nearest(column, at) {
  for (let far = 0; far < column.length; far += 1) {
    if (column[at - far] !== undefined) return at - far;
    if (column[at + far] !== undefined) return at + far;
  }
  return null;
}

/** Over how many pixels, from left to right, lines run through a box. */
function covered(lines, { left, right, top, bottom }) {
  let sum = 0;
  for (const points of lines) {
    for (let i = 1; i < points.length; i += 1) {
      const [[x0, y0], [x1, y1]] = [points[i - 1], points[i]];
      const [from, to] = [Math.max(x0, left), Math.min(x1, right)];
      if (from >= to) continue;
      const ends = [from, to].map((at) => y0 + ((at - x0) / (x1 - x0)) * (y1 - y0));
      if (Math.max(...ends) >= top && Math.min(...ends) <= bottom) sum += to - from;
    }
  }
  return sum;
}

/** Text, lines and ground as the page has them, in light and dark. */
function themeOf(element) {
  const style = getComputedStyle(element);
  const color = (name) => style.getPropertyValue(name).trim();
  return {
    text: color("--st-text-color"),
    grid: color("--st-border-color"),
    ground: color("--st-background-color"),
    font: color("--st-font") || "sans-serif",
  };
}

class Curve {
  constructor(parent) {
    this.uncut = false; // whether all is shown although a few values lie far above the others
    this.hidden = new Set(); // names of lines
    this.zoom = null; // {x: [from, to], y: [from, to] or null}
    this.legend = make("div", { className: "legend" });
    const all = make("button", { type: "button", className: "all", textContent: "Show all" });
    all.addEventListener("click", () => this.zoomTo(null));
    const save = make("button", { type: "button", title: "Save this chart as a picture", textContent: "PNG" });
    save.addEventListener("click", () => this.save());
    this.cutting = make("button", { type: "button", className: "cutting", hidden: true });
    this.cutting.addEventListener("click", () => {
      this.uncut = !this.uncut;
      this.show(this.curve);
    });
    const tools = make("div", { className: "tools" }, all, save);
    this.plot = make("div", { className: "plot", tabIndex: 0 });
    this.plot.setAttribute("role", "img");
    this.plot.addEventListener("keydown", (event) => this.step(event));
    this.plot.addEventListener("blur", () => this.uplot?.setCursor({ left: -10, top: -10 }));
    this.element = make("div", { className: "curve" }, this.legend, this.plot, tools, this.cutting);
    parent.append(this.element);
    this.resized = new ResizeObserver(() => this.fit());
    this.resized.observe(this.plot);
  }

  show(curve) {
    const theme = themeOf(this.element);
    const structure = JSON.stringify([theme, curve.lines.map(({ x, y, ...look }) => look)]);
    this.curve = curve;
    this.cutting.hidden = !curve.cut;
    this.cutting.textContent = this.uncut ? "Cut the peak" : `↑ ${curve.cut?.text}`;
    this.cutting.title = this.uncut ? "Show the other values larger" : "Show it, and all others smaller";
    this.data = aligned(curve.lines);
    if (structure !== this.structure) this.build(structure, theme);
    this.uplot.setData(this.data, false);
    this.rescale();
    this.tell();
  }

  build(structure, theme) {
    this.structure = structure;
    this.theme = theme;
    this.uplot?.destroy();
    this.legend.replaceChildren(...this.legendParts());
    this.uplot = new uPlot(this.options(), this.data, this.plot);
  }

  options() {
    const { curve, theme } = this;
    const font = `13px ${theme.font}`;
    const axis = { stroke: theme.text, font, labelFont: font, ticks: { show: false }, border: { show: true, width: 1, stroke: theme.grid } };
    return {
      width: this.plot.clientWidth || 300,
      height: HEIGHT,
      padding: [10, 20, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: false, range: (_, low, high) => this.zoom?.x ?? ranged(this.curve.x_range, low, high, 0) },
        y: { range: (_, low, high) => this.zoom?.y ?? this.heights(low, high) },
      },
      axes: [
        {
          ...axis,
          label: curve.x,
          labelSize: 20,
          size: 28,
          grid: { show: false },
          space: TICK_SPACE,
          incrs: wholeSteps(),
          values: (_, places) => places.map(counted),
        },
        {
          ...axis,
          label: curve.y,
          labelSize: 20,
          size: 44,
          grid: { stroke: theme.grid, width: 1 },
          ...(curve.percent && { values: (_, values) => values.map((value) => `${Math.round(100 * value)}%`) }),
        },
      ],
      series: [{}, ...curve.lines.map((line) => this.series(line))],
      cursor: {
        y: false,
        drag: { x: true, y: true, uni: 40, setScale: false },
        dataIdx: (_, number, at) => (number ? nearest(this.data[number], at) : at),
        bind: { dblclick: () => () => this.zoomTo(null) },
      },
      hooks: {
        drawAxes: [() => this.drawBehind()],
        draw: [() => this.drawBest()],
        setCursor: [() => this.tell()],
        setSelect: [() => this.zoomToSelection()],
      },
    };
  }

  heights(low, high) {
    const { cut, y_range } = this.curve;
    return cut && !this.uncut ? [y_range[0], cut.y] : ranged(y_range, low, high, 0.05);
  }

  series({ name, color, width, opacity, marks }) {
    const fill = marks === "open" ? this.theme.ground : color;
    return {
      show: !this.hidden.has(name),
      stroke: color,
      width,
      alpha: opacity,
      points: { show: marks !== "", size: 8, width: 1.5, stroke: color, fill },
    };
  }

  /** Draws what is between the ends of both axes, which the newest numbers may have moved. */
  rescale() {
    const places = this.data[0];
    this.uplot.setScale("x", { min: places[0] ?? 0, max: places.at(-1) ?? 1 });
  }

  fit() {
    const width = this.plot.clientWidth;
    if (this.uplot && width && width !== this.uplot.width) this.uplot.setSize({ width, height: HEIGHT });
  }

  // Zoom

  zoomToSelection() {
    const { left, top, width, height } = this.uplot.select;
    if (!width || !height) return;
    const between = (axis, from, size) => [from, from + size].map((at) => this.uplot.posToVal(at, axis)).sort((a, b) => a - b);
    const x = between("x", left, width);
    const y = height < this.uplot.over.clientHeight ? between("y", top, height) : null;
    this.uplot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.zoomTo({ x, y });
  }

  zoomTo(zoom) {
    this.zoom = zoom;
    this.element.classList.toggle("zoomed", Boolean(zoom));
    this.rescale();
  }

  // What is drawn besides the lines

  drawBehind() {
    const { ctx, bbox } = this.uplot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    for (const { y, text, color } of this.curve.levels) {
      const height = this.uplot.valToPos(y, "y", true);
      this.dotted(color, bbox.left, height, bbox.left + bbox.width, height);
      this.write(text, color, bbox.left + bbox.width, height - 4 * uPlot.pxRatio, "right");
    }
    this.curve.changes.forEach(({ x, text }, i) => {
      const place = this.uplot.valToPos(x, "x", true);
      const row = bbox.top + (14 + 16 * (i % 3)) * uPlot.pxRatio; // names of near changes do not cover each other
      this.dotted(this.theme.text, place, bbox.top, place, bbox.top + bbox.height);
      this.writeBeside(text, place, row, 5);
    });
    ctx.restore();
  }

  drawBest() {
    const { best } = this.curve;
    const { ctx, bbox } = this.uplot;
    if (!best || this.hidden.has("validation")) return;
    const [x, y] = [this.uplot.valToPos(best.x, "x", true), this.uplot.valToPos(best.y, "y", true)];
    if (x < bbox.left || x > bbox.left + bbox.width || y < bbox.top || y > bbox.top + bbox.height) return;
    const color = this.curve.lines.find(({ name }) => name === "validation").color;
    ctx.save();
    ctx.fillStyle = color;
    ctx.strokeStyle = this.theme.ground;
    ctx.lineWidth = 1.5 * uPlot.pxRatio;
    const star = starAt(x, y, 10 * uPlot.pxRatio);
    ctx.stroke(star);
    ctx.fill(star);
    const { align, baseline } = this.clearPlace(best.text, x, y);
    this.write(best.text, this.theme.text, baseline.x, baseline.y, align);
    ctx.restore();
  }

  /** Where a text near a place, below or above it, lies on the least of the lines. */
  clearPlace(text, x, y) {
    const { ctx, bbox } = this.uplot;
    const px = uPlot.pxRatio;
    ctx.font = this.font();
    const width = ctx.measureText(text).width;
    const lines = this.drawnLines();
    const places = ASIDE.flatMap(({ align, aside, share }) =>
      BELOW.map((below) => {
        const baseline = { x: x + aside * px, y: y + below * px };
        const left = baseline.x - share * width;
        const box = { left, right: left + width, top: baseline.y - 13 * px, bottom: baseline.y + 4 * px };
        const isIn =
          left >= bbox.left &&
          box.right <= bbox.left + bbox.width &&
          box.top >= bbox.top &&
          box.bottom <= bbox.top + bbox.height;
        const far = (Math.abs(below) * px) / 2;
        return { align, baseline, cost: covered(lines, box) + far + (isIn ? 0 : bbox.width) };
      }),
    );
    return places.reduce((one, other) => (other.cost < one.cost ? other : one));
  }

  /** The points of all lines on the canvas, but for those that are pale and everywhere. */
  drawnLines() {
    return this.curve.lines
      .filter(({ name, opacity }) => opacity === 1 && !this.hidden.has(name))
      .map(({ x, y }) => x.map((at, i) => [this.uplot.valToPos(at, "x", true), this.uplot.valToPos(y[i], "y", true)]));
  }

  dotted(color, x0, y0, x1, y1) {
    const { ctx } = this.uplot;
    ctx.setLineDash([2, 4].map((length) => length * uPlot.pxRatio));
    ctx.lineWidth = 1.5 * uPlot.pxRatio;
    ctx.strokeStyle = color;
    ctx.beginPath();
    ctx.moveTo(x0, y0);
    ctx.lineTo(x1, y1);
    ctx.stroke();
  }

  /** To the right of a place, so many pixels from it, or to its left if it would not fit there. */
  writeBeside(text, x, y, distance) {
    const { ctx, bbox } = this.uplot;
    const far = distance * uPlot.pxRatio;
    ctx.font = this.font();
    const fits = x + far + ctx.measureText(text).width <= bbox.left + bbox.width;
    this.write(text, this.theme.text, fits ? x + far : x - far, y, fits ? "left" : "right");
  }

  font() {
    return `${13 * uPlot.pxRatio}px ${this.theme.font}`;
  }

  write(text, color, x, y, align) {
    const { ctx } = this.uplot;
    ctx.font = this.font();
    ctx.textAlign = align;
    ctx.textBaseline = "alphabetic";
    ctx.setLineDash([]);
    ctx.lineWidth = 4 * uPlot.pxRatio;
    ctx.strokeStyle = this.theme.ground; // around the letters, so that they are read on lines, too
    ctx.strokeText(text, x, y);
    ctx.fillStyle = color;
    ctx.fillText(text, x, y);
  }

  // Numbers

  /** Puts the numbers under the pointer into the legend, and the newest ones while there is none. */
  tell() {
    const places = this.data[0];
    const last = places.length - 1;
    const at = Math.min(this.uplot?.cursor.idx ?? last, last);
    this.place.textContent = last < 0 ? "" : `${this.curve.x} ${counted(places[at])}`;
    const told = this.curve.lines.map(({ name }, i) => {
      const column = this.data[i + 1];
      const near = nearest(column, at);
      this.numbers[i].textContent = near === null ? "" : this.number(column[near]);
      return `${name} ${this.numbers[i].textContent || "none yet"}`;
    });
    this.plot.setAttribute("aria-label", `${this.curve.y} by ${this.curve.x}. ${this.place.textContent}: ${told.join(", ")}`);
  }

  number(value) {
    return this.curve.percent ? `${(100 * value).toFixed(1)}%` : value.toFixed(4);
  }

  /** Left and right move the cursor along the numbers, with Shift ten at a time; Escape shows all again. */
  step(event) {
    if (event.key === "Escape") this.zoomTo(null);
    const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!direction || !this.data[0].length) return;
    event.preventDefault();
    const from = this.uplot.cursor.idx ?? this.data[0].length - 1;
    const at = Math.max(0, Math.min(this.data[0].length - 1, from + direction * (event.shiftKey ? 10 : 1)));
    this.uplot.setCursor({ left: this.uplot.valToPos(this.data[0][at], "x"), top: 1 });
  }

  // Legend

  legendParts() {
    this.place = make("span", { className: "place" });
    this.numbers = this.curve.lines.map(() => make("output"));
    const keys = this.curve.lines.map((line, i) => {
      const key = make("button", { type: "button", title: "Hide or show this line" }, swatch(line), line.name, " ", this.numbers[i]);
      key.setAttribute("aria-pressed", !this.hidden.has(line.name));
      key.addEventListener("click", () => this.toggle(line.name, i + 1, key));
      return key;
    });
    return [...keys, this.place];
  }

  toggle(name, number, key) {
    const shown = this.hidden.delete(name) || !this.hidden.add(name);
    key.setAttribute("aria-pressed", shown);
    this.uplot.setSeries(number, { show: shown });
  }

  /** The chart and its legend on the ground of the page, as a file. */
  save() {
    const { canvas } = this.uplot.ctx;
    const head = 30 * uPlot.pxRatio;
    const picture = make("canvas", { width: canvas.width, height: canvas.height + head });
    const context = picture.getContext("2d");
    context.fillStyle = this.theme.ground;
    context.fillRect(0, 0, picture.width, picture.height);
    context.drawImage(canvas, 0, head);
    context.font = `${14 * uPlot.pxRatio}px ${this.theme.font}`;
    let x = 12 * uPlot.pxRatio;
    for (const { name, color } of this.curve.lines.filter(({ name }) => !this.hidden.has(name))) {
      context.fillStyle = color;
      context.fillText(name, x, 20 * uPlot.pxRatio);
      x += context.measureText(name).width + 16 * uPlot.pxRatio;
    }
    make("a", { href: picture.toDataURL("image/png"), download: `${this.curve.y}.png` }).click();
  }

  destroy() {
    this.resized.disconnect();
    this.uplot?.destroy();
    this.element.remove();
  }
}

/** The range of an axis: its fixed ends where it has them, else those of the data, with some room above. */
function ranged([from, to], low, high, room) {
  const bottom = from ?? low ?? 0;
  const top = to ?? high ?? 1;
  return [bottom, top > bottom ? top + (to === null ? room * (top - bottom) : 0) : bottom + 1];
}

/** Distances between ticks of an axis that counts. */
function wholeSteps() {
  return Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();
}

function starAt(x, y, radius) {
  const star = new Path2D();
  for (let corner = 0; corner < 10; corner += 1) {
    const [far, angle] = [corner % 2 ? 0.45 * radius : radius, (Math.PI * (corner - 2.5)) / 5];
    star.lineTo(x + far * Math.cos(angle), y + far * Math.sin(angle));
  }
  star.closePath();
  return star;
}

function swatch({ color, width, opacity, marks }) {
  const line = make("span", { className: `swatch ${marks}` });
  line.style.setProperty("--line", color);
  line.style.setProperty("--width", `${width}px`);
  line.style.opacity = opacity;
  return line;
}
