import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Terminal } from '../terminal.ts';
import type { HostPackage } from './hostPackages.ts';

const POLICY = '/usr/sbin/policy-rc.d';
const POLICY_TEXT = '#!/bin/sh\n# gantry: no service is started by its installation; removed when that is over\nexit 101\n';

/** Whether packages can be installed here: Debian and its descendants. */
export function aptAvailable(): boolean {
  return existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/dpkg');
}

/**
 * Installs Debian packages, without letting them start services: what runs is decided by `gantry up`, and a fresh
 * etcd-server would take etcd's port. Throws with what apt said.
 */
export function aptInstall(packages: readonly HostPackage[], terminal: Terminal): void {
  terminal.say('Installing with apt:');
  for (const { name, purpose } of packages) terminal.say(`  ${name}: ${purpose}`);
  const names = packages.map(({ name }) => name);
  withoutServiceStart(() => {
    const first = apt(['install', '--yes', '--no-install-recommends', ...names]);
    if (first.code === 0) return;
    // The lists may be missing (a fresh image) or too old.
    const update = apt(['update', '--quiet']);
    const second = apt(['install', '--yes', '--no-install-recommends', ...names]);
    if (second.code !== 0) throw new Error(`apt-get could not install ${names.join(' ')}:\n${[update, second].map(({ output }) => output.trim()).join('\n')}`);
  });
  if (names.includes('etcd-server') && existsSync('/run/systemd/system')) {
    // Its own service would take the port at the next boot.
    spawnSync('systemctl', ['disable', '--now', 'etcd.service'], { stdio: 'ignore' });
  }
}

function withoutServiceStart(install: () => void): void {
  const ours = !existsSync(POLICY) || readFileSync(POLICY, 'utf8') === POLICY_TEXT;
  if (ours) writeFileSync(POLICY, POLICY_TEXT, { mode: 0o755 });
  try {
    install();
  } finally {
    if (ours) rmSync(POLICY, { force: true });
  }
}

function apt(words: readonly string[]): { readonly code: number | null; readonly output: string } {
  const { status, stdout, stderr, error } = spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...words], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_SUSPEND: '1' },
  });
  return { code: status, output: error ? error.message : `${stdout}${stderr}` };
}
