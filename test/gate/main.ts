import { spawnSync } from 'node:child_process';
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

try {
  if (!unitOnly) prepare();
  check('types', 'node_modules/typescript/bin/tsc', ['-p', '.']);
  check('lint', 'node_modules/oxlint/bin/oxlint', ['--type-aware', '--quiet']);
  jest('unit', []);
  if (!unitOnly) {
    check('build', 'cli/build/main.ts', []);
    // One after another: they share the machine's two cores, and each starts hosts, engines and etcd.
    // A socket that a test has left open must not hold the gate.
    jest('rig', ['--runInBand', '--forceExit']);
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

function jest(project: string, words: readonly string[]): void {
  const report = join(scratch, `${project}.json`);
  spawnSync(process.execPath, ['node_modules/jest/bin/jest.js', '--selectProjects', project, '--json', '--outputFile', report, ...words], {
    // The JSON goes to the file as well as to standard output, which nobody reads.
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (!existsSync(report)) {
    terminal.complain(`${project} tests: jest did not come to its end`);
    count.failed += 1;
    return;
  }
  const result = JSON.parse(readFileSync(report, 'utf8')) as { numPassedTests: number; numFailedTests: number; numRuntimeErrorTestSuites: number };
  count.passed += result.numPassedTests;
  count.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
}
