import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["**/*.min.js", ".venv/**", "runs/**"] },
  js.configs.recommended,
  {
    rules: { eqeqeq: "error", "no-var": "error", "prefer-const": "error" },
    linterOptions: { reportUnusedDisableDirectives: "error" },
  },
  { files: ["pages/components/**"], languageOptions: { globals: globals.browser } },
  { files: ["tests/js/**"], languageOptions: { globals: globals.node } },
];
