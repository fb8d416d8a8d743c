import { readGoBoolean } from '../../process/goNumbers.ts';
import { type Feature, ELSEWHERE_FEATURES, KNOWN_FEATURES, SPECIAL_FEATURES, SWITCHED_FEATURES, type SwitchedFeature } from './knownFeatures.ts';

/** Feature gates that cannot be set so; one message for each, in Kubernetes' words where it refuses, too. */
export class FeatureGateError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join(', '));
    this.faults = faults;
  }
}

/** Which features are on. */
export class FeatureGates {
  readonly #set: ReadonlyMap<string, boolean>;

  private constructor(set: ReadonlyMap<string, boolean>) {
    this.#set = set;
  }

  /** `NAME=true` or `NAME=false`, later ones counting more. Throws a `FeatureGateError`. */
  static parse(pairs: readonly string[]): FeatureGates {
    const given = new Map<string, boolean>();
    for (const pair of pairs) {
      const [, name = '', text] = /^([^=]*)(?:=(.*))?$/s.exec(pair) ?? [];
      if (text === undefined) throw new FeatureGateError([`missing bool value for ${name.trim()}`]);
      const value = readGoBoolean(text.trim());
      if (typeof value === 'string') throw new FeatureGateError([`invalid value of ${name.trim()}=${text.trim()}, err: ${value}`]);
      given.set(name.trim(), value);
    }
    return new FeatureGates(resolve(given));
  }

  /** All at their defaults. */
  static readonly defaults = new FeatureGates(new Map());

  /** Of features that change what is served; the others stand as they are. */
  enabled(name: SwitchedFeature): boolean {
    return this.#set.get(name) ?? KNOWN_FEATURES.get(name)?.default ?? false;
  }

  /** Whether it was set, by itself or by `AllAlpha` or `AllBeta`, or stands at its default. */
  isOn(name: string, { default: initial }: Feature): boolean {
    return this.#set.get(name) ?? initial;
  }

  /** Those that were given and will be gone one day. */
  get outlived(): string[] {
    return [...this.#set.keys()].filter((name) => ['GA', 'DEPRECATED'].includes(KNOWN_FEATURES.get(name)?.stage ?? ''));
  }
}

function resolve(given: ReadonlyMap<string, boolean>): ReadonlyMap<string, boolean> {
  const unknown = [...given.keys()].find((name) => !KNOWN_FEATURES.has(name));
  if (unknown !== undefined) throw new FeatureGateError([`unrecognized feature gate: ${unknown}`]);
  const locked = [...given].filter(([name, value]) => KNOWN_FEATURES.get(name)?.locked && KNOWN_FEATURES.get(name)?.default !== value);
  if (locked.length > 0) throw new FeatureGateError(locked.map(([name, value]) => `cannot set feature gate ${name} to ${value}, feature is locked to ${!value}`));
  const all = new Map(given);
  for (const [special, stage] of SPECIAL_FEATURES) {
    const value = given.get(special);
    if (value === undefined) continue;
    for (const [name, feature] of KNOWN_FEATURES) if (feature.stage === stage && !SPECIAL_FEATURES.has(name) && !all.has(name)) all.set(name, value);
  }
  const follows = new Set<string>([...SWITCHED_FEATURES, ...SPECIAL_FEATURES.keys()]);
  const unable = [...all].filter(([name, value]) => KNOWN_FEATURES.get(name)?.default !== value && !follows.has(name) && !ELSEWHERE_FEATURES.has(name));
  if (unable.length > 0) throw new FeatureGateError(unable.map(([name, value]) => `cannot set feature gate ${name} to ${value}, Gantry has it ${value ? 'off' : 'on'} and cannot switch it`));
  return all;
}
