import { readFile } from 'node:fs/promises';
import type { V1Node } from '../../api/generated/types.ts';
import { writeWhole } from '../../process/writeWhole.ts';
import { isMissing } from '../errorText.ts';

/** The subnets that a Node's pods have their addresses from. */
export function podSubnetsOf(node: V1Node | undefined): readonly string[] {
  const { podCIDR, podCIDRs = [] } = node?.spec ?? {};
  if (podCIDRs.length > 0) return podCIDRs;
  return podCIDR ? [podCIDR] : [];
}

/** The subnets as the API told them last, so that static pods get addresses while no API server answers. */
export class PodSubnets {
  readonly #file: string;
  #known: readonly string[];

  private constructor(file: string, known: readonly string[]) {
    this.#file = file;
    this.#known = known;
  }

  static async open(file: string): Promise<PodSubnets> {
    try {
      return new PodSubnets(file, JSON.parse(await readFile(file, 'utf8')) as string[]);
    } catch (error) {
      if (isMissing(error)) return new PodSubnets(file, []);
      throw error;
    }
  }

  get known(): readonly string[] {
    return this.#known;
  }

  /** What the API says now. */
  note(node: V1Node): void {
    const subnets = podSubnetsOf(node);
    if (subnets.join(' ') === this.#known.join(' ')) return;
    writeWhole(this.#file, JSON.stringify(subnets), 0o644);
    this.#known = subnets;
  }
}
