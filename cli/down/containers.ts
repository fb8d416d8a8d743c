import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import Docker from 'dockerode';
import type { Clock } from '../../process/clock.ts';
import { LABEL_CLUSTER } from '../../kubelet/runtime/docker/labels.ts';
import type { ClusterSettings } from '../clusterSettings.ts';
import { askEngine } from '../up/hostFacts.ts';

const FORWARDING = '/proc/sys/net/ipv4/ip_forward';

/** Removes every container of this cluster, running or not; gives how many there were. */
export async function removeContainers({ instance, dockerSocket }: ClusterSettings): Promise<number> {
  const docker = new Docker({ socketPath: dockerSocket });
  const labelled = await docker.listContainers({ all: true, filters: { label: [LABEL_CLUSTER] } });
  const containers = labelled.filter(({ Labels }) => Labels[LABEL_CLUSTER] === instance);
  await Promise.all(
    containers.map(async ({ Id }) => {
      try {
        await docker.getContainer(Id).remove({ force: true, v: true });
      } catch (error) {
        // Gone, or being removed by somebody else.
        const status = (error as { statusCode?: number }).statusCode;
        if (status !== 404 && status !== 409) throw error;
      }
    }),
  );
  return containers.length;
}

/** How many containers the engine has, running or not, whoever made them. */
export async function countContainers({ dockerSocket }: ClusterSettings): Promise<number> {
  return (await new Docker({ socketPath: dockerSocket }).listContainers({ all: true })).length;
}

/** Runs the action with a Docker engine of our own, which ends afterwards. */
export async function withEngine(program: readonly string[], { dockerSocket }: ClusterSettings, clock: Clock, action: () => Promise<void>): Promise<void> {
  // An engine turns forwarding on when it starts, and leaves it so.
  const forwarding = readFileSync(FORWARDING, 'utf8');
  const child = spawn(program[0]!, program.slice(1), { stdio: 'ignore', cwd: '/' });
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  try {
    for (const end = clock.monotonic() + 30_000; !(await askEngine(dockerSocket)); await clock.sleep(100)) {
      if (clock.monotonic() > end || child.exitCode !== null) throw new Error('Docker does not start, so that the containers cannot be removed');
    }
    await action();
  } finally {
    child.kill('SIGTERM');
    await ended;
    writeFileSync(FORWARDING, forwarding);
  }
}
