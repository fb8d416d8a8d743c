import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { repositoryRoot } from '../rig/repositoryRoot.ts';

/** A kubelet in a process of its own, by the configuration in a file; it can be killed, and started again, any number of times. */
export class KillableKubelet {
  readonly #configFile: string;
  #child: ChildProcess | undefined;

  constructor(configFile: string) {
    this.#configFile = configFile;
  }

  start(): void {
    this.#child = spawn(process.execPath, [join(repositoryRoot, 'test/kubelet/kubeletProcess.ts'), this.#configFile], { stdio: ['ignore', 'ignore', 'inherit'] });
  }

  /** SIGKILL; it has ended when this resolves. Nothing happens when none runs. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
}
