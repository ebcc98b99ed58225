import { stack } from "./stack";

/** Starts the sample platform, once for all tests; without a Docker Engine none of them runs. */
export default function globalSetup(): void {
  const said = stack("up");
  const host = said.match(/^DOCKER_HOST=(\S+)$/m)?.[1];
  if (!host) throw new Error(`stack.sh up named no DOCKER_HOST:\n${said}`);
  // Tests and the consoles that they start inherit it.
  process.env.DOCKER_HOST = host;
}
