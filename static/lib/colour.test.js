import assert from "node:assert/strict";
import { test } from "node:test";
import { accentColours, contrast, readableOn } from "./colour.js";

test("contrast is that of WCAG", () => {
  assert.equal(Math.round(contrast("#000000", "#ffffff")), 21);
  assert.ok(Math.abs(contrast("#777777", "#ffffff") - 4.48) < 0.01);
});

test("any accent gets text colours that pass 4.5:1", () => {
  for (const accent of ["#f2a31b", "#ffff00", "#000000", "#ffffff", "#7f7f7f", "#0033ff", "#ff0044", "#888888"]) {
    const colours = accentColours(accent);
    assert.ok(contrast(colours.accent, colours.on_accent) >= 4.5, accent);
    assert.ok(contrast(colours.text_on_light, "#ffffff") >= 4.5, accent);
    assert.ok(contrast(colours.text_on_dark, "#1d1a17") >= 4.5, accent);
  }
});

test("a readable colour stays as it is, and nonsense is no accent", () => {
  assert.equal(readableOn("#00205b", "#ffffff"), "#00205b");
  assert.equal(accentColours("red; background: url(x)"), null);
  assert.equal(accentColours(null), null);
});
