// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { isAddressOf, isNewSight } from "../../../pages/components/address/sights.js";

const SIGHTS = { chosen: ["run", "unit"], shown: ["image", "layer"] };

/** @param {string} before @param {string} after */
const isNew = (before, after) => isNewSight(new URLSearchParams(before), new URLSearchParams(after), SIGHTS);

test("changing, adding or removing a chosen value is a new sight", () => {
  assert.equal(isNew("run=a", "run=b"), true);
  assert.equal(isNew("", "run=a"), true);
  assert.equal(isNew("run=a&unit=3", "run=a"), true);
});

test("changing a shown value is a new sight; adding or removing one only completes the address", () => {
  assert.equal(isNew("image=1", "image=2"), true);
  assert.equal(isNew("", "image=1&layer=conv1"), false);
  assert.equal(isNew("image=1&layer=conv1", "image=1"), false);
});

test("any other change is not a new sight", () => {
  assert.equal(isNew("run=a&step=1&image=1", "step=7&run=a&image=1&order=best"), false);
  assert.equal(isNew("filters=8%2C16&run=a", "filters=9%2C16&run=a"), false);
});

test("an address belongs to one page, whatever the app's own address is", () => {
  for (const app of ["http://127.0.0.1:8501", "https://hub.example/user/a/components/proxy/8501"]) {
    const module = `${app}/components/0123abcd/address/address.js`;
    assert.equal(isAddressOf("network", `${app}/network?run=a`, module), true);
    assert.equal(isAddressOf("network", `${app}/filters?run=a`, module), false);
    assert.equal(isAddressOf("", `${app}/?run=a`, module), true);
    assert.equal(isAddressOf("", app, module), true);
    assert.equal(isAddressOf("", `${app}/network`, module), false);
    assert.equal(isAddressOf("network", `${app}/`, module), false);
  }
});
