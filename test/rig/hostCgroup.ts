import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { delay } from './processes.ts';

interface Hierarchy {
  readonly mountPoint: string;
  /** As mount(8) takes it: `-t cgroup -o memory`, `-t cgroup2`. */
  readonly mountWords: string;
}

/** The machine's cgroup hierarchies: several of version 1, or the one of version 2, or both. */
function hierarchies(): Hierarchy[] {
  return readFileSync('/proc/mounts', 'utf8').split('\n').flatMap((line) => {
    const [, mountPoint, type, options] = line.split(' ');
    if (!mountPoint?.startsWith('/sys/fs/cgroup')) return [];
    if (type === 'cgroup2') return [{ mountPoint, mountWords: '-t cgroup2' }];
    if (type !== 'cgroup') return [];
    const general = new Set(['rw', 'ro', 'nosuid', 'nodev', 'noexec', 'relatime', 'xattr', 'clone_children', 'noprefix']);
    const own = options!.split(',').filter((option) => !general.has(option) && !option.startsWith('release_agent='));
    return [{ mountPoint, mountWords: `-t cgroup -o ${own.some((each) => each.startsWith('name=')) ? 'none,' : ''}${own.join(',')}` }];
  });
}

/**
 * One cgroup in every hierarchy of the machine, which is the root of what the host sees: everything it makes lies below,
 * and goes with it.
 */
export class HostCgroup {
  readonly #name: string;
  readonly #hierarchies: readonly Hierarchy[];

  constructor(name: string) {
    this.#name = name;
    this.#hierarchies = hierarchies();
  }

  create(): void {
    for (const { mountPoint } of this.#hierarchies) {
      const folder = join(mountPoint, this.#name);
      mkdirSync(folder, { recursive: true });
      // Version 1's cpuset takes no process before it has been given processors and memory nodes.
      for (const file of ['cpuset.cpus', 'cpuset.mems']) {
        if (existsSync(join(folder, file)) && existsSync(join(mountPoint, file))) writeFileSync(join(folder, file), readFileSync(join(mountPoint, file)));
      }
    }
  }

  /** Shell text which moves the shell that runs it (on the machine's side) into the cgroup. */
  joinText(): string {
    return this.#hierarchies.map(({ mountPoint }) => `echo $$ > ${join(mountPoint, this.#name, 'cgroup.procs')}`).join('; ');
  }

  /** Shell text which, in the host's own cgroup namespace, mounts the hierarchies with this cgroup as their root. */
  mountText(): string {
    const [first] = this.#hierarchies;
    if (!first) return ':';
    if (first.mountPoint === '/sys/fs/cgroup') return `mount ${first.mountWords} cgroup /sys/fs/cgroup`;
    return ['mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup']
      .concat(this.#hierarchies.map(({ mountPoint, mountWords }) => `mkdir ${mountPoint} && mount ${mountWords} cgroup ${mountPoint}`))
      .join(' && ');
  }

  /** Removes the cgroups, which processes that are still dying may hold for a moment. */
  async remove(): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        for (const { mountPoint } of this.#hierarchies) removeTree(join(mountPoint, this.#name));
        return;
      } catch (error) {
        if (attempt === 1200) throw error;
        await delay(50);
      }
    }
  }
}

function removeTree(folder: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) removeTree(join(folder, entry.name));
  rmdirSync(folder);
}
