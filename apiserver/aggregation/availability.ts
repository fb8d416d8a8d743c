import type { V1APIService, V1APIServiceCondition, V1EndpointSlice, V1Service } from '../../api/generated/types.ts';

/** What an APIService's condition `Available` is to say; its time is added when it is written. */
export type Verdict = Pick<V1APIServiceCondition, 'status' | 'reason' | 'message'>;

export const LOCAL: Verdict = { status: 'True', reason: 'Local', message: 'Local APIServices are always available' };
export const PASSED: Verdict = { status: 'True', reason: 'Passed', message: 'all checks passed' };
export const failedDiscovery = (message: string): Verdict => ({ status: 'False', reason: 'FailedDiscoveryCheck', message });

/** Looks at the Service and its slices; undefined where nothing speaks against asking the server itself. Texts are `AvailableConditionController`'s. */
export function checkService(apiService: V1APIService, service: V1Service | undefined, slices: readonly V1EndpointSlice[]): Verdict | undefined {
  const reference = apiService.spec?.service;
  if (!reference) return LOCAL;
  const port = reference.port ?? 443;
  const named = `service/${reference.name} in ${JSON.stringify(reference.namespace)}`;
  const no = (reason: string, message: string): Verdict => ({ status: 'False', reason, message });
  if (!service) return no('ServiceNotFound', `${named} is not present`);
  // Behind a Service of another type may stand anything.
  if ((service.spec?.type ?? 'ClusterIP') !== 'ClusterIP') return undefined;
  const found = service.spec?.ports?.find((each) => each.port === port);
  if (!found) return no('ServicePortError', `${named} is not listening on port ${port}`);
  const portName = found.name ?? '';
  if (slices.length === 0) return no('EndpointsNotFound', `cannot find endpointslices for ${named}`);
  if (!slices.some((slice) => isActive(slice, portName))) return no('MissingEndpoints', `endpointslices for ${named} have no addresses with port name ${JSON.stringify(portName)}`);
  return undefined;
}

function isActive({ endpoints, ports }: V1EndpointSlice, portName: string): boolean {
  return (endpoints ?? []).some(({ conditions }) => conditions?.ready !== false) && (ports ?? []).some(({ name, port }) => (name ?? '') === portName && port !== undefined);
}

export const isAvailable = ({ status }: V1APIService): boolean => status?.conditions?.some(({ type, status: is }) => type === 'Available' && is === 'True') ?? false;

/** The APIService with this verdict; the same object where it has it already. `now` is in the form of `metav1.Time`. */
export function withVerdict(apiService: V1APIService, verdict: Verdict, now: string): V1APIService {
  const conditions = apiService.status?.conditions ?? [];
  const present = conditions.find(({ type }) => type === 'Available');
  if (present && present.status === verdict.status && present.reason === verdict.reason && present.message === verdict.message) return apiService;
  const lastTransitionTime = present?.status === verdict.status && present.lastTransitionTime ? present.lastTransitionTime : now;
  const condition: V1APIServiceCondition = { type: 'Available', ...verdict, lastTransitionTime };
  return { ...apiService, status: { ...apiService.status, conditions: present ? conditions.map((each) => (each === present ? condition : each)) : [...conditions, condition] } };
}
