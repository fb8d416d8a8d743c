import { type ControlPlane, type ControlPlaneOptions, eventually, startControlPlane } from '../rig/controlPlane.ts';
import { addNodes, HandKubelet } from '../rig/handKubelet.ts';

/** A control plane with two nodes whose pods run by hand; `use` in a test file starts it before the tests and stops it after them. */
export interface Cluster extends ControlPlane {
  /** kubectl's stderr, of a command that must fail. */
  refused(words: string | readonly string[], input?: string): Promise<string>;
  /** Runs kubectl until it says this, for what a control loop or a recorder of events has still to write; gives what it said, without the last newline. A text is to be all of it. */
  untilSays(words: string, wanted: string | RegExp): Promise<string>;
  /**
   * What a command says that is to run out of time, once that is `wanted`. The time, put behind `--timeout=`, is doubled from a second on: it may have run out
   * before kubectl came to what it waits for.
   */
  untilTimesOut(words: string, wanted: RegExp): Promise<string>;
}

/** How tables tell an age. */
export const AGE = '(?:\\d+[smhd])+';
/** The longest time that a command is given to run out of, in seconds. */
const LONGEST_SECONDS = 64;

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
    const untilSays: Cluster['untilSays'] = async (words, wanted) => {
      let said = '';
      const look = async (): Promise<string | undefined> => {
        const { code, stdout, stderr } = await plane.kubectl(words.split(' '));
        said = `${stdout}${stderr}`;
        const text = stdout.trimEnd();
        return code === 0 && (typeof wanted === 'string' ? text === wanted : wanted.test(text)) ? text : undefined;
      };
      return eventually(`kubectl ${words} says ${String(wanted)}`, look).catch((error: Error) => {
        throw new Error(`${error.message}, but: ${said}`, { cause: error });
      });
    };
    const untilTimesOut: Cluster['untilTimesOut'] = async (words, wanted) => {
      for (let seconds = 1; ; seconds *= 2) {
        const said = await refused(`${words} --timeout=${seconds}s`);
        if (wanted.test(said)) return said;
        if (seconds === LONGEST_SECONDS) throw new Error(`kubectl ${words} was to say ${String(wanted)}, but said: ${said}`);
      }
    };
    cluster = { ...plane, refused, untilSays, untilTimesOut };
    await plane.run('wait --for=create serviceaccount/default --timeout=90s');
  });
  afterAll(async () => {
    await kubelet?.stop();
    await cluster?.close();
  });
  return () => {
    if (!cluster) throw new Error('the cluster has not been started');
    return cluster;
  };
}
