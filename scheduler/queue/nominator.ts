import type { PodInfo } from '../cache/podInfo.ts';
import type { Nominations } from '../framework/filterRun.ts';

const NONE: readonly PodInfo[] = [];

/** Which pods were promised which node. */
export class Nominator implements Nominations {
  readonly #byNode = new Map<string, Map<string, PodInfo>>();
  readonly #nodes = new Map<string, string>();

  set(info: PodInfo, node: string): void {
    this.delete(info.uid);
    this.#nodes.set(info.uid, node);
    const pods = this.#byNode.get(node);
    if (pods) pods.set(info.uid, info);
    else this.#byNode.set(node, new Map([[info.uid, info]]));
  }

  delete(uid: string): void {
    const node = this.#nodes.get(uid);
    if (node === undefined) return;
    this.#nodes.delete(uid);
    const pods = this.#byNode.get(node);
    pods?.delete(uid);
    if (pods?.size === 0) this.#byNode.delete(node);
  }

  on(node: string): readonly PodInfo[] {
    const pods = this.#byNode.get(node);
    return pods ? [...pods.values()] : NONE;
  }
}
