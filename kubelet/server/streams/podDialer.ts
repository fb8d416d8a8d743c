import { type ChildProcess, spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import type { Logger } from '../../../process/log.ts';

/** Connects to ports on the loopback of a pod. */
export interface PodDialer {
  /** Throws with what Go would say. */
  dial(port: number): Promise<Socket>;
  close(): void;
}

/**
 * Runs in the pod's network namespace: makes connections and hands the sockets over. A socket belongs to the namespace in which it was
 * made, whoever holds it; so no byte passes through this process.
 */
const HELPER = `
const { connect } = require('node:net');
const dial = (id, port, hosts) => {
  const socket = connect({ host: hosts[0], port, allowHalfOpen: true });
  socket.pause();
  socket.once('connect', () => { socket.removeAllListeners('error'); socket.on('error', () => {}); process.send({ id }, socket, { keepOpen: false }); });
  socket.once('error', (error) => hosts.length > 1 ? dial(id, port, hosts.slice(1)) : process.send({ id, code: error.code, message: error.message }));
};
process.on('message', ({ id, port }) => dial(id, port, ['::1', '127.0.0.1']));
process.on('disconnect', () => process.exit(0));
`;

interface Answer {
  readonly id: number;
  readonly code?: string;
  readonly message?: string;
}

/** @param pid a process in the pod's network namespace; 0 for the host's network */
export function podDialer(pid: number, logger: Logger): PodDialer {
  if (pid === 0) return { dial: (port) => dialHost(port, ['::1', '127.0.0.1']), close: () => undefined };
  let helper: ChildProcess | undefined;
  const waiting = new Map<number, { readonly resolve: (socket: Socket) => void; readonly reject: (error: Error) => void; readonly port: number }>();
  let nextId = 0;
  const failAll = (message: string): void => {
    helper = undefined;
    for (const { reject } of waiting.values()) reject(new Error(message));
    waiting.clear();
  };
  const start = (): ChildProcess => {
    const child = spawn('nsenter', [`--net=/proc/${pid}/ns/net`, process.execPath, '-e', HELPER], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    child.stderr?.on('data', (text: Buffer) => logger.warn('port forwarding in a pod', { pid, error: text.toString('utf8').slice(0, 1000) }));
    child.on('message', (message: Answer, socket: unknown) => {
      const wait = waiting.get(message.id);
      waiting.delete(message.id);
      if (socket && wait) wait.resolve(socket as Socket);
      else if (socket) (socket as Socket).destroy();
      else wait?.reject(new Error(refusal(wait.port, message.code, message.message)));
    });
    child.once('error', (error) => failAll(error.message));
    child.once('exit', () => failAll('the network namespace of the pod could not be entered'));
    return child;
  };
  return {
    dial(port) {
      helper ??= start();
      const id = (nextId += 1);
      const child = helper;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject, port });
        child.send({ id, port }, (error) => {
          if (!error) return;
          waiting.delete(id);
          reject(error);
        });
      });
    },
    close() {
      if (helper?.connected) helper.disconnect();
    },
  };
}

function dialHost(port: number, hosts: readonly string[]): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hosts[0] ?? '127.0.0.1', port, allowHalfOpen: true });
    socket.once('connect', () => resolve(socket));
    socket.once('error', (error: NodeJS.ErrnoException) => (hosts.length > 1 ? resolve(dialHost(port, hosts.slice(1))) : reject(new Error(refusal(port, error.code, error.message)))));
  });
}

function refusal(port: number, code: string | undefined, message: string | undefined): string {
  return code === 'ECONNREFUSED' ? `failed to connect to localhost:${port} inside namespace: dial tcp 127.0.0.1:${port}: connect: connection refused` : `failed to connect to localhost:${port} inside namespace: ${message ?? code}`;
}
