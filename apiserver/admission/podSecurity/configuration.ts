import { duplicate, type FieldError, invalid, required } from '../../../api/fieldError.ts';
import { validateDns1123Label, validateDns1123Subdomain } from '../../../api/validation/names.ts';
import { AdmissionConfigurationError, configurationObject, joinFaults, textList, texts } from '../configurationObject.ts';
import { DEFAULT_POLICY, INVALID_LEVEL, INVALID_VERSION, isLevel, isVersion, type LevelVersion, type Mode, MODES, type Policy } from './levels.ts';

/** What PodSecurity takes for granted where a namespace says nothing, and whom it leaves alone. */
export interface PodSecuritySettings {
  readonly defaults: Policy;
  readonly exemptions: { readonly usernames: readonly string[]; readonly namespaces: readonly string[]; readonly runtimeClasses: readonly string[] };
}

export const DEFAULT_POD_SECURITY: PodSecuritySettings = { defaults: DEFAULT_POLICY, exemptions: { usernames: [], namespaces: [], runtimeClasses: [] } };

/** Reads a `pod-security.admission.config.k8s.io` PodSecurityConfiguration; throws an `AdmissionConfigurationError` that names every fault. */
export function podSecuritySettings(configuration: unknown): PodSecuritySettings {
  if (configuration === undefined || configuration === null) return DEFAULT_POD_SECURITY;
  const root = configurationObject(configuration, 'pod-security.admission.config.k8s.io', ['v1', 'v1beta1', 'v1alpha1'], 'PodSecurityConfiguration', ['defaults', 'exemptions']);
  const given = texts(root['defaults'], 'defaults', MODES.flatMap((mode) => [mode, `${mode}-version`]));
  const errors: FieldError[] = [];
  const read = (mode: Mode): LevelVersion => {
    const level = given[mode] ?? 'privileged';
    const version = given[`${mode}-version`] ?? 'latest';
    if (!isLevel(level)) errors.push(invalid(`defaults.${mode}`, level, INVALID_LEVEL));
    if (!isVersion(version)) errors.push(invalid(`defaults.${mode}-version`, version, INVALID_VERSION));
    return { level: isLevel(level) ? level : 'restricted', version };
  };
  const defaults: Policy = { enforce: read('enforce'), warn: read('warn'), audit: read('audit') };
  const lists = (root['exemptions'] ?? {}) as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(lists).find((name) => !['usernames', 'namespaces', 'runtimeClasses'].includes(name));
  if (unknown !== undefined) throw new AdmissionConfigurationError(`unknown field "exemptions.${unknown}"`);
  const exemptions = {
    namespaces: textList(lists['namespaces'], 'exemptions.namespaces'),
    runtimeClasses: textList(lists['runtimeClasses'], 'exemptions.runtimeClasses'),
    usernames: textList(lists['usernames'], 'exemptions.usernames'),
  };
  errors.push(
    ...faultsOf('exemptions.namespaces', exemptions.namespaces, validateDns1123Label),
    ...faultsOf('exemptions.runtimeClasses', exemptions.runtimeClasses, validateDns1123Subdomain),
    ...faultsOf('exemptions.usernames', exemptions.usernames, () => []),
  );
  if (errors.length > 0) throw new AdmissionConfigurationError(joinFaults(errors));
  return { defaults, exemptions };
}

function faultsOf(field: string, names: readonly string[], validate: (name: string) => readonly string[]): FieldError[] {
  return names.flatMap((name, index) => {
    const path = `${field}[${index}]`;
    const faults = validate(name);
    if (faults.length > 0) return [invalid(path, name, faults.join(', '))];
    if (name === '') return [required(path)];
    return names.indexOf(name) < index ? [duplicate(path, name)] : [];
  });
}
