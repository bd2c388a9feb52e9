// @ts-check
// uPlot, which draws axes and lines on a canvas. It is published as a script, see README.md.

import { library } from "../common/script.js";

export const uPlot = await library(new URL("./uPlot.min.js", import.meta.url), "uPlot");
