import { existsSync, readFileSync } from 'node:fs';
import { ConfigFileError, readConfigFile } from '../../apiserver/configFile/readConfigFile.ts';
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
  const fault = samplingFault(readTracing(readFileSync(file, 'utf8')));
  if (fault !== undefined) throw new FlagError(fault);
  logger.warn('--tracing-config-file: this server sends no traces');
}

interface TracingConfiguration {
  readonly endpoint?: string;
  readonly samplingRatePerMillion?: number;
}

const KIND = { versions: ['v1', 'v1beta1', 'v1alpha1'].map((version) => `apiserver.config.k8s.io/${version}`), kind: 'TracingConfiguration' };

function readTracing(text: string): TracingConfiguration {
  try {
    return readConfigFile(text, KIND, { endpoint: 'string', samplingRatePerMillion: 'int32' }) as TracingConfiguration;
  } catch (error) {
    if (error instanceof ConfigFileError) throw new FlagError(`unable to decode tracing configuration data: ${error.message}`);
    throw error;
  }
}

const MILLION = 1_000_000;

function samplingFault({ endpoint = '', samplingRatePerMillion: rate = 0 }: TracingConfiguration): string | undefined {
  if (rate < 0) return `samplingRatePerMillion: Invalid value: ${rate}: sampling rate must be positive`;
  if (rate > MILLION) return `samplingRatePerMillion: Invalid value: ${rate}: sampling rate per million must be less than or equal to one million`;
  const scheme = endpoint.includes('//') ? endpoint.slice(0, endpoint.indexOf(':')) : 'dns';
  if (['dns', 'unix', 'unix-abstract'].includes(scheme)) return undefined;
  return `endpoint: Invalid value: ${JSON.stringify(endpoint)}: unsupported scheme: ${scheme}.  Options are none, dns, unix, or unix-abstract.  See https://github.com/grpc/grpc/blob/master/doc/naming.md`;
}
