import Docker from 'dockerode';
import type { V1Pod } from '../../api/generated/types.ts';
import type { Draft } from '../../api/meta.ts';
import type { ClientConfig } from '../../client/clientConfig.ts';
import { Pods } from '../../client/resources.ts';
import { RestClient } from '../../client/restClient.ts';
import { systemClock } from '../../process/clock.ts';
import type { Figure } from './figures.ts';
import { quantile } from './load.ts';

const SINGLE_RUNS = 5;
const BURST = 30;
const DEADLINE_MILLISECONDS = 120_000;

const pod = (name: string): Draft<V1Pod> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'web', image: 'web:1' }] },
});

/** Milliseconds from the request that creates pods until the API shows them Running; and what the engine takes by itself for the same containers. */
export async function podFigures(config: ClientConfig): Promise<Figure[]> {
  const client = new RestClient(config, { component: 'bench', clock: systemClock });
  await untilRunning(client, ['warm-up']);
  const single: number[] = [];
  for (let run = 0; run < SINGLE_RUNS; run += 1) single.push(await untilRunning(client, [`one-${run}`]));
  const burst = await untilRunning(client, Array.from({ length: BURST }, (_, index) => `burst-${index}`));
  const bareOne = await bareContainers(1);
  const bareBurst = await bareContainers(BURST);
  client.close();
  return [
    { name: 'one pod, create to Running', value: quantile(single, 0.5) / 1000, unit: 's', reference: 1.0 },
    { name: `${BURST} pods at once, create to all Running`, value: burst / 1000, unit: 's', reference: 8.0 },
    { name: 'the bare engine: two containers, created and started', value: bareOne / 1000, unit: 's' },
    { name: `the bare engine: ${2 * BURST} containers, 4 at a time`, value: bareBurst / 1000, unit: 's' },
  ];
}

async function untilRunning(client: RestClient, names: readonly string[]): Promise<number> {
  const stop = new AbortController();
  const timer = systemClock.setTimeout(() => stop.abort(), DEADLINE_MILLISECONDS);
  const { metadata } = await client.list(Pods, { namespace: 'default' });
  const waiting = new Set(names);
  const began = performance.now();
  const watching = (async (): Promise<number> => {
    for await (const event of client.watch(Pods, { namespace: 'default', resourceVersion: metadata.resourceVersion ?? '', signal: stop.signal })) {
      const seen = event.object as V1Pod;
      if (event.type === 'MODIFIED' && seen.status?.phase === 'Running') waiting.delete(seen.metadata.name);
      if (waiting.size === 0) return performance.now() - began;
    }
    throw new Error(`not Running in time: ${[...waiting].join(' ')}`);
  })();
  await Promise.all(names.map((name) => client.create(Pods, pod(name), 'default')));
  const milliseconds = await watching;
  stop.abort();
  timer.cancel();
  await Promise.all(names.map((name) => client.delete(Pods, name, 'default', { gracePeriodSeconds: 0 })));
  await systemClock.sleep(2000);
  return milliseconds;
}

/** A sandbox without network and a container that joins it, as for each pod; everything else of a pod is left out. */
async function bareContainers(pods: number): Promise<number> {
  const docker = new Docker({ socketPath: '/var/run/docker.sock' });
  const made: Docker.Container[] = [];
  let next = 0;
  const began = performance.now();
  const worker = async (): Promise<void> => {
    while (next < pods) {
      next += 1;
      const sandbox = await docker.createContainer({ Image: 'web:1', HostConfig: { NetworkMode: 'none' } });
      made.push(sandbox);
      await sandbox.start();
      const container = await docker.createContainer({ Image: 'web:1', HostConfig: { NetworkMode: `container:${sandbox.id}` } });
      made.push(container);
      await container.start();
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, pods) }, worker));
  const milliseconds = performance.now() - began;
  await Promise.all(made.map((container) => container.remove({ force: true })));
  return milliseconds;
}
