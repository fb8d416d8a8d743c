import type { Answer, WatchReader } from '../../rig/apiserver.ts';
import { startWholeServer, type WholeServer } from '../../rig/wholeServer.ts';
import { type Caller, callerOf, namesOf } from './caller.ts';

let api: WholeServer;
let caller: Caller;
beforeAll(async () => {
  api = await startWholeServer();
  caller = callerOf(api);
});
afterAll(() => api.close());

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const LABEL = 'watch-this-configmap';
const configMap = (name: string, label: string): object => ({ metadata: { name, labels: { [LABEL]: label } } });
const watchOf = (selector: string, resourceVersion?: string): WatchReader =>
  caller.watch(`${CONFIG_MAPS}?watch=true&labelSelector=${encodeURIComponent(selector)}${resourceVersion ? `&resourceVersion=${resourceVersion}` : ''}`);

/** Writes the object anew, as a client that read it before does. */
async function change(name: string, data: Record<string, string>, label?: string): Promise<Answer['json']> {
  const object = await caller.ok('GET', `${CONFIG_MAPS}/${name}`);
  if (label) object.metadata.labels[LABEL] = label;
  return caller.ok('PUT', `${CONFIG_MAPS}/${name}`, { ...object, data });
}

/** What a watch tells next, with the data. */
async function expectNext(watch: WatchReader, type: string, data?: Record<string, string>): Promise<Answer['json']> {
  const event = await watch.next();
  expect([event.type, event.object.data]).toEqual([type, data]);
  return event.object;
}

/** Nothing comes for a while. */
async function expectSilence(watch: WatchReader): Promise<void> {
  const told = watch.next().catch(() => undefined);
  const quiet = new Promise((resolve) => setTimeout(() => resolve('quiet'), 300));
  expect(await Promise.race([told, quiet])).toBe('quiet');
}

describe('[sig-api-machinery] Watchers', () => {
  test('should observe add, update, and delete watch notifications on configmaps', async () => {
    const [a, b] = ['multiple-watchers-A', 'multiple-watchers-B'];
    const since = (await caller.ok('GET', CONFIG_MAPS)).metadata.resourceVersion;
    const ofA = watchOf(`${LABEL}=${a}`, since);
    const ofB = watchOf(`${LABEL}=${b}`, since);
    const ofBoth = watchOf(`${LABEL} in (${a},${b})`, since);
    await caller.ok('POST', CONFIG_MAPS, configMap('e2e-watch-test-configmap-a', a));
    for (const watch of [ofA, ofBoth]) await expectNext(watch, 'ADDED');
    for (const mutation of ['1', '2']) {
      await change('e2e-watch-test-configmap-a', { mutation });
      for (const watch of [ofA, ofBoth]) await expectNext(watch, 'MODIFIED', { mutation });
    }
    await caller.ok('DELETE', `${CONFIG_MAPS}/e2e-watch-test-configmap-a`);
    for (const watch of [ofA, ofBoth]) await expectNext(watch, 'DELETED', { mutation: '2' });
    await caller.ok('POST', CONFIG_MAPS, configMap('e2e-watch-test-configmap-b', b));
    for (const watch of [ofB, ofBoth]) await expectNext(watch, 'ADDED');
    await caller.ok('DELETE', `${CONFIG_MAPS}/e2e-watch-test-configmap-b`);
    for (const watch of [ofB, ofBoth]) await expectNext(watch, 'DELETED');
    await expectSilence(ofA);
    for (const watch of [ofA, ofB, ofBoth]) watch.stop();
  });

  test('should be able to start watching from a specific resource version', async () => {
    const name = 'e2e-watch-test-resource-version';
    await caller.ok('POST', CONFIG_MAPS, configMap(name, 'from-resource-version'));
    const first = await change(name, { mutation: '1' });
    await change(name, { mutation: '2' });
    await caller.ok('DELETE', `${CONFIG_MAPS}/${name}`);
    const watch = watchOf(`${LABEL}=from-resource-version`, first.metadata.resourceVersion);
    await expectNext(watch, 'MODIFIED', { mutation: '2' });
    await expectNext(watch, 'DELETED', { mutation: '2' });
    watch.stop();
  });

  test('should be able to restart watching from the last resource version observed by the previous watch', async () => {
    const name = 'e2e-watch-test-watch-closed';
    const selector = `${LABEL}=watch-closed-and-restarted`;
    const broken = watchOf(selector, (await caller.ok('GET', CONFIG_MAPS)).metadata.resourceVersion);
    await caller.ok('POST', CONFIG_MAPS, configMap(name, 'watch-closed-and-restarted'));
    await change(name, { mutation: '1' });
    await expectNext(broken, 'ADDED');
    const last = await expectNext(broken, 'MODIFIED', { mutation: '1' });
    broken.stop();
    await change(name, { mutation: '2' });
    const anew = watchOf(selector, last.metadata.resourceVersion);
    await caller.ok('DELETE', `${CONFIG_MAPS}/${name}`);
    await expectNext(anew, 'MODIFIED', { mutation: '2' });
    await expectNext(anew, 'DELETED', { mutation: '2' });
    anew.stop();
  });

  test('should observe an object deletion if it stops meeting the requirements of the selector', async () => {
    const name = 'e2e-watch-test-label-changed';
    const watch = watchOf(`${LABEL}=label-changed-and-restored`, (await caller.ok('GET', CONFIG_MAPS)).metadata.resourceVersion);
    await caller.ok('POST', CONFIG_MAPS, configMap(name, 'label-changed-and-restored'));
    await change(name, { mutation: '1' });
    const away = await change(name, { mutation: '1' }, 'wrong-value');
    await expectNext(watch, 'ADDED');
    await expectNext(watch, 'MODIFIED', { mutation: '1' });
    // It is the object as it was before, at the version that took it away.
    const gone = await expectNext(watch, 'DELETED', { mutation: '1' });
    expect([gone.metadata.resourceVersion, gone.metadata.labels[LABEL]]).toEqual([away.metadata.resourceVersion, 'label-changed-and-restored']);
    await change(name, { mutation: '2' });
    await change(name, { mutation: '2' }, 'label-changed-and-restored');
    await change(name, { mutation: '3' });
    await caller.ok('DELETE', `${CONFIG_MAPS}/${name}`);
    await expectNext(watch, 'ADDED', { mutation: '2' });
    await expectNext(watch, 'MODIFIED', { mutation: '3' });
    await expectNext(watch, 'DELETED', { mutation: '3' });
    watch.stop();
  });

  test('should receive events on concurrent watches in same order', async () => {
    const since = (await caller.ok('GET', CONFIG_MAPS)).metadata.resourceVersion;
    const all = (from: string): WatchReader => caller.watch(`${CONFIG_MAPS}?watch=true&resourceVersion=${from}`);
    const first = all(since);
    const writing = (async () => {
      const existing: string[] = [];
      for (let step = 0; step < 60; step += 1) {
        const some = existing[Math.floor(Math.random() * existing.length)];
        const choice = existing.length === 0 ? 0 : existing.length > 5 ? 2 : Math.floor(Math.random() * 3);
        if (choice === 0 || some === undefined) {
          existing.push(`cm-${step}`);
          await caller.ok('POST', CONFIG_MAPS, { metadata: { name: `cm-${step}` } });
        } else if (choice === 1) await change(some, { step: String(step) });
        else {
          existing.splice(existing.indexOf(some), 1);
          await caller.ok('DELETE', `${CONFIG_MAPS}/${some}`);
        }
      }
    })();
    const versions: string[] = [];
    const others: WatchReader[] = [];
    for (let step = 0; step < 60; step += 1) {
      const { object } = await first.next();
      versions.push(object.metadata.resourceVersion);
      for (const other of others) expect((await other.next()).object.metadata.resourceVersion).toBe(object.metadata.resourceVersion);
      if (step < 20) others.push(all(object.metadata.resourceVersion));
    }
    await writing;
    expect(versions).toEqual(versions.toSorted((a, b) => Number(a) - Number(b)));
    for (const watch of [first, ...others]) watch.stop();
  });
});

describe('[sig-api-machinery] Servers with support for API chunking', () => {
  const TOTAL = 400;
  const PATH = '/api/v1/namespaces/default/podtemplates';
  const nameOf = (index: number): string => `template-${String(index).padStart(4, '0')}`;
  beforeAll(async () => {
    const waiting = Array.from({ length: TOTAL }, (_, index) => index);
    const work = async (): Promise<void> => {
      for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) await caller.ok('POST', PATH, { metadata: { name: nameOf(index) }, template: { spec: { containers: [{ name: 'test', image: 'test2' }] } } });
    };
    await Promise.all(Array.from({ length: 20 }, work));
  });

  test('should return chunks of results for list calls', async () => {
    for (let round = 0; round < 3; round += 1) {
      let version: string | undefined;
      let next = '';
      let found = 0;
      do {
        const limit = Math.floor(Math.random() * (TOTAL / 10)) + 1;
        const list = await caller.ok('GET', `${PATH}?limit=${limit}${next && `&continue=${encodeURIComponent(next)}`}`);
        version ??= list.metadata.resourceVersion;
        expect([list.metadata.resourceVersion, namesOf(list)]).toEqual([version, Array.from({ length: Math.min(limit, TOTAL - found) }, (_, index) => nameOf(found + index))]);
        found += list.items.length;
        next = list.metadata.continue ?? '';
        expect(list.metadata.remainingItemCount).toBe(next === '' ? undefined : TOTAL - found);
      } while (next !== '');
      expect(found).toBe(TOTAL);
    }
    expect((await caller.ok('GET', `${PATH}?limit=${TOTAL + 1}`)).items).toHaveLength(TOTAL);
  });
});
