import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from '../rig/controlPlane.ts';
import { addNodes, HandKubelet } from '../rig/handKubelet.ts';

/** A control plane with two nodes whose pods run by hand; `use` in a test file starts it before the tests and stops it after them. */
export interface Cluster extends ControlPlane {
  /** kubectl's stderr, of a command that must fail. */
  refused(words: string | readonly string[], input?: string): Promise<string>;
}

/** Registers the hooks of a test file and gives access to the cluster that they start. */
export function useCluster(options: ControlPlaneOptions = {}): () => Cluster {
  let cluster: Cluster | undefined;
  let kubelet: HandKubelet | undefined;
  beforeAll(async () => {
    const plane = await startControlPlane(options);
    await addNodes(plane.client, ['n1', 'n2']);
    kubelet = new HandKubelet(plane.client);
    const refused: Cluster['refused'] = async (words, input) => {
      const { code, stderr, stdout } = await plane.kubectl(typeof words === 'string' ? words.split(' ') : words, input === undefined ? {} : { input });
      if (code === 0) throw new Error(`kubectl was to fail, but said: ${stdout}`);
      return stderr.trimEnd();
    };
    cluster = { ...plane, refused };
    await plane.run('wait --for=create serviceaccount/default --timeout=10s');
  }, 60_000);
  afterAll(async () => {
    await kubelet?.stop();
    await cluster?.close();
  }, 30_000);
  return () => {
    if (!cluster) throw new Error('the cluster has not been started');
    return cluster;
  };
}
