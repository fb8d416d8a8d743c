import type { V1NodeList } from '../../api/generated/types.ts';
import type { RigHost } from '../rig/host.ts';
import { loadImages } from '../rig/images.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import type { Figure } from './figures.ts';

const gantry = `${repositoryRoot}/bin/gantry`;
const POLL_MILLISECONDS = 20;

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
  const up = host.exec([gantry, 'up'], { timeoutMilliseconds: 180_000 });
  const seconds = async (ask: readonly string[], isThere: (output: string) => boolean): Promise<number> => {
    for (;;) {
      const { code, stdout } = await host.exec(ask, { timeoutMilliseconds: 10_000 });
      if (code === 0 && isThere(stdout)) return (performance.now() - began) / 1000;
      if (performance.now() - began > 180_000) throw new Error(`${ask.join(' ')} did not come true in time`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
    }
  };
  const api = await seconds(['curl', '-sk', 'https://127.0.0.1:6443/readyz'], (output) => output === 'ok');
  const ready = await seconds(
    ['sh', '-c', 'curl -sk --cert /etc/kubernetes/pki/apiserver-kubelet-client.crt --key /etc/kubernetes/pki/apiserver-kubelet-client.key https://127.0.0.1:6443/api/v1/nodes'],
    isNodeReady,
  );
  const { code, stderr } = await up;
  if (code !== 0) throw new Error(`gantry up: ${stderr}`);
  const whole = (performance.now() - began) / 1000;
  const before = (await etcdStart(host)) - began / 1000;
  await host.kubectl('1.32', ['run', 'first', '--image=web:1', '--restart=Never']);
  await host.kubectl('1.32', ['wait', '--for=jsonpath={.status.phase}=Running', 'pod/first', '--timeout=60s']);
  const firstPod = (performance.now() - began) / 1000;
  await host.kubectl('1.32', ['delete', 'pod', 'first', '--grace-period=0', '--force']);
  return [
    { name: 'start of etcd to API ready', value: api - before, unit: 's', reference: 3.6 },
    { name: 'start of etcd to node Ready', value: ready - before, unit: 's', reference: 14.5 },
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

function isNodeReady(output: string): boolean {
  const { items = [] } = JSON.parse(output) as Partial<V1NodeList>;
  return items.some(({ status }) => status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True'));
}
