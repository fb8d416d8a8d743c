import { type FieldError, invalid } from '../../../api/fieldError.ts';

export type Level = 'privileged' | 'baseline' | 'restricted';
/** From the laxest to the strictest. */
const LEVELS: readonly Level[] = ['privileged', 'baseline', 'restricted'];

/** How strict, and by the rules of which Kubernetes: `latest`, or `v1.25`. */
export interface LevelVersion {
  readonly level: Level;
  readonly version: string;
}

export const MODES = ['enforce', 'audit', 'warn'] as const;
export type Mode = (typeof MODES)[number];
export type Policy = Readonly<Record<Mode, LevelVersion>>;

export const PRIVILEGED: LevelVersion = { level: 'privileged', version: 'latest' };
export const DEFAULT_POLICY: Policy = { enforce: PRIVILEGED, audit: PRIVILEGED, warn: PRIVILEGED };

const LABEL_PREFIX = 'pod-security.kubernetes.io/';
/** Of a namespace: its level, or the version of its rules. */
export const levelLabel = (mode: Mode): string => LABEL_PREFIX + mode;
export const versionLabel = (mode: Mode): string => `${LABEL_PREFIX}${mode}-version`;

export const INVALID_LEVEL = 'must be one of privileged, baseline, restricted';
export const INVALID_VERSION = 'must be "latest" or "v1.x"';
const VERSION = /^v1\.(0|[1-9]\d{0,3})$/;

export const isLevel = (text: string): text is Level => (LEVELS as readonly string[]).includes(text);
export const isVersion = (text: string): boolean => text === 'latest' || VERSION.test(text);

/** `restricted:latest`. */
export const formatLevel = ({ level, version }: LevelVersion): string => `${level}:${version}`;

/** Negative where the first is laxer. */
export const compareLevels = (left: Level, right: Level): number => LEVELS.indexOf(left) - LEVELS.indexOf(right);

export const isSamePolicy = (left: LevelVersion, right: LevelVersion): boolean => left.level === right.level && left.version === right.version;

/**
 * What a namespace's labels ask for. What cannot be read is taken for the strictest where it is enforced, and for the laxest where it only
 * warns or is noted (`api.PolicyToEvaluate`).
 */
export function policyOf(labels: Readonly<Record<string, string>> | undefined, defaults: Policy): { readonly policy: Policy; readonly errors: readonly FieldError[] } {
  const errors: FieldError[] = [];
  const read = (mode: Mode): LevelVersion => {
    const level = labels?.[levelLabel(mode)];
    const version = labels?.[versionLabel(mode)];
    if (level !== undefined && !isLevel(level)) errors.push(invalid(`metadata.labels[${levelLabel(mode)}]`, level, INVALID_LEVEL));
    if (version !== undefined && !isVersion(version)) errors.push(invalid(`metadata.labels[${versionLabel(mode)}]`, version, INVALID_VERSION));
    return {
      level: level === undefined ? defaults[mode].level : isLevel(level) ? level : mode === 'enforce' ? 'restricted' : 'privileged',
      version: version === undefined ? defaults[mode].version : isVersion(version) ? version : 'latest',
    };
  };
  return { policy: { enforce: read('enforce'), audit: read('audit'), warn: read('warn') }, errors };
}

/** 25 of `v1.25`; infinite of `latest`. */
export const minorOf = (version: string): number => (version === 'latest' ? Number.POSITIVE_INFINITY : Number(version.slice('v1.'.length)));
