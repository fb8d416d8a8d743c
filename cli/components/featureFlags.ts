import { builtinDefinitions } from '../../api/kinds/index.ts';
import { FeatureGateError, FeatureGates } from '../../apiserver/features/featureGates.ts';
import { emptyLevels, type RuntimeConfig, RuntimeConfigError, runtimeConfigFault, servedDefinitions } from '../../apiserver/runtimeConfig.ts';
import type { Logger } from '../../process/log.ts';
import { throwFaults } from './flagFaults.ts';
import { booleanFlag, type Flag, FlagError, type FlagValues, listFlag } from '../../process/flags.ts';

/** `KEY=VALUE` between commas, any number of times; a key alone has the empty value. */
const configurationFlag = (usage: string): Flag<RuntimeConfig> => ({
  usage,
  default: {},
  boolean: false,
  parse: (text, before) => ({
    ...before,
    ...Object.fromEntries(
      text.split(',').filter((each) => each !== '').map((each) => {
        const at = each.indexOf('=');
        return at < 0 ? [each.trim(), ''] : [each.slice(0, at).trim(), each.slice(at + 1).trim()];
      }),
    ),
  }),
});

/** Which features and kinds are served; Kubernetes' own names. */
export const featureFlags = {
  'feature-gates': listFlag([], 'NAME=true or NAME=false: features to turn on or off; docs/api-server-flags.md says which can be'),
  'runtime-config': configurationFlag('built-in kinds to turn on or off: GROUP/VERSION=true|false, GROUP/VERSION/RESOURCE=true|false (the core group has no name: /v1), api/all, api/ga, api/beta, api/alpha'),
  'emulated-version': listFlag([], 'version of Kubernetes to behave as; only 1.36 can be'),
  'min-compatibility-version': listFlag([], 'version of the oldest component to go with, 1.33 to 1.36; nothing depends on it'),
  'emulation-forward-compatible': booleanFlag(false, 'whether newer kinds are served beside those of --emulated-version; nothing to choose while that is 1.36'),
  'runtime-config-emulation-forward-compatible': booleanFlag(false, 'as before, of kinds that --runtime-config names'),
} as const;

type Values = FlagValues<typeof featureFlags>;

const OLDEST = 33;
const NEWEST = 36;

/** Throws a `FlagError` of what Kubernetes finds out before it looks at any other flag. */
export function featureGatesOf(values: Values, logger: Logger): FeatureGates {
  const emulated = minorOf(values['emulated-version']) ?? NEWEST;
  const compatible = minorOf(values['min-compatibility-version']);
  const faults = [
    ...(emulated < OLDEST || emulated > NEWEST ? [`emulation version 1.${emulated} is not between [1.${OLDEST}, 1.${NEWEST}.0]`] : []),
    ...((compatible ?? OLDEST) < OLDEST || (compatible ?? OLDEST) > emulated || emulated < OLDEST ? [`minCompatibilityVersion version 1.${compatible ?? OLDEST} is not between [1.${OLDEST}, 1.${emulated}]`] : []),
  ];
  throwFaults(faults);
  if (emulated !== NEWEST) throw new FlagError(`--emulated-version: Gantry behaves as Kubernetes 1.${NEWEST} and cannot emulate 1.${emulated}`);
  try {
    const gates = FeatureGates.parse(values['feature-gates'].map((each) => each.trim()).filter((each) => each !== '').map(withoutComponent));
    for (const name of gates.outlived) logger.warn('this feature gate will be gone in a later version', { featureGate: name });
    return gates;
  } catch (error) {
    if (error instanceof FeatureGateError) throwFaults(error.faults);
    throw error;
  }
}

/** What is wrong with the others, in Kubernetes' words. */
export function featureFaults(values: Values): string[] {
  const fault = runtimeConfigFault(values['runtime-config'], builtinDefinitions);
  return [
    ...(values['emulation-forward-compatible'] ? [noEmulation('EmulationForwardCompatible')] : []),
    ...(values['runtime-config-emulation-forward-compatible'] ? [noEmulation('RuntimeConfigEmulationForwardCompatible')] : []),
    ...(fault === undefined ? [] : [fault]),
  ];
}

const noEmulation = (option: string): string => `ServerRunOptions.${option} cannot be set to true if the emulation version is the same as the binary version`;

/** Throws a `FlagError` for kinds that cannot be turned on; says of levels that there is nothing in them. */
export function runtimeConfigOf(values: Values, logger: Logger): RuntimeConfig {
  const config = values['runtime-config'];
  try {
    servedDefinitions(builtinDefinitions, config);
  } catch (error) {
    if (error instanceof RuntimeConfigError) throw new FlagError(error.message);
    throw error;
  }
  const levels = emptyLevels(config);
  if (levels.length > 0) logger.warn('--runtime-config: Gantry has no alpha or beta versions that could be turned on', { levels: levels.join(',') });
  return config;
}

function withoutComponent(text: string): string {
  const { component, rest } = splitComponent(text, ':');
  if (component !== 'kube') throw new FlagError(`component not registered: ${component}`);
  return rest;
}

function splitComponent(text: string, separator: ':' | '='): { readonly component: string; readonly rest: string } {
  const at = text.indexOf(separator);
  return at < 0 ? { component: 'kube', rest: text } : { component: text.slice(0, at), rest: text.slice(at + 1) };
}

/** The minor version that was asked for; all are of 1. */
function minorOf(given: readonly string[]): number | undefined {
  if (given.length === 0) return undefined;
  const versions = given.map((each) => {
    const { component, rest } = splitComponent(each, '=');
    const [, major, minor, more] = /^v?(\d+)\.(\d+)(\..*)?$/.exec(rest) ?? [];
    if (major === undefined) throw new FlagError(`could not parse ${JSON.stringify(rest)} as version`);
    const shown = `${component}=${rest}`;
    if (more !== undefined) throw new FlagError(`patch version not allowed, got: ${shown}`);
    return { component, shown, minor: Number(major) === 1 ? Number(minor) : 100 * Number(major) + Number(minor) };
  });
  const [first] = versions;
  const again = versions.find((each, at) => at > 0 && each.component === first?.component);
  if (first && again) throw new FlagError(`duplicate version flag, ${first.shown} and ${again.shown}`);
  const stranger = versions.find(({ component }) => component !== 'kube');
  if (stranger) throw new FlagError(`component not registered: ${stranger.component}`);
  return first?.minor;
}
