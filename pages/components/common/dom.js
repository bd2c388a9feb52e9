// @ts-check
// Makes elements, and paints pixels on a canvas.

/** @typedef {Record<string, string|number|boolean|null|undefined>} Attributes those that are false, null or undefined are not set */

/**
 * Makes an element. Text is never parsed as markup, because names of folders and files may contain any.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} attributes
 * @param {...(Node|string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/**
 * Makes an SVG element.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} attributes
 * @param {...(Node|string)} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

/**
 * @template {Element} T
 * @param {T} node
 * @param {Attributes} attributes
 * @param {(Node|string)[]} children
 * @returns {T}
 */
function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children);
  return node;
}

/**
 * Makes a button.
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
 * A rectangle inside an element, as fractions of the element's width and height.
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
  if (!context) throw new Error("The browser cannot make another canvas.");
  return context;
}

/**
 * Fills a canvas with packed pixels; see color.js.
 * @param {HTMLCanvasElement} canvas
 * @param {Uint32Array} pixels
 * @param {number} width
 * @param {number} height
 */
export function paint(canvas, pixels, width, height) {
  // Setting the size, even to the same value, clears the canvas, which would flash.
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const bytes = new Uint8ClampedArray(/** @type {ArrayBuffer} */ (pixels.buffer), pixels.byteOffset, pixels.byteLength);
  contextOf(canvas).putImageData(new ImageData(bytes, width, height), 0, 0);
}

/** Scrolls the element into view, without animation if the user prefers reduced motion. @param {Element} node
 * @param {ScrollLogicalPosition} block */
export function bringIntoView(node, block = "nearest") {
  const behavior = reducesMotion() ? "instant" : "auto";
  node.scrollIntoView({ block, behavior });
}

/** Whether the user prefers reduced motion. */
export function reducesMotion() {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}
