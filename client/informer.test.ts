import { expired } from '../api/apiError.ts';
import type { V1ConfigMap } from '../api/generated/types.ts';
import type { KubeList, KubeObject } from '../api/meta.ts';
import { FakeClock } from '../process/fakeClock.ts';
import { silentLogger } from '../process/log.ts';
import { ConnectionError } from './connectionError.ts';
import { InformerImpl } from './informer.ts';
import { ConfigMaps } from './resources.ts';
import type { KubeClient, ListOptions, Resource, WatchEvent, WatchOptions } from './types.ts';

function configMap(name: string, version: number, uid = `uid-${name}`): V1ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name, uid, resourceVersion: String(version), creationTimestamp: '2026-01-01T00:00:00Z' } };
}

type Step = WatchEvent | Error | 'end';

/** Answers lists and watches with what a test says; a watch without steps left stays open. */
class Script {
  readonly lists: Array<{ version: number; items: V1ConfigMap[] } | Error> = [];
  readonly watches: Step[][] = [];
  readonly asked: string[] = [];
  #push: ((step: Step) => void) | undefined;

  /** Sends to the watch that is open. */
  send(step: Step): void {
    this.#push?.(step);
  }

  readonly client = {
    list: async <T extends KubeObject>(_: Resource<T>, options: ListOptions = {}): Promise<KubeList<T>> => {
      this.asked.push(`list ${options.resourceVersion ?? 'consistent'}`);
      const answer = this.lists.shift();
      if (!answer || answer instanceof Error) throw answer ?? new ConnectionError('nothing left');
      return { apiVersion: 'v1', kind: 'ConfigMapList', metadata: { resourceVersion: String(answer.version) }, items: answer.items as unknown as T[] };
    },
    watch: (_: Resource, options: WatchOptions = {}): AsyncIterable<WatchEvent> => this.#watch(options),
  } as unknown as KubeClient;

  async *#watch(options: WatchOptions): AsyncGenerator<WatchEvent> {
    this.asked.push(`watch ${options.resourceVersion}`);
    const steps = this.watches.shift() ?? [];
    let wake: () => void = () => undefined;
    this.#push = (step) => {
      steps.push(step);
      wake();
    };
    options.signal?.addEventListener('abort', () => this.send('end'));
    for (;;) {
      const step = steps.shift();
      if (step === 'end') return;
      if (step instanceof Error) throw step;
      if (step) yield step;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }
}

function setUp(script: Script): { clock: FakeClock; informer: InformerImpl<V1ConfigMap>; seen: string[]; stop: AbortController } {
  const clock = new FakeClock();
  const informer = new InformerImpl(ConfigMaps, {}, { client: script.client, clock, logger: silentLogger, random: () => 0 });
  const seen: string[] = [];
  informer.addHandler({
    added: ({ metadata }, initial) => seen.push(`+${metadata.name}@${metadata.resourceVersion}${initial ? ' initial' : ''}`),
    updated: (previous, { metadata }) => seen.push(`~${metadata.name}@${previous.metadata.resourceVersion}>${metadata.resourceVersion}`),
    deleted: ({ metadata }) => seen.push(`-${metadata.name}@${metadata.resourceVersion}`),
  });
  return { clock, informer, seen, stop: new AbortController() };
}

test("1. handlers see each object's versions in order, none twice", async () => {
  const script = new Script();
  script.lists.push({ version: 10, items: [configMap('a', 5), configMap('b', 6)] });
  script.watches.push([
    { type: 'MODIFIED', object: configMap('a', 11) },
    { type: 'MODIFIED', object: configMap('a', 11) },
    { type: 'ADDED', object: configMap('b', 6) },
    { type: 'MODIFIED', object: configMap('a', 9) },
    { type: 'DELETED', object: configMap('b', 12) },
    { type: 'DELETED', object: configMap('b', 12) },
    { type: 'ADDED', object: configMap('b', 13, 'another') },
  ]);
  const { clock, informer, seen, stop } = setUp(script);
  const run = informer.run(stop.signal);
  await clock.advance(1);
  expect(seen).toEqual(['+a@5 initial', '+b@6 initial', '~a@5>11', '-b@12', '+b@13']);
  expect(informer.resourceVersion).toBe('13');
  stop.abort();
  await run;
});

test('2. the store already holds what a handler is told', async () => {
  const script = new Script();
  script.lists.push({ version: 10, items: [configMap('a', 5)] });
  script.watches.push([
    { type: 'MODIFIED', object: configMap('a', 11) },
    { type: 'DELETED', object: configMap('a', 12) },
  ]);
  const { clock, informer, stop } = setUp(script);
  const held: unknown[] = [];
  informer.addIndex('name', (object) => [object.metadata.name]);
  const note = (): void => void held.push([informer.get('default/a')?.metadata.resourceVersion, informer.inNamespace('default').length, informer.byIndex('name', 'a').length, informer.list().length]);
  informer.addHandler({ added: note, updated: note, deleted: note });
  const run = informer.run(stop.signal);
  await informer.synced();
  await clock.advance(1);
  expect(held).toEqual([
    ['5', 1, 1, 1],
    ['11', 1, 1, 1],
    [undefined, 0, 0, 0],
  ]);
  stop.abort();
  await run;
});

test('3. a handler that throws is logged and harms nobody else', async () => {
  const script = new Script();
  script.lists.push({ version: 10, items: [configMap('a', 5), configMap('b', 6)] });
  const { clock, informer, seen, stop } = setUp(script);
  informer.addHandler({
    added: () => {
      throw new Error('my fault');
    },
  });
  const late: string[] = [];
  informer.addHandler({ added: ({ metadata }) => late.push(metadata.name) });
  const run = informer.run(stop.signal);
  await clock.advance(1);
  expect(seen).toEqual(['+a@5 initial', '+b@6 initial']);
  expect(late).toEqual(['a', 'b']);
  stop.abort();
  await run;
});

test('4. any error of the watch leads to a resume, and a compacted one to a new list whose difference becomes events', async () => {
  const script = new Script();
  script.lists.push(new ConnectionError('refused'), { version: 10, items: [configMap('a', 5), configMap('b', 6), configMap('c', 7)] });
  script.watches.push(
    [{ type: 'MODIFIED', object: configMap('a', 11) }, new ConnectionError('reset')],
    [{ type: 'BOOKMARK', object: configMap('', 20) }, 'end'],
    [{ type: 'ERROR', object: { ...expired('too old resource version').status } }],
  );
  script.lists.push({ version: 30, items: [configMap('a', 11), configMap('c', 25, 'recreated'), configMap('d', 26)] });
  const { clock, informer, seen, stop } = setUp(script);
  const run = informer.run(stop.signal);
  await clock.advance(1000);
  expect(script.asked).toEqual(['list 0', 'list 0', 'watch 10', 'watch 11', 'watch 20', 'list 20', 'watch 30']);
  expect(seen).toEqual(['+a@5 initial', '+b@6 initial', '+c@7 initial', '~a@5>11', '-c@7', '+c@25', '+d@26', '-b@6']);
  stop.abort();
  await run;
});

test('a list that the server cannot give from that version is asked for consistently', async () => {
  const script = new Script();
  script.lists.push(expired('gone'), { version: 10, items: [] });
  const { clock, informer, stop } = setUp(script);
  const run = informer.run(stop.signal);
  await clock.advance(1);
  expect(script.asked).toEqual(['list 0', 'list consistent', 'watch 10']);
  expect(informer.hasSynced).toBe(true);
  stop.abort();
  await run;
});

test('a watch that ends at once is asked for again with a growing delay', async () => {
  const script = new Script();
  script.lists.push({ version: 10, items: [] });
  script.watches.push(['end'], ['end'], ['end'], ['end'], ['end'], ['end'], ['end']);
  const { clock, informer, stop } = setUp(script);
  const run = informer.run(stop.signal);
  await clock.advance(1600);
  expect(script.asked.filter((each) => each.startsWith('watch'))).toHaveLength(5);
  stop.abort();
  await run;
});

test('a watch that outlives its time is replaced', async () => {
  const script = new Script();
  script.lists.push({ version: 10, items: [] });
  const { clock, informer, stop } = setUp(script);
  const run = informer.run(stop.signal);
  await clock.advance(329_000);
  expect(script.asked).toEqual(['list 0', 'watch 10']);
  await clock.advance(2000);
  expect(script.asked).toEqual(['list 0', 'watch 10', 'watch 10']);
  stop.abort();
  await run;
});

test('waitFor tells whether a version was reached in time, and a late handler is told of what there is', async () => {
  const script = new Script();
  script.lists.push({ version: 10, items: [configMap('a', 5)] });
  const { clock, informer, stop } = setUp(script);
  const run = informer.run(stop.signal);
  await clock.advance(1);
  expect(await informer.waitFor('9', 0)).toBe(true);
  const reached = informer.waitFor('12', 100);
  const missed = informer.waitFor('13', 100);
  script.send({ type: 'ADDED', object: configMap('b', 12) });
  await clock.advance(200);
  expect([await reached, await missed]).toEqual([true, false]);
  const late: string[] = [];
  informer.addHandler({ added: ({ metadata }, initial) => late.push(`${metadata.name} ${initial}`) });
  expect(late).toEqual(['a true', 'b true']);
  stop.abort();
  await run;
});
