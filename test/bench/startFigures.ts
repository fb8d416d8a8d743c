import type { RigHost } from '../rig/host.ts';
import { loadImages } from '../rig/images.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import type { Figure } from './figures.ts';

const gantry = `${repositoryRoot}/bin/gantry`;

/**
 * Seconds on a machine that has been set up before (certificates, data, images and engine are there) until the API answers, the node is
 * Ready, and a first pod runs: from the start of etcd, as the reference was measured, and of the whole `gantry up`.
 */
export async function startFigures(host: RigHost): Promise<Figure[]> {
  process.stderr.write('measuring: start\n');
  await host.check([gantry, 'up'], { timeoutMilliseconds: 180_000 });
  await loadImages(host, { 'web:1': 'web' });
  await host.check([gantry, 'down'], { timeoutMilliseconds: 120_000 });
  await host.startDocker();

  const began = performance.now();
  // `up` says itself how long it waited for each: asking from outside would take one of two cores away from what is measured.
  const waits = [...(await host.check([gantry, 'up'], { timeoutMilliseconds: 180_000 })).matchAll(/\((\d+\.\d) s\)$/gm)].map(([, seconds]) => Number(seconds));
  const [api, node] = [waits[0]!, waits[0]! + waits[1]!];
  const whole = (performance.now() - began) / 1000;
  const before = (await etcdStart(host)) - began / 1000;
  await host.kubectl('1.32', ['run', 'first', '--image=web:1', '--restart=Never']);
  await host.kubectl('1.32', ['wait', '--for=jsonpath={.status.phase}=Running', 'pod/first', '--timeout=60s']);
  const firstPod = (performance.now() - began) / 1000;
  await host.kubectl('1.32', ['delete', 'pod', 'first', '--grace-period=0', '--force']);
  return [
    { name: 'start of etcd to API ready', value: api, unit: 's', reference: 3.6 },
    { name: 'start of etcd to node Ready', value: node, unit: 's', reference: 14.5 },
    { name: 'start of etcd to the first pod Running', value: firstPod - before, unit: 's', reference: 19.9 },
    { name: 'gantry up to the start of etcd', value: before, unit: 's' },
    { name: 'gantry up to its end (DNS answers)', value: whole, unit: 's' },
  ];
}

/** When the host's etcd started, in seconds of `performance.now()`; exact to 20 ms. */
async function etcdStart(host: RigHost): Promise<number> {
  const [ticks, uptime] = (await host.check(['sh', '-c', 'cut -d " " -f 22 /proc/$(pgrep -o -x etcd)/stat; cut -d " " -f 1 /proc/uptime'])).split('\n').map(Number);
  const TICKS_PER_SECOND = 100;
  return performance.now() / 1000 - (uptime! - ticks! / TICKS_PER_SECOND);
}
