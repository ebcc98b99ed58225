// The Docker Engine over its socket, as far as the bench needs it.

import { request } from "node:http";

const HOST = process.env.DOCKER_HOST || "unix:///var/run/docker.sock";

function place() {
  if (HOST.startsWith("unix://")) return { socketPath: HOST.slice("unix://".length) };
  const { hostname, port } = new URL(HOST.replace("tcp://", "http://"));
  return { hostname, port };
}

/** Asks the engine; rejects where it answers with an error. Gives the answer's body as text. */
export function ask(method, path) {
  return new Promise((resolve, reject) => {
    const asking = request({ ...place(), method, path, headers: { host: "docker" } }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => {
        const text = Buffer.concat(parts).toString();
        if (answer.statusCode < 400) resolve(text);
        else reject(new Error(`the engine answered ${answer.statusCode} to ${path}: ${text}`));
      });
    });
    asking.on("error", reject);
    asking.end();
  });
}

/** Calls `heard` with every event of a container, until the function it resolves with is called. */
export function follow(container, heard) {
  const filters = encodeURIComponent(JSON.stringify({ type: ["container"], container: [container] }));
  return new Promise((resolve, reject) => {
    const asking = request({ ...place(), path: `/events?filters=${filters}`, headers: { host: "docker" } }, (answer) => {
      let rest = "";
      answer.on("data", (part) => {
        const lines = (rest + part).split("\n");
        rest = lines.pop();
        for (const line of lines.filter(Boolean)) heard(JSON.parse(line));
      });
      answer.on("error", () => {});
      resolve(() => asking.destroy());
    });
    asking.on("error", reject);
    asking.end();
  });
}
