import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from '../../rig/controlPlane.ts';
import { addNodes, HandKubelet } from '../../rig/handKubelet.ts';
import { type Caller, callerOfPlane } from './caller.ts';
import { until } from './definitions.ts';

export interface Plane {
  readonly plane: ControlPlane;
  readonly caller: Caller;
  /** A namespace of the test's own, with its ServiceAccount. */
  namespace(labels?: object): Promise<string>;
  /** `kubectl` 1.36: standard output; throws where it fails. The words are split at spaces. */
  kubectl(words: string | readonly string[], input?: string): Promise<string>;
  /** What it says when it must fail. */
  refused(words: string | readonly string[], input?: string): Promise<string>;
}

/** A control plane with controllers, scheduler and two nodes whose pods run by hand, for the tests of one file. */
export function usePlane(options: ControlPlaneOptions = {}): () => Plane {
  let used: Plane | undefined;
  let close = async (): Promise<void> => undefined;
  beforeAll(async () => {
    const plane = await startControlPlane(options);
    const { caller, agent } = callerOfPlane(plane);
    await addNodes(plane.client, ['n1', 'n2']);
    const kubelet = new HandKubelet(plane.client);
    close = async () => {
      agent.destroy();
      await kubelet.stop();
      await plane.close();
    };
    let namespaces = 0;
    const run = (words: string | readonly string[], input?: string) => plane.kubectl(typeof words === 'string' ? words.split(' ') : words, { version: '1.36', ...(input === undefined ? {} : { input }) });
    used = {
      plane,
      caller,
      namespace: async (labels = {}) => {
        const name = `e2e-${(namespaces += 1)}`;
        await caller.ok('POST', '/api/v1/namespaces', { metadata: { name, labels } });
        await until(`the ServiceAccount of ${name}`, async () => (await caller.request('GET', `/api/v1/namespaces/${name}/serviceaccounts/default`)).status === 200);
        return name;
      },
      kubectl: async (words, input) => {
        const { code, stdout, stderr } = await run(words, input);
        if (code !== 0) throw new Error(`kubectl ${String(words)} ended with ${code}: ${stderr}${stdout}`);
        return stdout.trimEnd();
      },
      refused: async (words, input) => {
        const { code, stdout, stderr } = await run(words, input);
        if (code === 0) throw new Error(`kubectl ${String(words)} was to fail, but said: ${stdout}`);
        return stderr.trimEnd();
      },
    };
  });
  afterAll(() => close());
  return () => {
    if (!used) throw new Error('the control plane has not been started');
    return used;
  };
}
