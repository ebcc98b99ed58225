// What a first visit loads before the page hydrates.

import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Takes the figure. */
export async function measure(tell) {
  const manifest = JSON.parse(readFileSync(join(process.env.YTOPS_SITE, "manifest.json"), "utf8"));
  if (manifest.dev) throw new Error("the site was built for development");
  const kilobytes = (name, form) => manifest.sizes[name][form] / 1000;
  const [wasm, js] = [manifest.wasm, manifest.js].map((name) => kilobytes(name, "br"));
  tell(`wasm ${wasm.toFixed(1)} kB, script ${js.toFixed(1)} kB, style sheet ${kilobytes(manifest.css, "br").toFixed(1)} kB`);
  const raw = kilobytes(manifest.wasm, "raw") + kilobytes(manifest.js, "raw");
  return [{ figure: "first load, wasm + script, brotli", measured: wasm + js, unit: "kB", limit: 350, peer: { name: "uncompressed", value: raw } }];
}
