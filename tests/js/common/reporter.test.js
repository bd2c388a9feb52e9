// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { Reporter } from "../../../pages/components/common/reporter.js";

test("one report is in flight at a time, then the latest follows", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  /** @type {unknown[]} */
  const sent = [];
  const reporter = new Reporter((report) => sent.push(report));
  for (const value of ["a", "b", "c"]) reporter.report(() => value);
  assert.deepEqual(sent, [{ number: 1, value: "a" }]);
  reporter.answer(1);
  assert.deepEqual(sent[1], { number: 2, value: "c" });
  reporter.answer(2);
  assert.equal(sent.length, 2);
});

test("a lost report does not block the next one", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  /** @type {unknown[]} */
  const sent = [];
  const reporter = new Reporter((report) => sent.push(report));
  reporter.report(() => "lost");
  reporter.report(() => "next");
  context.mock.timers.tick(1999);
  assert.equal(sent.length, 1);
  context.mock.timers.tick(1);
  assert.deepEqual(sent[1], { number: 2, value: "next" });
});

test("a component that is mounted again continues Python's numbers", () => {
  /** @type {unknown[]} */
  const sent = [];
  const reporter = new Reporter((report) => sent.push(report));
  reporter.answer(7);
  reporter.report(() => "x");
  assert.deepEqual(sent, [{ number: 8, value: "x" }]);
  reporter.destroy();
});
