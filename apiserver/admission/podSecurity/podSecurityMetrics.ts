import type { Counter } from 'prom-client';
import type { Metrics } from '../../../process/metrics.ts';
import type { AdmissionAttributes } from '../../types.ts';
import type { LevelVersion, Mode } from './levels.ts';

const REQUEST = ['request_operation', 'resource', 'subresource'] as const;
type Request = (typeof REQUEST)[number];
/** Minor version of Kubernetes whose rules these are. */
const NEWEST_MINOR = 36;

/** Kubernetes' figures of Pod Security; nothing is counted before they are put among a server's metrics. */
export class PodSecurityMetrics {
  #evaluations: Counter<Request | 'decision' | 'policy_level' | 'policy_version' | 'mode'> | undefined;
  #exemptions: Counter<Request> | undefined;
  #errors: Counter<Request | 'fatal'> | undefined;

  register(metrics: Metrics): void {
    this.#evaluations = metrics.counter('pod_security_evaluations_total', 'Number of policy evaluations that occurred, not counting ignored or exempt requests.', ['decision', 'policy_level', 'policy_version', 'mode', ...REQUEST]);
    this.#exemptions = metrics.counter('pod_security_exemptions_total', 'Number of exempt requests, not counting ignored or out of scope requests.', REQUEST);
    this.#errors = metrics.counter('pod_security_errors_total', 'Number of errors preventing normal evaluation. Non-fatal errors may result in the latest restricted profile being used for evaluation.', ['fatal', ...REQUEST]);
  }

  evaluated(decision: 'allow' | 'deny', { level, version }: LevelVersion, mode: Mode, attributes: AdmissionAttributes): void {
    this.#evaluations?.inc({ decision, policy_level: level, policy_version: versionLabel(version), mode, ...requestLabels(attributes) });
  }

  exempted(attributes: AdmissionAttributes): void {
    this.#exemptions?.inc(requestLabels(attributes));
  }

  /** `fatal`: nothing could be said of the request. */
  failed(fatal: boolean, attributes: AdmissionAttributes): void {
    this.#errors?.inc({ fatal: String(fatal), ...requestLabels(attributes) });
  }
}

/** People may name any version to come; these must not become as many label values. */
const versionLabel = (version: string): string => (version !== 'latest' && Number(version.slice('v1.'.length)) > NEWEST_MINOR ? 'future' : version);

function requestLabels({ definition: { group, plural }, operation, subresource }: AdmissionAttributes): Record<Request, string> {
  return { request_operation: operation.toLowerCase(), resource: group === '' && plural === 'pods' ? 'pod' : 'controller', subresource };
}
