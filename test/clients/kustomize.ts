import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { unpackPackages } from '../rig/aptArchive.ts';
import type { ControlPlane } from '../rig/controlPlane.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';

const FILES = {
  'base/kustomization.yaml': `
resources: [app.yaml]
configMapGenerator: [{name: settings, literals: [colour=red]}]
`,
  'base/app.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec:
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec: {containers: [{name: app, image: app, envFrom: [{configMapRef: {name: settings}}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: app}
spec: {selector: {app: app}, ports: [{port: 80}]}
`,
  'overlay/kustomization.yaml': `
namespace: shop
namePrefix: a-
resources: [../base]
labels: [{pairs: {team: sales}, includeSelectors: true}]
images: [{name: app, newName: registry.test/app, newTag: v2}]
replicas: [{name: app, count: 3}]
configMapGenerator: [{name: settings, behavior: merge, literals: [size=LARGE]}]
patches: [{target: {kind: Service}, patch: '[{"op": "add", "path": "/spec/ports/0/name", "value": "web"}]'}]
`,
};

/** The program, fetched into the git-ignored `.cache/` the first time. */
export function kustomizePath(): string {
  const folder = join(repositoryRoot, '.cache', 'kustomize');
  unpackPackages('sid', ['kustomize'], folder);
  return join(folder, 'usr', 'bin', 'kustomize');
}

/** An overlay of kustomize as a set of kubectl, which prunes what is in it no more; throws where that goes otherwise than with Kubernetes. */
export async function deliverWithKustomize(plane: ControlPlane, kustomize: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-kustomize-'));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const built = async (): Promise<string> => (await promisify(execFile)(kustomize, ['build', join(folder, 'overlay')])).stdout;
  const apply = async (input: string): Promise<string[]> => {
    const words = ['apply', '--server-side', '--prune', '--applyset=configmaps/shop', '-n', 'shop', '-f', '-'];
    const { code, stdout, stderr } = await plane.kubectl(words, { input, version: '1.36', environment: { KUBECTL_APPLYSET: 'true' } });
    assert.equal(code, 0, stderr);
    return stdout.trimEnd().split('\n').map((line) => line.replace(/settings-\w+/, 'settings-HASH')).sort();
  };
  const difference = (input: string): Promise<{ readonly code: number | null }> => plane.kubectl(['diff', '--server-side', '-f', '-'], { input, version: '1.36' });
  const settings = async (): Promise<string[]> => (await plane.run('get configmaps -n shop -l team=sales -o name')).split('\n');
  try {
    for (const [path, text] of Object.entries(FILES)) write(path, text);
    await plane.run('create namespace shop');
    const first = await built();
    assert.deepEqual(await apply(first), ['configmap/a-settings-HASH serverside-applied', 'deployment.apps/a-app serverside-applied', 'service/a-app serverside-applied']);
    assert.equal(await plane.run('get deployment a-app -n shop -o jsonpath={.spec.replicas},{.spec.template.spec.containers[0].image},{.spec.selector.matchLabels}'), '3,registry.test/app:v2,{"app":"app","team":"sales"}');
    assert.equal(await plane.run('get service a-app -n shop -o jsonpath={.spec.ports[0].name}'), 'web');
    const [before] = await settings();
    assert.equal(await plane.run('get configmap shop -n shop -o jsonpath={.metadata.annotations.applyset\\.kubernetes\\.io/contains-group-kinds}'), 'ConfigMap,Deployment.apps,Service');
    // What was applied is as it is: an apply or a difference of the same changes nothing.
    const version = (): Promise<string> => plane.run('get configmaps,services -n shop -l team=sales -o jsonpath={.items[*].metadata.resourceVersion}');
    const versions = await version();
    await apply(first);
    assert.equal(await version(), versions);
    write('overlay/kustomization.yaml', FILES['overlay/kustomization.yaml'].replace('LARGE', 'SMALL').replace('count: 3', 'count: 2'));
    const second = await built();
    assert.equal((await difference(second)).code, 1);
    assert.deepEqual(await apply(second), ['configmap/a-settings-HASH pruned', 'configmap/a-settings-HASH serverside-applied', 'deployment.apps/a-app serverside-applied', 'service/a-app serverside-applied']);
    const after = await settings();
    assert.equal(after.length, 1);
    assert.notEqual(after[0], before);
    assert.equal(await plane.run('get deployment a-app -n shop -o jsonpath={.spec.replicas},{.spec.template.spec.containers[0].envFrom[0].configMapRef.name}'), `2,${after[0]!.replace('configmap/', '')}`);
    // kubectl has a kustomize of its own.
    const removed = await plane.run(`delete -k ${join(folder, 'overlay')} --wait=true`);
    assert.equal(removed.split('\n').length, 3);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
