import { writeFileSync } from 'node:fs';
import type { ControlPlane } from '../rig/controlPlane.ts';

/** Writes a kubeconfig with a token of a ServiceAccount, as a pod of it would have. */
export async function tokenKubeconfig(plane: ControlPlane, namespace: string, account: string, file: string): Promise<void> {
  const token = await plane.run(`create token ${account} -n ${namespace} --duration=1h`);
  const { ca, servers } = plane.clientConfig;
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'it',
    contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
    clusters: [{ name: 'it', cluster: { server: servers[0], 'certificate-authority-data': Buffer.from(ca ?? '').toString('base64') } }],
    users: [{ name: 'it', user: { token } }],
  };
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
}
