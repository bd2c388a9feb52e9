// @ts-check
// Loads uPlot, which draws axes and lines on a canvas. It is a script, not a module; see README.md.

import { library } from "../common/script.js";

export const uPlot = await library(new URL("./uPlot.min.js", import.meta.url), "uPlot");
