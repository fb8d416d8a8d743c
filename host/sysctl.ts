import { runCommand } from './command.ts';

/** Sets a kernel parameter of this host, e.g. `net.ipv4.ip_forward`; gives what `sysctl` says where that fails and it has another value. */
export async function setSysctl(name: string, value: string, prefix: readonly string[] = []): Promise<string | undefined> {
  const { code, stderr } = await runCommand([...prefix, 'sysctl', '-qw', `${name}=${value}`]);
  if (code === 0) return undefined;
  // In a container without privileges they can be read, and may have been set from outside.
  const standing = await runCommand([...prefix, 'sysctl', '-n', name]);
  return standing.stdout.trim() === value ? undefined : stderr.trim() || `exit code ${code}`;
}
