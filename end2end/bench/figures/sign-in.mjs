// How many sign-in pages are served a second.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { Console } from "../console.mjs";

async function wrk(url, seconds) {
  const args = ["--threads", "1", "--connections", "64", "--duration", `${seconds}s`, "--latency", url];
  const { stdout } = await promisify(execFile)("wrk", args, { encoding: "utf8" });
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`wrk: ${stdout.match(/.*(Non-2xx|Socket errors).*/)[0].trim()}`);
  return Number(stdout.match(/Requests\/sec:\s+([\d.]+)/)[1]);
}

/** Takes the figure. */
export async function measure(tell) {
  const running = await Console.start(process.env.DOCKER_HOST);
  try {
    await wrk(`${running.url}/sign-in`, 3);
    const pages = await wrk(`${running.url}/sign-in`, 10);
    const bare = await wrk(`${running.url}/healthz`, 10);
    tell(`${Math.round(pages)} pages/s, ${Math.round(bare)} bare answers/s`);
    return [{ figure: "sign-in page", measured: pages, unit: "/s", limit: 5000, atLeast: true, peer: { name: "/healthz, which renders nothing (no bare Leptos page is built here; one gave 15,862 /s when the limit was set)", value: bare } }];
  } finally {
    await running.remove();
  }
}
