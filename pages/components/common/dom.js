// @ts-check
// Elements of the page, and pixels on a canvas.

/** @typedef {Record<string, string|number|boolean|null|undefined>} Attributes false, null and undefined are left out */

/**
 * Makes an element. Text is always set as text, never as markup: names may come from folders and files.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} attributes
 * @param {...(Node|string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/**
 * Makes an element of a drawing.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} attributes
 * @param {...(Node|string)} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

/**
 * @template {Element} T
 * @param {T} node
 * @param {Attributes} attributes
 * @param {(Node|string)[]} children
 * @returns {T}
 */
function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children);
  return node;
}

/**
 * A button that does something.
 * @param {string|Node} content
 * @param {() => void} action
 * @param {Attributes} attributes
 */
export function button(content, action, attributes = {}) {
  const node = element("button", { type: "button", ...attributes }, content);
  node.addEventListener("click", action);
  return node;
}

/** @param {Element} node @param {string} text */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Where something lies within something else, as fractions of its width and height.
 * @typedef {{left: number, top: number, width: number, height: number}} Box
 */

/** Places an absolutely positioned element within its parent, or hides it. @param {HTMLElement} node @param {Box|null} box */
export function placeBox(node, box) {
  node.hidden = !box;
  if (!box) return;
  node.style.left = `${box.left * 100}%`;
  node.style.top = `${box.top * 100}%`;
  node.style.width = `${box.width * 100}%`;
  node.style.height = `${box.height * 100}%`;
}

/**
 * The drawing context of a canvas.
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasRenderingContext2DSettings} [settings]
 */
export function contextOf(canvas, settings) {
  const context = canvas.getContext("2d", settings);
  if (!context) throw new Error("The browser has no room for another canvas.");
  return context;
}

/**
 * Fills a canvas with packed pixels, as color.js makes them.
 * @param {HTMLCanvasElement} canvas
 * @param {Uint32Array} pixels
 * @param {number} width
 * @param {number} height
 */
export function paint(canvas, pixels, width, height) {
  // Setting the size clears a canvas; leaving it alone lets new values replace old ones without a flash.
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const bytes = new Uint8ClampedArray(/** @type {ArrayBuffer} */ (pixels.buffer), pixels.byteOffset, pixels.byteLength);
  contextOf(canvas).putImageData(new ImageData(bytes, width, height), 0, 0);
}

/** Scrolls as little as needed, at once where the user asks for reduced motion. @param {Element} node */
export function bringIntoView(node) {
  const behavior = reducesMotion() ? "instant" : "auto";
  node.scrollIntoView({ block: "nearest", behavior });
}

/** Whether the user asks the system for little motion. */
export function reducesMotion() {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}
