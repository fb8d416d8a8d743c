import type { RigHost } from '../rig/host.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { createRig, type Rig } from '../rig/rig.ts';

jest.setTimeout(300_000);

/** The supervisor for real, with programs that only sleep. */
let rig: Rig;
let host: RigHost;
const words = [process.execPath, `${repositoryRoot}/cli/supervisor/program.ts`];
/** Says that it begins when it listens to signals. */
const service = (name: string): object => ({
  name, environment: { PATH: '/usr/bin:/bin' }, stopMilliseconds: 120_000,
  command: ['sh', '-c', `trap "echo ${name} ends at \\$(date +%s%N); exit 0" TERM; echo ${name} $$ begins; while :; do sleep 0.1; done`],
});
const plan = { version: '1', services: [service('first'), service('second')] };

interface State {
  services: Array<{ name: string; state: string; process?: { pid: number }; restarts: number; lastEnd?: string }>;
}

beforeAll(async () => {
  rig = await createRig();
  host = await rig.addHost('kept');
  await host.check(['tee', '/var/lib/gantry/services.json'], { input: JSON.stringify(plan) });
});
afterAll(() => rig?.close());

const launch = (): Promise<string> => host.check(['sh', '-c', 'setsid "$@" >/var/log/supervisor 2>&1 </dev/null &', 'sh', ...words]);
const state = async (): Promise<State> => JSON.parse(await host.check(['cat', '/run/gantry/services.json'])) as State;
const running = (): Promise<State> =>
  eventually('both run', 90_000, async () => {
    if ((await host.exec(['test', '-e', '/run/gantry/services.json'])).code !== 0) return undefined;
    const now = await state();
    return now.services.every((each) => each.state === 'running') ? now : undefined;
  });
const hasGone = async (pid: string): Promise<true | undefined> => ((await host.exec(['kill', '-0', pid])).code === 0 ? undefined : true);
const supervisorPid = async (): Promise<string> => String((JSON.parse(await host.check(['cat', '/run/gantry/supervisor.lock'])) as { pid: number }).pid);

test('services run, and what is killed is started again', async () => {
  await launch();
  const first = (await running()).services[0]!;
  await host.check(['kill', '-9', String(first.process!.pid)]);
  const after = await eventually('it runs again', 90_000, async () => (await state()).services.find(({ name, restarts, state: each }) => name === 'first' && restarts === 1 && each === 'running'));
  expect(after.lastEnd).toBe('killed by SIGKILL');
  expect((await state()).services[1]!.restarts).toBe(0);
});

test('only one supervisor of a cluster runs', async () => {
  const second = await host.exec(words);
  expect(second.code).toBe(1);
  expect(second.stderr).toContain('another supervisor of this cluster runs');
});

test('services outlive a supervisor that is killed; the next one ends them and starts anew', async () => {
  const before = (await state()).services.map((each) => String(each.process!.pid));
  const killed = await supervisorPid();
  await host.check(['kill', '-9', killed]);
  await eventually('the supervisor has gone', 60_000, () => hasGone(killed));
  await host.check(['kill', '-0', ...before]);
  await launch();
  await eventually('the next one has started them', 90_000, async () => {
    const now = (await state()).services;
    return now.every((each) => each.state === 'running' && !before.includes(String(each.process!.pid))) ? true : undefined;
  });
  for (const pid of before) expect(await eventually('a service of the one before has gone', 60_000, () => hasGone(pid))).toBe(true);
});

test('at the end services stop in reverse order, and the lock is given back', async () => {
  for (const { name, process: mark } of (await running()).services) {
    await eventually(`${name} listens`, 60_000, async () => ((await host.check(['cat', `/var/log/gantry/${name}.log`])).includes(`${name} ${mark!.pid} begins\n`) ? true : undefined));
  }
  await host.check(['sh', '-c', 'truncate -s 0 /var/log/gantry/*.log']);
  await host.check(['kill', '-TERM', await supervisorPid()]);
  await eventually('the lock is gone', 150_000, async () => ((await host.exec(['test', '-e', '/run/gantry/supervisor.lock'])).code === 1 ? true : undefined));
  expect((await state()).services.map((each) => each.state)).toEqual(['stopped', 'stopped']);
  const ends = [...(await host.check(['cat', '/var/log/gantry/first.log', '/var/log/gantry/second.log'])).matchAll(/(\w+) ends at (\d+)/g)].map(([, name, at]) => ({ name, at: BigInt(at!) }));
  expect(ends.sort((a, b) => Number(a.at - b.at)).map(({ name }) => name)).toEqual(['second', 'first']);
});
