import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { ControlPlane } from '../rig/controlPlane.ts';
import { runPython } from './pythonProgram.ts';

/** A controller in Python with a kind of its own; throws where it saw anything but what happened. */
export async function followWithPython(plane: ControlPlane): Promise<void> {
  await plane.run('create namespace py');
  const found = JSON.parse(await runPython('gadgets.py', [plane.kubeconfig, 'py', join(import.meta.dirname, 'python', 'gadgets.yaml')])) as object;
  assert.deepEqual(found, {
    version: 'v1.36.0+gantry',
    subresources: ['scale', 'status'],
    defaulted: 'red',
    invalid: 'Gadget.py.gantry.test "b" is invalid: spec.size: Invalid value: 99: spec.size in body should be less than or equal to 10',
    strategic: [415, 'UnsupportedMediaType'],
    conflict: 'Apply failed with 1 conflict: conflict with "py": .spec.colour',
    status: { replicas: 2 },
    scale: { replicas: 3 },
    seen: [
      ['ADDED', 'a', 1],
      ['MODIFIED', 'a', 2],
      ['MODIFIED', 'a', 2],
      ['MODIFIED', 'a', 2],
      ['MODIFIED', 'a', 2],
      ['DELETED', 'a', 2],
    ],
    missing: 'gadgets.py.gantry.test "a" not found',
    pages: [10, 10, 5],
    selected: 9,
    left: 0,
    leader: true,
  });
}
