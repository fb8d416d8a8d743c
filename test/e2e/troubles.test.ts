import { createRig, type Rig } from '../rig/rig.ts';
import type { RigHost } from '../rig/host.ts';
import { archiveOf, loadImages } from '../rig/images.ts';
import { insist } from '../rig/insist.ts';
import { kubectlPath } from '../rig/kubectl.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { hostTraces, tracesUntil } from './hostTraces.ts';

/** What is wrong with a machine, or with what was typed: `up` says so, and what to do; a second try goes on from there. */
const gantry = `${repositoryRoot}/bin/gantry`;
let rig: Rig;
let host: RigHost;

beforeAll(async () => {
  rig = await createRig();
  host = await rig.addHost('troubles');
});
afterAll(() => rig.close(), 300_000);

const up = (...flags: string[]) => host.exec([gantry, 'up', ...flags], { timeoutMilliseconds: 300_000 });
const kubectl = (...words: string[]): Promise<string> => host.check([kubectlPath('1.32'), ...words]);

test('wrong flags, and no root', async () => {
  expect(await up('--no-such-flag')).toMatchObject({ code: 1, stderr: "Error: unknown flag: --no-such-flag\nSee 'gantry up --help' for usage.\n" });
  expect(await host.exec([gantry, 'upp'])).toMatchObject({ code: 1, stderr: 'unknown command "upp" for "gantry"\nSee \'gantry --help\' for the commands.\n' });
  expect((await up('--port-base=many')).stderr).toMatch(/^Error: invalid argument "many" for "--port-base" flag: strconv.ParseInt: parsing "many": invalid syntax\n/);
  const nobody = await host.exec(['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', gantry, 'up']);
  expect(nobody).toMatchObject({ code: 1, stderr: 'gantry up sets up this machine and must be run as root (try: sudo npm run up).\n' });
  expect((await host.exec(['ls', '/var/lib/gantry', '/etc/kubernetes'])).stdout.trim()).toBe('/var/lib/gantry:');
});

test('a port that is taken', async () => {
  await host.check(['sh', '-c', `setsid ${process.execPath} -e 'require("net").createServer().listen(6443, "0.0.0.0")' >/dev/null 2>&1 </dev/null & echo $! >/tmp/listener`]);
  await eventually('the listener is there', 60_000, async () => ((await host.exec(['sh', '-c', 'ss -Hltn sport = :6443 | grep -q 6443'])).code === 0 ? true : undefined));
  const { code, stderr } = await up();
  expect(code).toBe(1);
  expect(stderr).toMatch(/^Port 6443, for the API server, is taken by \S+ \(process \d+\)\. Stop that, or use other ports: --port-base=20000\.\n$/);
  await host.check(['sh', '-c', 'kill $(cat /tmp/listener)']);
  await eventually('the port is free', 60_000, async () => ((await host.exec(['sh', '-c', 'ss -Hltn sport = :6443 | grep -q 6443'])).code === 0 ? undefined : true));
});

test('a disk without room', async () => {
  await host.check(['mount', '-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', '/var/lib/gantry']);
  const { code, stderr } = await up();
  expect(code).toBe(1);
  expect(stderr).toMatch(/^Only \d+ MiB are free below \/var\/lib\/gantry; etcd and images need at least 1024 MiB\. Make room\.\n$/);
  await host.check(['umount', '/var/lib/gantry']);
});

test('an engine that was there keeps its containers, and is waited for when it stops', async () => {
  await host.startDocker();
  await loadImages(host, { 'box:1': 'box', 'web:1': 'web' });
  const own = (await host.check(['docker', 'run', '--detach', '--name', 'mine', '--network', 'none', 'box:1'])).trim();
  const before = await hostTraces(host);
  const { code, stdout } = await up();
  expect(code).toBe(0);
  expect(stdout).toContain('is not set to live-restore');
  await kubectl('run', 'web', '--image=web:1');
  await kubectl('wait', '--for=condition=Ready', 'pod/web', '--timeout=150s');
  const engine = (await host.check(['pgrep', '--newest', '--exact', 'dockerd'])).trim();
  await host.check(['kill', '-STOP', engine]);
  try {
    await kubectl('wait', '--for=condition=Ready=false', `node/${host.name}`, '--timeout=150s');
    expect(await kubectl('get', 'node', host.name, '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].message}')).toMatch(/container runtime is down|PLEG/i);
  } finally {
    await host.check(['kill', '-CONT', engine]);
  }
  await kubectl('wait', '--for=condition=Ready', `node/${host.name}`, 'pod/web', '--timeout=150s');
  expect(await kubectl('get', 'pod', 'web', '-o', 'jsonpath={.status.containerStatuses[0].restartCount}')).toBe('0');
  await host.check([gantry, 'down', '--purge'], { timeoutMilliseconds: 300_000 });
  expect(await host.check(['docker', 'ps', '--all', '--quiet', '--no-trunc'])).toBe(`${own}\n`);
  expect((await host.check(['docker', 'inspect', '--format', '{{.State.Status}}', 'mine'])).trim()).toBe('running');
  expect(await tracesUntil(host, before)).toBe(before);
  await host.check(['docker', 'rm', '--force', 'mine']);
  await host.check(['kill', engine]);
  await eventually('the engine has ended', 60_000, async () => ((await host.exec(['pgrep', '--exact', 'dockerd'])).code === 1 ? true : undefined));
}, 1_800_000);

/** An engine that comes up only when /run/go is there, in place of the host's. */
const HELD = `printf '#!/bin/sh\nuntil [ -e /run/go ]; do sleep 0.1; done\nexec /root/dockerd "$@"\n' >/run/dockerd.held && chmod 755 /run/dockerd.held
cp "$(command -v dockerd)" /root/dockerd && mount --bind /run/dockerd.held "$(command -v dockerd)"`;

test('Ctrl-C in the middle of up, and up again', async () => {
  await host.check(['sh', '-c', HELD]);
  const child = host.spawn([gantry, 'up']);
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  await eventually('services are being started', 120_000, () => (output.includes('Starting docker') ? true : undefined));
  await host.check(['pkill', '--signal', 'INT', '--full', 'gantry.mjs up']);
  expect(await ended).not.toBe(0);
  await eventually('it says so', 30_000, () => (output.includes('Interrupted.') ? true : undefined));
  await host.check(['sh', '-c', 'touch /run/go']);
  expect(await up()).toMatchObject({ code: 0 });
  await host.check(['sh', '-c', 'umount "$(command -v dockerd)"']);
  await kubectl('wait', '--for=condition=Ready', `node/${host.name}`, '--timeout=150s');
}, 1_800_000);

test('image load, logs and kubeconfig', async () => {
  await loadImages(host, { 'web:1': 'web' });
  await host.check(['sh', '-c', `docker import ${archiveOf('box')} saved:1 && docker save --output /tmp/saved.tar saved:1 && docker rmi saved:1`]);
  await host.check([gantry, 'image', 'load', '/tmp/saved.tar']);
  expect(await host.check(['docker', 'images', '--quiet', 'saved:1'])).not.toBe('');
  await eventually('there is a log', 60_000, async () => ((await host.check([gantry, 'logs', 'apiserver'])) === '' ? undefined : true));
  expect((await host.exec([gantry, 'logs', 'nobody'])).stderr).toMatch(/^Whose logs\? One of: /);
  await host.check(['sh', '-c', `${gantry} kubeconfig >/tmp/config && ${kubectlPath('1.20')} --kubeconfig /tmp/config get nodes`]);
});

test('a disk that fills while the cluster runs: writes are refused, reads go on, and with room again so does all', async () => {
  await host.check([gantry, 'down', '--purge'], { timeoutMilliseconds: 300_000 });
  await host.check(['mount', '-t', 'tmpfs', '-o', 'size=1200m', 'tmpfs', '/var/lib/gantry']);
  expect(await up()).toMatchObject({ code: 0 });
  await host.check(['sh', '-c', 'head -c 900000 /dev/zero | tr "\\0" x >/tmp/big; dd if=/dev/zero of=/var/lib/gantry/filler bs=1M 2>/dev/null || :']);
  const acknowledged: string[] = [];
  let refusal = '';
  for (let at = 0; at < 200 && refusal === ''; at += 1) {
    const { code, stderr } = await host.kubectl('1.32', ['create', 'configmap', `big-${at}`, '--from-file=/tmp/big', '--request-timeout=30s']);
    if (code === 0) acknowledged.push(`configmap/big-${at}`);
    else refusal = stderr;
  }
  expect(refusal).not.toBe('');
  expect(await kubectl('get', '--raw', '/api/v1/namespaces?resourceVersion=0')).toContain('"kind":"NamespaceList"');
  await host.check(['rm', '/var/lib/gantry/filler']);
  await insist('a write succeeds', () => host.kubectl('1.32', ['create', 'configmap', 'after', '--request-timeout=10s']));
  const stored = new Set((await kubectl('get', 'configmaps', '-o', 'name')).split('\n'));
  expect(acknowledged.filter((name) => !stored.has(name))).toEqual([]);
}, 1_800_000);
