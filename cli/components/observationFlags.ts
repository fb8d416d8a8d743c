import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Logger } from '../../process/log.ts';
import { type Flag, FlagError, type FlagValues, listFlag, stringFlag } from '../../process/flags.ts';

/** What is told of the server's work: metrics and traces; Kubernetes' own names. */
export const observationFlags = {
  'disabled-metrics': listFlag([], 'names of metrics that are not to be shown'),
  'show-hidden-metrics-for-version': stringFlag('', 'without effect: no metric is hidden before it goes; 1.35'),
  'tracing-config-file': stringFlag('', 'TracingConfiguration; checked, but no traces are sent'),
} as const satisfies Readonly<Record<string, Flag<unknown>>>;

type Values = FlagValues<typeof observationFlags>;

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const PREVIOUS_MINOR = '1.35';

/** What Kubernetes says of values that do not go. */
export function observationFaults(values: Values): string[] {
  const { 'disabled-metrics': disabled, 'show-hidden-metrics-for-version': shown, 'tracing-config-file': tracing } = values;
  const wrong = disabled.find((each) => !METRIC_NAME.test(each));
  return [
    ...(shown === '' || shown === PREVIOUS_MINOR ? [] : [`metrics.showHiddenMetricsForVersion: Invalid value: ${JSON.stringify(shown)}: must be omitted or have the value '${PREVIOUS_MINOR}'; only the previous minor version is allowed`]),
    ...(wrong === undefined ? [] : [`metrics.disabledMetrics: Invalid value: ${JSON.stringify(disabled)}: must be fully qualified metric names matching ${JSON.stringify(METRIC_NAME.source)}, got ${JSON.stringify(wrong)}`]),
    ...(tracing === '' || existsSync(tracing) ? [] : [`tracing-config-file ${tracing} does not exist`]),
  ];
}

/** Throws a `FlagError` for a configuration that Kubernetes would refuse; warns of one that it would follow. */
export function checkTracing({ 'tracing-config-file': file }: Values, logger: Logger): void {
  if (file === '') return;
  const fault = tracingFault(parse(readFileSync(file, 'utf8')));
  if (fault !== undefined) throw new FlagError(fault);
  logger.warn('--tracing-config-file: this server sends no traces');
}

const MILLION = 1_000_000;

function tracingFault(config: unknown): string | undefined {
  const { apiVersion, kind, endpoint, samplingRatePerMillion: rate }: Readonly<Record<string, unknown>> = typeof config === 'object' && config !== null ? { ...config } : {};
  if (kind !== 'TracingConfiguration' || !['apiserver.config.k8s.io/v1', 'apiserver.config.k8s.io/v1beta1', 'apiserver.config.k8s.io/v1alpha1'].includes(String(apiVersion))) {
    return `unable to decode tracing configuration data: no kind ${JSON.stringify(kind ?? '')} is registered for version ${JSON.stringify(apiVersion ?? '')}`;
  }
  if (typeof rate === 'number' && rate < 0) return `samplingRatePerMillion: Invalid value: ${rate}: sampling rate must be positive`;
  if (typeof rate === 'number' && rate > MILLION) return `samplingRatePerMillion: Invalid value: ${rate}: sampling rate per million must be less than or equal to one million`;
  const scheme = typeof endpoint === 'string' && endpoint.includes('//') ? endpoint.slice(0, endpoint.indexOf(':')) : 'dns';
  if (['dns', 'unix', 'unix-abstract'].includes(scheme)) return undefined;
  return `endpoint: Invalid value: ${JSON.stringify(endpoint)}: unsupported scheme: ${scheme}.  Options are none, dns, unix, or unix-abstract.  See https://github.com/grpc/grpc/blob/master/doc/naming.md`;
}
