import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ControlPlane } from '../rig/controlPlane.ts';

/** A program of client-go lists, watches, writes, elects and deletes in protobuf; throws where it saw anything but what happened. */
export async function followWithGo(plane: ControlPlane, program: string): Promise<void> {
  await plane.run('create namespace go');
  const { stdout } = await promisify(execFile)(program, [plane.kubeconfig, 'go'], { timeout: 120_000 });
  process.stdout.write(stdout);
  const seen = JSON.parse(stdout) as Record<string, unknown> & { readonly kinds: Readonly<Record<string, number>>; readonly updated: number };
  const { version, protocol, added, deleted, listed, applied, leader, missing } = seen;
  assert.deepEqual({ version, protocol, added, deleted, listed, applied, leader, missing }, { version: 'v1.36.0+gantry', protocol: 'HTTP/2.0', added: 100, deleted: 100, listed: 100, applied: 'yes0', leader: true, missing: 'configmaps "nowhere" not found' });
  assert.ok(seen.updated >= 9, `${seen.updated} updates were seen`);
  for (const [kind, count] of Object.entries(seen.kinds)) assert.ok(count > 0, `no ${kind} was seen`);
}
