import { readFile, statfs } from 'node:fs/promises';
import { arch, cpus, networkInterfaces, release, totalmem } from 'node:os';
import { codeOf, isMissing } from '../errorText.ts';

/** What a node's status says of its machine. Sizes in bytes. */
export interface HostInfo {
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly storageBytes: number;
  readonly machineID: string;
  readonly systemUUID: string;
  readonly bootID: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  /** Go's name: `amd64`, `arm64`. */
  readonly architecture: string;
  /** Bounding set of capabilities holds CAP_SYS_RESOURCE. */
  readonly canLowerOomScore: boolean;
}

const CAP_SYS_RESOURCE = 24n;

export async function readHostInfo(rootDir: string): Promise<HostInfo> {
  const storage = await statfs(rootDir);
  const machineID = await read('/etc/machine-id');
  return {
    cpus: cpus().length,
    memoryBytes: totalmem(),
    storageBytes: storage.blocks * storage.bsize,
    machineID,
    systemUUID: (await read('/sys/class/dmi/id/product_uuid')) || machineID,
    bootID: await read('/proc/sys/kernel/random/boot_id'),
    kernelVersion: release(),
    osImage: /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(await read('/etc/os-release'))?.[1] ?? 'Unknown',
    architecture: arch() === 'x64' ? 'amd64' : arch(),
    canLowerOomScore: hasSysResource(await read('/proc/self/status')),
  };
}

/** Reads the `CapBnd` line of /proc/self/status. */
export function hasSysResource(status: string): boolean {
  const set = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return set === undefined || ((BigInt(`0x${set}`) >> CAP_SYS_RESOURCE) & 1n) === 1n;
}

/** The host's addresses that others can reach: IPv4 first, none of the loopback, links alone or of the pods' bridges. */
export function hostAddresses(): readonly string[] {
  const all = Object.entries(networkInterfaces()).flatMap(([name, addresses]) => (/^(cni|docker|veth|br-|svc)/.test(name) ? [] : (addresses ?? [])));
  const usable = all.filter(({ internal, address }) => !internal && !address.startsWith('fe80:') && !address.startsWith('169.254.'));
  return ['IPv4', 'IPv6'].flatMap((family) => usable.find((each) => each.family === family)?.address ?? []);
}

async function read(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    // Not every machine has each of these.
    if (isMissing(error) || codeOf(error) === 'EACCES') return '';
    throw error;
  }
}
