import { runCommand } from './command.ts';

/** Sets a kernel parameter of this host, e.g. `net.ipv4.ip_forward`; gives what `sysctl` says where that fails. */
export async function setSysctl(name: string, value: string, prefix: readonly string[] = []): Promise<string | undefined> {
  const { code, stderr } = await runCommand([...prefix, 'sysctl', '-qw', `${name}=${value}`]);
  return code === 0 ? undefined : stderr.trim() || `exit code ${code}`;
}
