import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { seededRandom } from '../../../api/schema/seededRandom.ts';
import { applyConfiguration } from '../../../apiserver/encryption/encryption.ts';
import { parseEncryptionConfiguration } from '../../../apiserver/encryption/parseConfiguration.ts';
import { systemClock } from '../../../process/clock.ts';
import { silentLogger } from '../../../process/log.ts';
import { type Comparison, Differences } from './comparison.ts';
import type { Oracle } from './oracle.ts';

const KEYS = [16, 24, 32].map((length, at) => Buffer.alloc(length, at + 1).toString('base64'));
const key = (name: string, at: number): string => `{name: ${name}, secret: ${KEYS[at]}}`;
const PLACES = ['/registry/secrets/default/a', '/registry/secrets/default/b'];

/** What one writes the other reads, whether it is to be written anew, and what is said of what cannot be read. */
export async function compareEncryptedValues(oracle: Oracle, random: ReturnType<typeof seededRandom>, rounds: number): Promise<Comparison> {
  const found = new Differences();
  const folder = mkdtempSync(join(tmpdir(), 'gantry-kms-'));
  const socket = join(folder, 'socket');
  const stop = new AbortController();
  try {
    await oracle.ask('kmsPlugin', { text: socket });
    const providers = [
      `{aescbc: {keys: [${key('one', 0)}, ${key('two', 2)}]}}`,
      `{aescbc: {keys: [${key('two', 2)}, ${key('one', 0)}]}}`,
      `{aesgcm: {keys: [${key('one', 1)}]}}`,
      `{aesgcm: {keys: [${key('one', 2)}]}}`,
      `{secretbox: {keys: [${key('one', 2)}]}}`,
      '{identity: {}}',
      `{kms: {apiVersion: v2, name: vault, endpoint: "unix://${socket}", timeout: 2s}}`,
    ];
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
    for (let round = 0; round < rounds; round += 1) {
      const configs = [0, 1].map(() => `apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n- resources: [secrets]\n  providers: [${[pick(providers), pick(providers), pick(providers)].filter((each, at, all) => all.indexOf(each) === at || each.includes('aes')).join(', ')}]\n`);
      const [first = '', second = ''] = random() < 0.4 ? [configs[0], configs[0]] : configs;
      const value = Buffer.from(pick(['', 'x', '{"kind":"Secret"}', 'k8s\0binary', 'k8s:enc:aescbc:v1:one:x', 'y'.repeat(300)]));
      const [place = '', other = ''] = random() < 0.8 ? [PLACES[0], PLACES[0]] : PLACES;
      const ours = await transformerOf(first, stop.signal);
      const reading = await transformerOf(second, stop.signal);
      const byGantry = await attempted(async () => Buffer.from(await ours.toStorage(value, place)).toString('base64'));
      const byKubernetes = await oracle.ask<string>('encrypt', { input: { config: first, resource: 'secrets', key: place, value: value.toString('base64') } });
      for (const written of [byGantry, byKubernetes.value ?? ''].map((each) => (random() < 0.1 ? spoilt(each, random) : each))) {
        const theirs = await oracle.ask<{ readonly value: string | null; readonly stale: boolean }>('decrypt', { input: { config: second, resource: 'secrets', key: other, value: written } });
        const read = await attempted(async () => {
          const opened = await reading.fromStorage(Buffer.from(written, 'base64'), other);
          return JSON.stringify([opened.value.toString('base64'), opened.stale]);
        });
        // Go's protobuf library writes one of two spaces.
        found.compare([first, second, value.toString(), other], read, theirs.value ? JSON.stringify([theirs.value.value ?? '', theirs.value.stale]) : `error: ${theirs.error?.replaceAll('\u{a0}', ' ')}`);
      }
    }
  } finally {
    stop.abort();
    rmSync(folder, { recursive: true, force: true });
  }
  return found;
}

const transformerOf = async (text: string, signal: AbortSignal) => (await applyConfiguration(parseEncryptionConfiguration(text, 'file'), { clock: systemClock, logger: silentLogger, signal })).find('', 'secrets');

/** Another byte somewhere. */
function spoilt(written: string, random: () => number): string {
  const bytes = Buffer.from(written, 'base64');
  if (bytes.length > 0) bytes[Math.floor(random() * bytes.length)]! ^= 1;
  return bytes.toString('base64');
}

async function attempted(run: () => Promise<string>): Promise<string> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Error) return `error: ${error.message}`;
    throw error;
  }
}
