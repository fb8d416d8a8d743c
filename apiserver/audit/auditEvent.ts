import type { V1Status } from '../../api/generated/types.ts';
import type { ApiRequest, RequestInfo, UserInfo } from '../types.ts';
import type { AuditLevel, AuditStage } from './auditPolicy.ts';

/** `Event` of `audit.k8s.io/v1`; the order of the fields is Kubernetes'. */
export interface AuditEvent {
  readonly kind: 'Event';
  readonly apiVersion: 'audit.k8s.io/v1';
  readonly level: AuditLevel;
  readonly auditID: string;
  readonly stage: AuditStage;
  readonly requestURI: string;
  readonly verb: string;
  readonly user: AuditUser;
  readonly impersonatedUser?: AuditUser;
  readonly authenticationMetadata?: { readonly impersonationConstraint: string };
  readonly sourceIPs?: readonly string[];
  readonly userAgent?: string;
  readonly objectRef?: Readonly<Record<string, string>>;
  readonly responseStatus?: Partial<V1Status>;
  readonly requestObject?: unknown;
  readonly responseObject?: unknown;
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface AuditUser {
  readonly username?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** Longer ones are cut off, and end in this word. */
const MAX_USER_AGENT = 1024;
const TRUNCATED = '...TRUNCATED';

/** What is known of a request before it is worked on. */
export type RequestPart = Pick<AuditEvent, 'requestURI' | 'verb' | 'user'> & Partial<Pick<AuditEvent, 'impersonatedUser' | 'authenticationMetadata' | 'sourceIPs' | 'userAgent' | 'objectRef'>>;

/** `user` is who asks; absent where authentication failed. */
export function requestPart(request: ApiRequest, info: RequestInfo, user: UserInfo | undefined): RequestPart {
  const query = request.rawQuery ?? request.query.toString();
  const agent = request.headers['user-agent'] ?? '';
  const ips = sourceIPs(request);
  return {
    requestURI: query === '' ? request.path : `${request.path}?${query}`,
    verb: info.verb,
    user: auditUser(user),
    ...(ips.length === 0 ? {} : { sourceIPs: ips }),
    ...(agent === '' ? {} : { userAgent: agent.length > MAX_USER_AGENT ? agent.slice(0, MAX_USER_AGENT) + TRUNCATED : agent }),
    ...(info.isResourceRequest ? { objectRef: objectRef(info) } : {}),
  };
}

/** What is known besides when the user acts as another. */
export function withActing({ requestURI, verb, user: by, ...rest }: RequestPart, user: UserInfo): RequestPart {
  const constraint = user.impersonator?.constraint;
  return { requestURI, verb, user: by, impersonatedUser: auditUser(user), ...(constraint === undefined ? {} : { authenticationMetadata: { impersonationConstraint: constraint } }), ...rest };
}

function auditUser(user: UserInfo | undefined): AuditUser {
  if (!user) return {};
  const { name, uid, groups, extra } = user;
  return { username: name, ...(uid ? { uid } : {}), ...(groups.length === 0 ? {} : { groups }), ...(extra && Object.keys(extra).length > 0 ? { extra } : {}) };
}

function objectRef({ resource, namespace, name, group, version, subresource }: RequestInfo): Record<string, string> {
  const parts = { resource, namespace, name, apiGroup: group, apiVersion: version, subresource };
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== ''));
}

/** What the metadata of the object that was sent say beyond the URL (`LogRequestObject`). */
export function completeReference(reference: Readonly<Record<string, string>>, told: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const { resource, namespace = told['namespace'], name = told['name'], apiGroup, apiVersion, subresource } = reference;
  const parts = { resource, namespace, name, uid: told['uid'], apiGroup, apiVersion, resourceVersion: told['resourceVersion'], subresource };
  return Object.fromEntries(Object.entries(parts).filter((part): part is [string, string] => part[1] !== undefined && part[1] !== ''));
}

/** Those that proxies tell of, and the one that the connection has (`net.SourceIPs`). */
function sourceIPs({ headers, remoteAddress }: ApiRequest): string[] {
  const isAddress = (text: string): boolean => /^[0-9a-f.:]+$/i.test(text) && text.length > 1;
  const told = (headers['x-forwarded-for'] ?? '').split(',').map((each) => each.trim()).filter(isAddress);
  const real = headers['x-real-ip']?.trim() ?? '';
  if (isAddress(real) && !told.includes(real)) told.push(real);
  const remote = remoteAddress.replace(/^::ffff:/, '');
  if (remote !== '' && told.at(-1) !== remote) told.push(remote);
  return told;
}

/** An answer's status: of a refusal the part that says why. */
export function responseStatus(code: number, answer: unknown): Partial<V1Status> {
  if (!isStatus(answer)) return { metadata: {}, code };
  const { status, message, reason, details } = answer;
  return { metadata: {}, ...(status === undefined ? {} : { status }), ...(message === undefined ? {} : { message }), ...(reason === undefined ? {} : { reason }), ...(details === undefined ? {} : { details }), code };
}

function isStatus(value: unknown): value is V1Status {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Status' && 'apiVersion' in value && value.apiVersion === 'v1';
}

/** An object, or a list of them, without the owners of their fields. */
export function withoutManagedFields(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { kind, metadata, items, rows } = value as { kind?: unknown; metadata?: { managedFields?: unknown }; items?: unknown; rows?: unknown };
  if (Array.isArray(items)) return { ...value, items: items.map(withoutManagedFields) };
  if (kind === 'Table' && Array.isArray(rows)) return { ...value, rows: rows.map((row: { object?: unknown }) => (row.object === undefined ? row : { ...row, object: withoutManagedFields(row.object) })) };
  if (typeof metadata !== 'object' || metadata === null || metadata.managedFields === undefined) return value;
  const { managedFields: _, ...rest } = metadata;
  return { ...value, metadata: rest };
}

/** An event in one line as it was written before it was JSON (`--audit-log-format=legacy`). */
export function legacyLine(event: AuditEvent): string {
  const { user, impersonatedUser: as, responseStatus: response } = event;
  const quoted = (text: string | undefined, absent: string): string => JSON.stringify(text === undefined || text === '' ? absent : text);
  const groups = (of: AuditUser | undefined, absent: string): string => (of?.groups?.length ? JSON.stringify(of.groups.map((group) => JSON.stringify(group)).join(',')) : JSON.stringify(absent));
  return (
    `${event.requestReceivedTimestamp} AUDIT: id=${JSON.stringify(event.auditID)} stage=${JSON.stringify(event.stage)} ip=${quoted(event.sourceIPs?.[0], '<unknown>')} ` +
    `method=${JSON.stringify(event.verb)} user=${quoted(user.username, '<none>')} groups=${groups(user, '<none>')} as=${quoted(as?.username, '<self>')} asgroups=${groups(as, '<lookup>')} ` +
    `user-agent=${JSON.stringify(event.userAgent ?? '')} namespace=${quoted(event.objectRef?.['namespace'], '<none>')} uri=${JSON.stringify(event.requestURI)} response="${response?.code ? String(response.code) : '<deferred>'}"`
  );
}
