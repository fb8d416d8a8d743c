import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aptAvailable, aptInstall } from '../../cli/packages/apt.ts';
import { CLUSTER_PACKAGES, describeMissing, missingPackages, TEST_PACKAGES } from '../../cli/packages/hostPackages.ts';
import { processTerminal } from '../../cli/terminal.ts';
import { KUBECTL_VERSIONS, kubectlPath } from '../rig/kubectl.ts';

/**
 * The gate: what `npm test` and the continuous integration run. It installs what is missing, checks types, lint and import
 * directions, and runs every test; `--unit` leaves out what needs more than Node.js. The last line counts.
 */
const terminal = processTerminal;
const unitOnly = process.argv.includes('--unit');
const scratch = mkdtempSync(join(tmpdir(), 'gantry-gate-'));
const count = { passed: 0, failed: 0 };
/** Tests that need etcd and processes, and neither namespaces nor an engine; and, so that both halves last alike, the one whose cluster is in containers. */
const SERVERS = '/test/(apiserver|client|compatibility|compose|conformance|controllers|fuzz|kubectl|scheduler|storage)/';

try {
  if (!unitOnly) prepare();
  check('types', 'node_modules/typescript/bin/tsc', ['-p', '.']);
  check('lint', 'node_modules/oxlint/bin/oxlint', ['--type-aware', '--quiet']);
  await jest('unit', 'unit', []);
  if (!unitOnly) {
    check('build', 'cli/build/main.ts', []);
    // Two at a time on the machine's two cores: tests with hosts and engines of their own mostly wait, the others mostly compute. Of each half
    // one after another. A socket that a test has left open must not hold the gate.
    await Promise.all([
      jest('hosts', 'rig', ['--runInBand', '--forceExit', '--testPathIgnorePatterns', SERVERS]),
      jest('servers', 'rig', ['--runInBand', '--forceExit', '--testPathPatterns', SERVERS], 'at its end'),
    ]);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = count.failed === 0 ? 0 : 1;
terminal.say(`${count.passed} passed, ${count.failed} failed`);

function prepare(): void {
  const missing = missingPackages([...CLUSTER_PACKAGES, ...TEST_PACKAGES], existsSync);
  if (missing.length > 0) {
    if (!aptAvailable()) throw new Error(describeMissing(missing));
    aptInstall(missing, processTerminal);
  }
  for (const version of KUBECTL_VERSIONS) kubectlPath(version);
}

function check(name: string, script: string, words: readonly string[]): void {
  const started = performance.now();
  const { status } = spawnSync(process.execPath, [script, ...words], { stdio: 'inherit' });
  count[status === 0 ? 'passed' : 'failed'] += 1;
  const line = `${name}: ${status === 0 ? 'sound' : 'FAILED'} (${((performance.now() - started) / 1000).toFixed(1)} s)`;
  if (status === 0) terminal.say(line);
  else terminal.complain(line);
}

/** Runs a project's tests. What jest prints comes as it is printed, or, of the one that runs beside another, in one piece at its end. */
async function jest(name: string, project: string, words: readonly string[], printing: 'live' | 'at its end' = 'live'): Promise<void> {
  const report = join(scratch, `${name}.json`);
  // The JSON goes to the file as well as to standard output, which nobody reads.
  const child = spawn(process.execPath, ['node_modules/jest/bin/jest.js', '--selectProjects', project, '--json', '--outputFile', report, ...words], {
    stdio: ['ignore', 'ignore', printing === 'live' ? 'inherit' : 'pipe'],
  });
  const printed = child.stderr?.toArray();
  await once(child, 'close');
  if (printed) process.stderr.write(Buffer.concat((await printed) as Buffer[]));
  if (!existsSync(report)) {
    terminal.complain(`${name}: jest did not come to its end`);
    count.failed += 1;
    return;
  }
  const result = JSON.parse(readFileSync(report, 'utf8')) as { numPassedTests: number; numFailedTests: number; numRuntimeErrorTestSuites: number };
  count.passed += result.numPassedTests;
  count.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
}
