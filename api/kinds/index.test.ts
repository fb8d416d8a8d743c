import { builtinDefinitions } from './index.ts';
import { apiVersionOf, kindLookup, parseApiVersion } from './lookup.ts';

describe('builtinDefinitions', () => {
  it('has each kind and each path once', () => {
    const kinds = builtinDefinitions.map((each) => `${apiVersionOf(each)} ${each.kind}`);
    const paths = builtinDefinitions.map((each) => `${apiVersionOf(each)}/${each.plural}`);
    expect(new Set(kinds).size).toBe(builtinDefinitions.length);
    expect(new Set(paths).size).toBe(builtinDefinitions.length);
  });

  it('gives no short name to two resources', () => {
    const owners = new Map<string, string>();
    for (const { shortNames = [], plural } of builtinDefinitions) {
      for (const name of shortNames) {
        expect(owners.get(name) ?? plural).toBe(plural);
        owners.set(name, plural);
      }
    }
  });

  it('stores a kind that has several versions in one of them', () => {
    const lookup = kindLookup(builtinDefinitions);
    const targets = builtinDefinitions.flatMap(({ storage, plural }) => (storage ? [lookup.byPlural(storage.group, storage.version, plural)] : []));
    expect(targets.map((each) => each?.storage)).toEqual(targets.map(() => undefined));
    expect(targets).not.toContain(undefined);
  });
});

describe('kindLookup', () => {
  const lookup = kindLookup(builtinDefinitions);
  it('finds by path and by object', () => {
    expect(lookup.byPlural('', 'v1', 'pods')?.kind).toBe('Pod');
    expect(lookup.byPlural('apps', 'v1', 'deployments')?.kind).toBe('Deployment');
    expect(lookup.byPlural('apps', 'v1beta1', 'deployments')).toBeUndefined();
    expect(lookup.ofObject({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role' })?.plural).toBe('roles');
    expect(lookup.byKind('', 'v1', 'Endpoints')?.plural).toBe('endpoints');
  });
  it('splits an apiVersion', () => {
    expect(parseApiVersion('apps/v1')).toEqual({ group: 'apps', version: 'v1' });
    expect(parseApiVersion('v1')).toEqual({ group: '', version: 'v1' });
  });
});
