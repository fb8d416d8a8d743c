import { type ChildProcess, spawn } from 'node:child_process';
import { checkCommand } from '../../host/command.ts';
import { Conntrack } from '../../host/conntrack.ts';
import { type DockerHost, startDockerHost } from '../rig/docker.ts';
import { eventually } from '../rig/processes.ts';
import { IMAGE, makePod, shell, startWorkers, type WorkerRig } from './fixture.ts';

jest.setTimeout(300_000);

/** What a pod's network is, beyond an address. */
const FOREVER = 'trap "exit 0" TERM; while :; do sleep 0.1; done';
const NODE_ADDRESS = '10.240.0.11';
const PORT = 5300;
let host: DockerHost;
let rig: WorkerRig;
let sender: ChildProcess | undefined;

beforeAll(async () => {
  host = await startDockerHost();
  await host.loadBusybox(IMAGE);
  await checkCommand([...host.enter, 'ip', 'addr', 'add', `${NODE_ADDRESS}/32`, 'dev', 'lo']);
  rig = await startWorkers(host);
});

afterAll(async () => {
  sender?.kill();
  await rig?.stop();
  await host?.stop();
});

/** One flow that never pauses: always the same ends. */
function send(): void {
  const script = `const socket = require('node:dgram').createSocket('udp4'); socket.on('error', () => undefined);
    socket.bind(40000, () => setInterval(() => socket.send('x', ${PORT}, '${NODE_ADDRESS}', () => undefined), 50))`;
  const [command = '', ...prefix] = host.enter;
  sender = spawn(command, [...prefix, process.execPath, '-e', script], { stdio: 'ignore' });
}

const answering = async (): Promise<readonly string[]> => (await new Conntrack(host.enter).udpFlows()).filter(({ destinationPort }) => destinationPort === PORT).map(({ replySource }) => replySource);

test('a UDP flow follows its host port from pod to pod, without a pause', async () => {
  const pod = (name: string) => makePod(name, [shell('main', FOREVER, { ports: [{ containerPort: 53, hostPort: PORT, protocol: 'UDP' }] })]);
  const first = pod('first');
  rig.workers.update(first);
  const before = await rig.until(first.metadata.uid, ({ phase }) => phase === 'Running');
  // The kernel forgets no flow while the sender has to wait for its turn.
  await checkCommand([...host.enter, 'sh', '-ec', 'for each in udp_timeout udp_timeout_stream; do echo 3600 > /proc/sys/net/netfilter/nf_conntrack_$each; done']);
  send();
  await eventually('the first pod has the flow', 60_000, async () => ((await answering()).includes(before.podIP ?? '') ? true : undefined));

  rig.workers.remove(first.metadata.uid);
  await eventually('the first pod has gone', 60_000, () => (rig.removed.includes(first.metadata.uid) ? true : undefined));
  // Nothing has told the kernel: it goes on sending where nobody is.
  expect(await answering()).toEqual([before.podIP]);
  const second = pod('second');
  rig.workers.update(second);
  const after = await rig.until(second.metadata.uid, ({ phase }) => phase === 'Running');
  expect(after.podIP).not.toBe(before.podIP);
  await eventually('the second pod has the flow', 60_000, async () => ((await answering()).join() === after.podIP ? true : undefined));
});

test('a pod whose DNS settings do not fit is told so, and runs', async () => {
  const pod = makePod('names', [shell('main', FOREVER)], { dnsPolicy: 'None', dnsConfig: { nameservers: ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'] } });
  rig.workers.update(pod);
  await rig.until(pod.metadata.uid, ({ phase }) => phase === 'Running');
  expect(rig.events).toContainEqual(expect.objectContaining({
    reason: 'DNSConfigForming', message: 'Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 192.0.2.1 192.0.2.2 192.0.2.3',
  }));
});
