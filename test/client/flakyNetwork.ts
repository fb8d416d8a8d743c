import net from 'node:net';
import type { AddressInfo } from 'node:net';

/** A way to a local port that a test can cut and restore. */
export interface FlakyNetwork {
  readonly port: number;
  /** Breaks every connection, and refuses new ones. */
  cut(): void;
  restore(): void;
  close(): Promise<void>;
}

export async function flakyNetwork(target: number): Promise<FlakyNetwork> {
  const sockets = new Set<net.Socket>();
  let open = true;
  const server = net.createServer((incoming) => {
    if (!open) {
      incoming.destroy();
      return;
    }
    const outgoing = net.connect(target, '127.0.0.1');
    for (const [from, to] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    open = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    restore: () => void (open = true),
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
