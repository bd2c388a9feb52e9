// @ts-check
// Reads a message from standard input, explains every number of every section, and writes JSON:
// section -> [value, total of its parts], map by map, row by row.

import { readFileSync } from "node:fs";

import { explain } from "../../pages/components/maps/explain.js";
import { extent, readMessage } from "../../pages/components/maps/sections.js";

const message = readMessage(new Uint8Array(readFileSync(0)));
/** @type {Record<string, number[][]>} */
const found = {};
for (const section of message.sections) {
  const { count, height, width } = extent(section);
  found[section.name] = Array.from({ length: count * height * width }, (_, at) => {
    const index = Math.floor(at / (height * width));
    const row = Math.floor(at / width) % height;
    const { value, total } = explain(message, { section: section.name, index, row, column: at % width });
    return [value, total];
  });
}
process.stdout.write(JSON.stringify(found));
