import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startControlPlane } from '../rig/controlPlane.ts';
import { followWithClientNode } from './clientNode.ts';
import { buildGoProgram } from './goProgram.ts';

/**
 * `npm run test:clients`: runs programs that were written with other languages' client libraries against a control plane, and says what they saw. Not part of
 * the gate: building them the first time takes longer than all of it.
 */
const program = await buildGoProgram('informers.go');
const plane = await startControlPlane();
try {
  await plane.run('create namespace node');
  await followWithClientNode(plane.kubeconfig, 'node');
  await plane.run('create namespace go');
  const { stdout } = await promisify(execFile)(program, [plane.kubeconfig, 'go'], { timeout: 120_000 });
  process.stdout.write(stdout);
  const seen = JSON.parse(stdout) as Record<string, unknown> & { readonly kinds: Readonly<Record<string, number>>; readonly updated: number };
  const { version, added, deleted, listed, applied, leader, missing } = seen;
  assert.deepEqual({ version, added, deleted, listed, applied, leader, missing }, { version: 'v1.36.0+gantry', added: 100, deleted: 100, listed: 100, applied: 'yes0', leader: true, missing: 'configmaps "nowhere" not found' });
  assert.ok(seen.updated >= 9, `${seen.updated} updates were seen`);
  for (const [kind, count] of Object.entries(seen.kinds)) assert.ok(count > 0, `no ${kind} was seen`);
} finally {
  await plane.close();
}
