import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";

/**
 * A way to a Unix socket that can be shut: what goes through it is cut, as when a server is gone. Or stalled: nothing
 * goes through and nothing is cut, as when a server is frozen or its network is gone.
 */
export class Gate {
  private readonly open = new Map<Socket, Socket>();
  private isStalled = false;
  private server?: Server;
  private isShut = false;
  port = 0;

  constructor(private readonly target: string) {}

  /** Listens on a free port of the loopback interface. */
  async start(): Promise<void> {
    const server = createServer((near) => {
      if (this.isShut) return void near.destroy();
      const far = connect(this.target);
      for (const [one, other] of [[near, far], [far, near]]) {
        this.open.set(one, other);
        one.on("error", () => other.destroy());
        one.on("close", () => (this.open.delete(one), other.destroy()));
        if (!this.isStalled) one.pipe(other);
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  /** Cuts what is open and lets nothing through. */
  shut(): void {
    this.isShut = true;
    for (const socket of this.open.keys()) socket.destroy();
  }

  /** Takes all and hands on nothing. */
  stall(): void {
    this.isStalled = true;
    for (const [one, other] of this.open) one.unpipe(other).pause();
  }

  /** Lets through again, what was held back included. */
  reopen(): void {
    this.isShut = false;
    if (!this.isStalled) return;
    this.isStalled = false;
    for (const [one, other] of this.open) one.pipe(other);
  }

  /** Ends it. */
  async stop(): Promise<void> {
    this.shut();
    await new Promise<void>((resolve) => (this.server ? this.server.close(() => resolve()) : resolve()));
  }
}
