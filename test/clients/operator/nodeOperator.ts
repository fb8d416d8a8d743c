import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ControlPlane, eventually } from '../../rig/controlPlane.ts';
import { tokenKubeconfig } from '../tokenKubeconfig.ts';

const FOLDER = join(import.meta.dirname, '..', 'node');
const PATIENCE_SECONDS = 60;
const ACCESS = `
apiVersion: v1
kind: Namespace
metadata: {name: lamps}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: lamp-operator, namespace: lamps}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: lamp-operator}
rules:
- {apiGroups: [apiextensions.k8s.io], resources: [customresourcedefinitions], verbs: [create]}
- {apiGroups: [node.gantry.test], resources: [lamps], verbs: [list, watch, patch]}
- {apiGroups: [node.gantry.test], resources: [lamps/status], verbs: [update]}
- {apiGroups: [""], resources: [configmaps], verbs: [create, patch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: lamp-operator}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: lamp-operator}
subjects: [{kind: ServiceAccount, name: lamp-operator, namespace: lamps}]
`;

/** An operator written with a library of Node.js, whose packages are in `packages`, and what its user sees; throws where that is otherwise than with Kubernetes. */
export async function liveWithNodeOperator(plane: ControlPlane, packages: string): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'gantry-node-operator-'));
  const lamp = (watts: number): string => JSON.stringify({ apiVersion: 'node.gantry.test/v1', kind: 'Lamp', metadata: { name: 'desk', namespace: 'lamps' }, spec: { watts } });
  const until = (what: string, look: () => Promise<boolean>): Promise<true> => eventually(what, async () => ((await look()) ? true : undefined), PATIENCE_SECONDS);
  let operator: Restarted | undefined;
  try {
    await plane.run('apply -f -', ACCESS);
    const kubeconfig = join(scratch, 'kubeconfig');
    await tokenKubeconfig(plane, 'lamps', 'lamp-operator', kubeconfig);
    operator = new Restarted(() => spawn(process.execPath, [join(FOLDER, 'lampOperator.mjs'), join(FOLDER, 'lamps.yaml')], { cwd: packages, env: { KUBECONFIG: kubeconfig }, stdio: ['ignore', 'ignore', 'pipe'] }));
    await until('its kind is served', async () => (await plane.kubectl(['get', 'lamps', '-n', 'lamps'])).code === 0);
    await plane.run('apply -f -', lamp(60));
    const shown = async (): Promise<string> => plane.run('get lamp desk -n lamps --no-headers');
    await until('it shines', async () => /^desk\s+60\s+true$/.test(await shown()));
    assert.equal(await plane.run('get configmap desk -n lamps -o jsonpath={.data.watts},{.metadata.ownerReferences[0].kind}'), '60,Lamp');
    await plane.restartApiServer();
    await plane.run('apply -f -', lamp(100));
    await until('it goes on after a restart of the API server', async () => (await plane.run('get configmap desk -n lamps -o jsonpath={.data.watts}')) === '100');
    assert.match(await plane.run('delete lamp desk -n lamps --timeout=60s'), /deleted/);
    assert.notEqual(await plane.run('get configmap desk-dark -n lamps -o jsonpath={.data.uid}'), '');
    await until('what it owned is collected', async () => (await plane.run('get configmap desk -n lamps -o name --ignore-not-found')) === '');
  } catch (error) {
    process.stderr.write(operator?.said ?? '');
    throw error;
  } finally {
    await operator?.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** A process that is started again whenever it ends, as a Deployment does. */
class Restarted {
  readonly #start: () => ChildProcess;
  readonly #stopping = new AbortController();
  #child: ChildProcess;
  said = '';

  constructor(start: () => ChildProcess) {
    this.#start = start;
    this.#child = this.#begin();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const ended = once(this.#child, 'exit');
    if (this.#child.exitCode === null && this.#child.signalCode === null && this.#child.kill('SIGTERM')) await ended;
  }

  #begin(): ChildProcess {
    const child = this.#start();
    child.stderr?.on('data', (piece: Buffer) => void (this.said = (this.said + piece.toString()).slice(-20_000)));
    child.once('exit', () => {
      if (!this.#stopping.signal.aborted) this.#child = this.#begin();
    });
    return child;
  }
}
