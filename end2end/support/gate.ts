import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";

/** A way to a Unix socket or a port of the loopback interface that can be shut: what goes through it is cut, as when a
 * server or its network is gone. Held, it cuts nothing and lets nothing through, as when a network dies without a word. */
export class Gate {
  private readonly open = new Set<Socket>();
  private readonly waiting = new Set<Socket>();
  private server?: Server;
  private state: "open" | "held" | "shut" = "open";
  port = 0;

  constructor(private readonly target: string | number) {}

  /** Listens on a free port of the loopback interface. */
  async start(): Promise<void> {
    const server = createServer((near) => {
      if (this.state === "shut") return void near.destroy();
      if (this.state === "held") return void this.waiting.add(near.pause());
      const far = typeof this.target === "number" ? connect(this.target, "127.0.0.1") : connect(this.target);
      for (const [one, other] of [[near, far], [far, near]]) {
        this.open.add(one);
        one.on("error", () => other.destroy());
        one.on("close", () => (this.open.delete(one), other.destroy()));
        one.pipe(other);
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  /** Cuts what is open and lets nothing through. */
  shut(): void {
    this.state = "shut";
    for (const socket of [...this.open, ...this.waiting]) socket.destroy();
    this.waiting.clear();
  }

  /** Cuts nothing, and lets nothing through. */
  hold(): void {
    this.state = "held";
    for (const socket of this.open) socket.pause();
  }

  /** Lets through again; what came while it was held is cut, and asks again. */
  reopen(): void {
    this.state = "open";
    for (const socket of this.waiting) socket.destroy();
    this.waiting.clear();
    for (const socket of this.open) socket.resume();
  }

  /** Ends it. */
  async stop(): Promise<void> {
    this.shut();
    await new Promise<void>((resolve) => (this.server ? this.server.close(() => resolve()) : resolve()));
  }
}
