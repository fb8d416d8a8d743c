import { existsSync } from 'node:fs';
import { request } from 'node:http';
import type { RigHost } from './host.ts';
import { eventually } from './processes.ts';
import { createRig, type Rig } from './rig.ts';

jest.setTimeout(300_000);

let rig: Rig;
let host: RigHost;
let other: RigHost;

beforeAll(async () => {
  rig = await createRig();
  host = await rig.addHost('one');
  other = await rig.addHost('two');
});
afterAll(() => rig?.close());

test('hosts reach each other and nothing else', async () => {
  expect(await host.check(['hostname'])).toBe('one\n');
  expect((await host.exec(['ip', 'route', 'get', other.address])).code).toBe(0);
  expect((await host.exec(['ip', 'route', 'get', '192.0.2.1'])).stderr).toContain('Network is unreachable');
  expect(await host.check(['ip', 'route', 'get', '10.96.0.1'])).toContain('dev svc0');
  expect((await host.check(['ps', '-e', '-o', 'pid='])).trim().split('\n').length).toBeLessThan(8);
});

test('what commands print is all there, however many end at once', async () => {
  for (let round = 0; round < 20; round += 1) {
    const printed = await Promise.all(Array.from({ length: 10 }, () => host.check(['echo', 'hello'])));
    expect(printed).toEqual(Array(10).fill('hello\n'));
  }
});

test('changes stay in the host, over a power cut', async () => {
  await host.check(['sh', '-c', 'mkdir -p /etc/kubernetes; echo kept > /etc/kubernetes/rig-test; echo gone > /run/rig-test; echo kept > /var/lib/gantry/rig-test']);
  expect(existsSync('/etc/kubernetes/rig-test')).toBe(false);
  await host.powerCut();
  await expect(host.exec(['true'])).rejects.toThrow('host one is down');
  await host.boot();
  expect(await host.check(['cat', '/etc/kubernetes/rig-test', '/var/lib/gantry/rig-test'])).toBe('kept\nkept\n');
  expect((await host.exec(['cat', '/run/rig-test'])).code).toBe(1);
});

test('an engine of its own runs there, reached through its socket', async () => {
  const socketPath = await host.startDocker();
  expect(await new Promise((resolve, reject) => {
    request({ socketPath, path: '/containers/json' }, (response) => resolve(response.statusCode)).on('error', reject).end();
  })).toBe(200);
  await host.check(['sh', '-c', 'mkdir -p /tmp/image/bin && cp /usr/bin/busybox /tmp/image/bin/ && tar -C /tmp/image -c . | docker import - box']);
  expect(await host.check(['docker', 'run', '--rm', '--network', 'none', '--memory', '32m', 'box', '/bin/busybox', 'echo', 'hello'])).toBe('hello\n');
  expect(await host.check(['docker', 'run', '--rm', '--network', 'none', '--privileged', 'box', '/bin/busybox', 'id', '-u'])).toBe('0\n');
});

test('a command that hangs is ended with all that it started', async () => {
  const result = await host.exec(['sh', '-c', 'sleep 4711 & wait'], { timeoutMilliseconds: 300 });
  expect(result.signal).toBe('SIGKILL');
  // All are killed at once; each is gone when its turn has come.
  await eventually('what it started has gone', 60_000, async () => ((await host.exec(['pgrep', '-f', 'sleep 4711'])).code === 1 ? true : undefined));
});
