import { serve } from '../registry.ts';
import { encodeObject, EncodedObject } from '../storage/encodedObject.ts';
import { chooseObjects } from './chooseObjects.ts';
import { parseSelection } from './selection.ts';

const { definition } = serve({ group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', singular: 'configmap', namespaced: true, model: 'V1ConfigMap' });

/** Counts those that were looked into. */
class Watched extends EncodedObject {
  static looks = 0;

  override get object(): EncodedObject['object'] {
    Watched.looks += 1;
    return super.object;
  }
}

const stored = (labels: Record<string, string> | undefined, index: number): Watched =>
  new Watched(`/registry/configmaps/a/c${index}`, 1, encodeObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `c${index}`, uid: '', resourceVersion: '1', creationTimestamp: '', ...(labels ? { labels } : {}) } }));

const labelled: readonly (Record<string, string> | undefined)[] = [undefined, { app: 'web' }, { app: 'db' }, { app: '' }, { tier: 'web' }, { app: 'web', tier: 'a' }, { 'example.com/app': 'web' }];
const objects = labelled.map(stored);

describe.each([
  ['app=web', [1, 5], 2],
  ['app in (web,db)', [1, 2, 5], 3],
  ['app=', [3], 4],
  ['app', [1, 2, 3, 5], 4],
  ['app!=db,tier=web', [4], 2],
  ['app!=web', [0, 2, 3, 4, 6], 7],
  ['!app', [0, 4, 6], 7],
  ['app notin (web,db)', [0, 3, 4, 6], 7],
  ['example.com/app=web', [6], 1],
])('%s', (selector, expected, looks) => {
  test('matches what it says, and only what may match is looked into', async () => {
    Watched.looks = 0;
    const { items, more } = await chooseObjects(objects, parseSelection(definition, selector, ''), 0);
    expect([items.map((each) => objects.indexOf(each as Watched)), more, Watched.looks]).toEqual([expected, false, looks]);
  });
});

test('what was written to etcd by hand, with spaces, is found', async () => {
  const byHand = new EncodedObject('/registry/configmaps/a/hand', 1, Buffer.from('{ "metadata": { "name": "hand", "labels": { "app" : "web" } } }'));
  expect((await chooseObjects([byHand], parseSelection(definition, 'app=web', ''), 0)).items).toEqual([byHand]);
});

test('a limit ends it, and tells whether there are more', async () => {
  const selection = parseSelection(definition, 'app', '');
  expect(await chooseObjects(objects, selection, 2)).toEqual({ items: objects.slice(1, 3), more: true });
  expect(await chooseObjects(objects, selection, 4)).toMatchObject({ more: false });
});

test('others get their turn', async () => {
  const many = Array.from({ length: 30_000 }, (_, index) => stored({ app: String(index % 2) }, index));
  let turns = 0;
  const ticking = setInterval(() => (turns += 1), 0);
  const { items } = await chooseObjects(many, parseSelection(definition, 'app=1', ''), 0);
  clearInterval(ticking);
  expect(items).toHaveLength(15_000);
  expect(turns).toBeGreaterThan(3);
});
