import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** The sample platform's compose project. */
export const PROJECT = "ytempire";
/** Its services, as stack/settings.sh names them. */
export const SERVICES = ["postgres", "redis", "backend", "frontend", "n8n", "nginx"];

const FOLDER = join(__dirname, "..", "stack");

function script(name: string, args: string[], env: NodeJS.ProcessEnv = {}): string {
  return execFileSync(join(FOLDER, name), args, {
    encoding: "utf8",
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** stack.sh: the platform's start, its failures on request. */
export const stack = (...args: string[]) => script("stack.sh", args);
/** engine.sh: the Docker Engine's start and end. */
export const engine = (verb: "start" | "stop" | "status") => script("engine.sh", [verb]);
/** hostile.sh: containers that mean harm; the long log line cut to what a test needs. */
export const hostile = (verb: "up" | "down") => script("hostile.sh", [verb], { LINE_BYTES: String(8 * 1024 * 1024) });

/** The Docker client, as someone at the server's shell would use it. */
export function docker(...args: string[]): string {
  return execFileSync("docker", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

/** The container of a service. */
export const container = (service: string) => `${PROJECT}_${service}`;
