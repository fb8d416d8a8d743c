import type { AuditConfig, AuditMode } from '../../apiserver/audit/openAudit.ts';
import { DEFAULT_LIMITS } from '../../apiserver/audit/truncate.ts';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { RestClient } from '../../client/restClient.ts';
import type { Clock } from '../../process/clock.ts';
import type { Dial } from '../../process/dial.ts';
import { booleanFlag, durationFlag, FlagError, integerFlag, stringFlag } from '../../process/flags.ts';
import type { FlagValues } from '../../process/flags.ts';

/** Kubernetes' flags of the audit log. */
export const auditFlags = {
  'audit-policy-file': stringFlag('', 'file that says what is written down of which requests (Policy of audit.k8s.io/v1)'),
  'audit-log-path': stringFlag('', 'file that events are written to, one line each; -: the standard output'),
  'audit-log-format': stringFlag('json', 'json, or legacy: a line of text'),
  'audit-log-maxage': integerFlag(0, 'days that old files are kept; 0: for ever'),
  'audit-log-maxbackup': integerFlag(0, 'old files that are kept; 0: all'),
  'audit-log-maxsize': integerFlag(0, 'megabytes after which another file is begun; 0: 100'),
  'audit-log-compress': booleanFlag(false, 'whether old files are compressed'),
  'audit-log-mode': stringFlag('blocking', 'batch: requests do not wait for the log; blocking: they do; blocking-strict: and fail with it'),
  'audit-log-batch-buffer-size': integerFlag(10_000, 'events that may wait'),
  'audit-log-batch-max-size': integerFlag(1, 'events that are written at a time'),
  'audit-log-batch-max-wait': durationFlag(0, 'how long an event waits for others'),
  'audit-log-truncate-enabled': booleanFlag(false, 'whether events that are too large lose their objects'),
  'audit-log-truncate-max-batch-size': integerFlag(DEFAULT_LIMITS.maxBatchSize, 'bytes that are written at a time'),
  'audit-log-truncate-max-event-size': integerFlag(DEFAULT_LIMITS.maxEventSize, 'bytes of one event'),
  'audit-webhook-config-file': stringFlag('', 'kubeconfig of a server that events are posted to'),
  'audit-webhook-mode': stringFlag('batch', 'as of the log'),
  'audit-webhook-initial-backoff': durationFlag(10_000, 'how long the first pause is after a request that failed'),
  'audit-webhook-batch-buffer-size': integerFlag(10_000, 'events that may wait'),
  'audit-webhook-batch-max-size': integerFlag(400, 'events that are posted at a time'),
  'audit-webhook-batch-max-wait': durationFlag(30_000, 'how long an event waits for others'),
  'audit-webhook-batch-throttle-enable': booleanFlag(true, 'whether the requests per second are limited'),
  'audit-webhook-batch-throttle-qps': integerFlag(10, 'requests per second'),
  'audit-webhook-batch-throttle-burst': integerFlag(15, 'requests that may go at once'),
  'audit-webhook-truncate-enabled': booleanFlag(false, 'as of the log'),
  'audit-webhook-truncate-max-batch-size': integerFlag(DEFAULT_LIMITS.maxBatchSize, 'bytes that are posted at a time'),
  'audit-webhook-truncate-max-event-size': integerFlag(DEFAULT_LIMITS.maxEventSize, 'bytes of one event'),
};

/** What the flags say; undefined where nothing is to be written down. `dial`: how the webhook is reached, unless directly. Throws a FlagError. */
export function auditConfig(values: FlagValues<typeof auditFlags>, clock: Clock, dial?: Dial): AuditConfig | undefined {
  if (values['audit-policy-file'] === '') return undefined;
  const limits = (kind: 'log' | 'webhook') =>
    values[`audit-${kind}-truncate-enabled`] ? { truncate: { maxBatchSize: values[`audit-${kind}-truncate-max-batch-size`], maxEventSize: values[`audit-${kind}-truncate-max-event-size`] } } : {};
  const batch = (kind: 'log' | 'webhook') => ({ bufferSize: values[`audit-${kind}-batch-buffer-size`], maxSize: values[`audit-${kind}-batch-max-size`], maxWaitMilliseconds: values[`audit-${kind}-batch-max-wait`] });
  const throttle = values['audit-webhook-batch-throttle-enable'] ? { throttle: { qps: values['audit-webhook-batch-throttle-qps'], burst: values['audit-webhook-batch-throttle-burst'] } } : {};
  const rotation = { maxAge: values['audit-log-maxage'], maxBackups: values['audit-log-maxbackup'], maxSize: values['audit-log-maxsize'], compress: values['audit-log-compress'] };
  const log = { path: values['audit-log-path'], format: formatOf(values['audit-log-format']), mode: modeOf('audit-log-mode', values['audit-log-mode']), batch: batch('log'), rotation, ...limits('log') };
  return {
    policyFile: values['audit-policy-file'],
    ...(log.path === '' ? {} : { log }),
    ...(values['audit-webhook-config-file'] === ''
      ? {}
      : {
          webhook: {
            send: poster(values['audit-webhook-config-file'], clock, dial),
            mode: modeOf('audit-webhook-mode', values['audit-webhook-mode']),
            initialBackoffMilliseconds: values['audit-webhook-initial-backoff'],
            batch: { ...batch('webhook'), ...throttle },
            ...limits('webhook'),
          },
        }),
  };
}

function formatOf(text: string): 'json' | 'legacy' {
  if (text === 'json' || text === 'legacy') return text;
  throw new FlagError(`invalid audit log format ${text}, allowed formats are "legacy,json"`);
}

function modeOf(flag: string, text: string): AuditMode {
  if (text === 'batch' || text === 'blocking' || text === 'blocking-strict') return text;
  throw new FlagError(`invalid argument for "--${flag}": invalid audit mode ${text}, allowed modes are "batch,blocking,blocking-strict"`);
}

/** Posts to the server of a kubeconfig, at exactly its URL. */
function poster(file: string, clock: Clock, dial: Dial | undefined): NonNullable<AuditConfig['webhook']>['send'] {
  const client = new RestClient({ ...loadKubeconfig(file), ...(dial ? { dial } : {}) }, { component: 'apiserver', clock });
  return async (list) => {
    const { status } = await client.raw({ method: 'POST', path: '', headers: { 'content-type': 'application/json' }, body: JSON.stringify(list) });
    if (status < 200 || status > 299) throw new Error(`the audit webhook answered with the status code ${status}`);
  };
}
