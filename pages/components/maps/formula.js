// The parts an explanation is drawn from: numbers, links to other numbers, equations, tables, a plotted function.

/** A number as text, all its digits as the title. */
function numberText(value, tag = "span") {
  return element(tag, { class: "number-text", title: spoken(value) }, exact(value));
}

/** All digits of a number. */
function spoken(value) {
  return String(value).replaceAll("-", MINUS);
}

/** What a number is called: its section, and its map, unit, class or channel. */
function addressName({ kind, name, labels }, { index }) {
  if (kind === "picture") return name;
  return `${name} · ${labels?.[index] ?? index}`;
}

const CHANNEL_NAMES = ["red", "green", "blue"];

/** Where a number lies within its map; nothing for a vector. */
function addressPlace({ kind, shape }, { index, row, column }) {
  if (kind === "bars" || kind === "strip") return "";
  const channel = kind === "picture" && shape[2] === 3 ? `, ${CHANNEL_NAMES[index]}` : "";
  return `row ${row}, column ${column}${channel}`;
}

/** A button that leads to another number. @param {(address: Address) => void} follow */
function link(text, address, follow, title = "Follow this number to its layer") {
  const button = element("button", { class: "link", type: "button", title }, text);
  button.addEventListener("click", () => follow(address));
  return button;
}

/**
 * Numbers over what they are, with signs between them: [sign, value, label], ...
 * @param {[string, number|string, string|Node][]} parts the sign may be ""
 */
function equation(...parts) {
  const nodes = parts.flatMap(([sign, value, label]) => [
    ...(sign ? [element("span", { class: "sign" }, sign)] : []),
    element("span", { class: "part" },
      typeof value === "number" ? numberText(value, "strong") : element("strong", {}, value),
      element("small", {}, label)),
  ]);
  return element("div", { class: "equation" }, ...nodes);
}

/** "+ x" or "− |x|". @returns {[string, number]} */
function added(value) {
  return value < 0 ? [MINUS, -value] : ["+", value];
}

/** "=", or "≈" where float32 has rounded what is shown. */
function equals({ total, value }) {
  return exact(total) === exact(value) ? "=" : "≈";
}

/** A table of numbers: names of its columns, then its rows; a cell is a number, a text or a node. */
function numberTable(columns, rows) {
  const cell = (content) => element("td", {}, typeof content === "number" ? numberText(content) : content);
  const head = element("thead", {}, element("tr", {}, ...columns.map((name) => element("th", {}, name))));
  const body = element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map(cell))));
  return element("table", {}, head, body);
}

/** A value as a bar from the middle of its cell, by its share of the limit. */
function smallBar(value, limit) {
  const bar = element("span", { class: "small-bar" }, element("span", { class: "fill" }));
  stretchBar(bar, value, limit, true);
  return bar;
}

const PLOT = { width: 300, height: 132, margin: 8, points: 120 };

function svg(tag, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** The graph of a function, with one of its points marked. */
function plot(apply, x, y) {
  const { width, height, margin, points } = PLOT;
  const reach = Math.max(3, 1.25 * Math.abs(x)); // to either side of zero
  const xs = Array.from({ length: points + 1 }, (_, at) => reach * ((2 * at) / points - 1));
  const ys = xs.map(apply);
  const [low, high] = [Math.min(0, ...ys), Math.max(0, ...ys)];
  const left = (value) => margin + ((value + reach) / (2 * reach)) * (width - 2 * margin);
  const top = (value) => height - margin - ((value - low) / (high - low)) * (height - 2 * margin);
  const line = (kind, x1, y1, x2, y2) =>
    svg("line", { class: kind, x1: left(x1), y1: top(y1), x2: left(x2), y2: top(y2) });
  const curve = xs.map((at, i) => `${left(at).toFixed(1)},${top(ys[i]).toFixed(1)}`).join(" ");
  const picture = svg("svg", { class: "plot", viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  picture.append(line("axis", -reach, 0, reach, 0), line("axis", 0, low, 0, high));
  picture.append(svg("polyline", { class: "curve", points: curve }));
  if (Number.isFinite(y)) {
    picture.append(line("drop", x, 0, x, y), line("drop", 0, y, x, y));
    picture.append(svg("circle", { class: "point", cx: left(x), cy: top(y), r: 5 }));
  }
  return picture;
}
