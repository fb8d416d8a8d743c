import type { HostPort } from './podInfo.ts';

const EVERY_ADDRESS = '0.0.0.0';

/** The host ports that are taken on one node. */
export class HostPorts {
  /** By `protocol/port`: how many pods hold it on which address. */
  readonly #taken = new Map<string, Map<string, number>>();

  add(ports: readonly HostPort[]): void {
    for (const { ip, protocol, port } of ports) {
      const id = `${protocol}/${port}`;
      const addresses = this.#taken.get(id) ?? new Map<string, number>();
      this.#taken.set(id, addresses);
      addresses.set(ip, (addresses.get(ip) ?? 0) + 1);
    }
  }

  remove(ports: readonly HostPort[]): void {
    for (const { ip, protocol, port } of ports) {
      const addresses = this.#taken.get(`${protocol}/${port}`);
      const count = addresses?.get(ip) ?? 0;
      if (count > 1) addresses?.set(ip, count - 1);
      else addresses?.delete(ip);
    }
  }

  /** A port on every address clashes with the same port on any. */
  conflicts({ ip, protocol, port }: HostPort): boolean {
    const addresses = this.#taken.get(`${protocol}/${port}`);
    if (!addresses || addresses.size === 0) return false;
    return ip === EVERY_ADDRESS || addresses.has(ip) || addresses.has(EVERY_ADDRESS);
  }
}
