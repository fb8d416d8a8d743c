import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRig, type Rig } from '../rig/rig.ts';
import type { RigHost } from '../rig/host.ts';
import { machineRelease, unpackPackages } from '../rig/aptArchive.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { hostTraces, tracesUntil } from './hostTraces.ts';
import { follow, readPage } from './page.ts';

/** The page that newcomers follow, command by command: a whole application's life. */
const steps = readPage(readFileSync(join(repositoryRoot, 'docs/getting-started.md'), 'utf8'));
let rig: Rig;
let host: RigHost;
let before: string;

beforeAll(async () => {
  // A host has no way out, so what images.sh would download is there already.
  unpackPackages(machineRelease(), ['redis-server', 'redis-tools', 'libatomic1', 'libjemalloc2', 'liblzf1'], join(repositoryRoot, '.cache', 'guestbook'));
  rig = await createRig();
  host = await rig.addHost('guestbook');
  before = await hostTraces(host);
}, 600_000);
afterAll(() => rig.close(), 300_000);

test.each(steps.map((step, at) => ({ ...step, title: `${at + 1}. ${step.heading}: ${step.commands.split('\n')[0]}` })))('$title', async ({ commands, expected }) => {
  expect(await follow(host, { commands, expected })).toEqual({ code: 0, missing: [] });
}, 1_500_000);

test('nothing but the registry is left in the kernel', async () => {
  await host.check(['pkill', 'docker-registry']);
  await eventually('the registry has ended', 60_000, async () => ((await host.exec(['pgrep', 'docker-registry'])).code === 0 ? undefined : true));
  expect(await tracesUntil(host, before)).toBe(before);
});
