import { connect } from 'node:tls';
import { isMap, parseDocument } from 'yaml';
import { builtinDefinitions } from '../../api/kinds/index.ts';
import { apiVersionOf, kindLookup } from '../../api/kinds/lookup.ts';
import type { ResourceDefinition } from '../../api/resourceDefinition.ts';
import { loadSchema } from '../../api/schema/schema.ts';
import { decodeBody } from '../../apiserver/codec/decodeBody.ts';
import { encodeYaml } from '../../apiserver/codec/encode.ts';
import { encodeMessage } from '../../apiserver/codec/protobuf/encodeMessage.ts';
import { envelopeAround, PROTOBUF_TYPE } from '../../apiserver/codec/protobuf/envelope.ts';
import type { Answer } from '../rig/apiserver.ts';
import { finding, isRaw, type Call, type Finding, type FuzzCase, type RawCall } from './fuzzCase.ts';
import type { FuzzServer } from './fuzzServer.ts';
import type { ReplyServer } from './replyServer.ts';
import { ANSWERED_AS_KUBERNETES } from './answeredAsKubernetes.ts';

export const JSON_TYPE = 'application/json';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const MERGE = { 'content-type': 'application/merge-patch+json' };
const ANSWER_MS = 120_000;
const SOCKET_MS = 150;
/** Beyond this a client outside was kept waiting: far more than a busy machine takes by itself. */
const SLOW_MS = 2_000;
/** How long, and how often, it is looked whether something is gone that the server takes away by itself. */
const GONE_MS = 30_000;
const GONE_PAUSE_MS = 50;
const GATES = '/apis/admissionregistration.k8s.io/';

const schema = loadSchema();
const kinds = kindLookup(builtinDefinitions);
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Where a case's requests go. */
export interface Target {
  readonly server: FuzzServer;
  readonly replies: ReplyServer;
}

/** Sends a case's requests one after another, checks every object that they made, and takes all of them away again. Gives the first promise that was not kept. */
export async function sendCase(target: Target, fuzzCase: FuzzCase): Promise<Finding | undefined> {
  const { server, replies } = target;
  replies.answerWith(fuzzCase.replies ?? {});
  server.takeStalls();
  server.takeSlowest();
  const made: string[] = [];
  let fault: Finding | undefined;
  for (const call of fuzzCase.calls) {
    fault ??= isRaw(call) ? await sendRaw(server, call) : await sendCall(target, call, made);
    if (server.ended() !== undefined) return finding('ended', 'the process ended', server.ended()!);
  }
  // Policies and webhooks may refuse what is done to other objects: they are gone before.
  const gates = made.filter((path) => path.startsWith(GATES));
  for (const paths of [gates, made.filter((path) => !gates.includes(path))]) {
    for (const path of paths) {
      fault ??= await guarded(server, `reading and changing ${path}`, () => checkObject(server, path));
      if (server.ended() !== undefined) return finding('ended', 'the process ended', server.ended()!);
    }
    // Definitions and namespaces go last: what is in them goes with them.
    for (const path of paths.toReversed()) {
      const stuck = await guarded(server, `deleting ${path}`, () => deleteObject(server, path));
      if (server.ended() !== undefined) return finding('ended', 'the process ended', server.ended()!);
      fault ??= stuck;
    }
  }
  const [stall] = server.takeStalls();
  const slowest = server.takeSlowest();
  if (fault) return fault;
  if (stall !== undefined) return finding('stalled', 'the event loop stood still', `${stall} ms of work without a pause`);
  return slowest > SLOW_MS ? finding('slow', 'a probe waited', `${Math.round(slowest)} ms`) : undefined;
}

/** Without an answer is a fault as well. */
async function guarded(server: FuzzServer, what: string, run: () => Promise<Finding | undefined>): Promise<Finding | undefined> {
  const late = Promise.withResolvers<Finding>();
  const timer = setTimeout(() => late.resolve(finding('failed', 'no answer', `${what} in ${ANSWER_MS} ms`)), ANSWER_MS);
  try {
    return await Promise.race([run(), late.promise]);
  } catch (error) {
    return server.ended() === undefined ? finding('failed', `no answer: ${error instanceof Error ? error.message : String(error)}`, what) : undefined;
  } finally {
    clearTimeout(timer);
  }
}

async function sendCall({ server, replies }: Target, call: Call, made: string[]): Promise<Finding | undefined> {
  const { bytes, type } = encoded(call, replies);
  return await guarded(server, `${call.method} ${call.path}`, async () => {
    const answer = await server.send(call.method, call.path, bytes, { ...(type === undefined ? {} : { 'content-type': type }), ...call.headers });
    if (isFailure(answer)) return finding('failed', `${answer.status} to ${call.method}: ${answer.text.slice(0, 600)}`, call.path);
    const path = pathOf(call, answer);
    if (path !== undefined && !made.includes(path)) made.push(path);
    return undefined;
  });
}

const isFailure = ({ status, text }: Answer): boolean => (status === 500 || status === 502) && !ANSWERED_AS_KUBERNETES.some((known) => text.includes(known));

/** The path of the object that a call made; undefined where it made none that is stored. */
function pathOf({ method, path, headers }: Call, { status, json }: Answer): string | undefined {
  const name: unknown = json?.metadata?.name;
  if (status !== 201 || typeof name !== 'string' || name === '' || path.includes('dryRun') || headers?.['accept'] !== undefined) return undefined;
  const [plain = ''] = path.split('?');
  if (method === 'PATCH') return plain;
  const isCollection = /^\/(?:api\/[^/]+|apis\/[^/]+\/[^/]+)(?:\/namespaces\/[^/]+)?\/[^/]+$/.test(plain);
  return isCollection && !json.kind.endsWith('Review') ? `${plain}/${encodeURIComponent(name)}` : undefined;
}

function encoded({ body, form, path, headers }: Call, { port, caBundle }: ReplyServer): { readonly bytes: Buffer | undefined; readonly type: string | undefined } {
  if (body === undefined) return { bytes: undefined, type: undefined };
  const stated = headers?.['content-type'];
  if (typeof body === 'string') return { bytes: Buffer.from(body, 'latin1'), type: stated ?? JSON_TYPE };
  const text = JSON.stringify(body).replaceAll('https://REPLY', `https://127.0.0.1:${port}`).replaceAll('"CA-BUNDLE"', JSON.stringify(caBundle)).replaceAll('"REPLY-PORT"', String(port));
  if (form === 'yaml') return { bytes: encodeYaml(JSON.parse(text) as object), type: 'application/yaml' };
  const definition = form === 'protobuf' ? definitionOf(path) : undefined;
  const message = definition && asProtobuf(definition, text);
  return message ? { bytes: message, type: PROTOBUF_TYPE } : { bytes: Buffer.from(text), type: stated ?? JSON_TYPE };
}

/** The built-in kind that a path is about. */
export function definitionOf(path: string): ResourceDefinition | undefined {
  const [, group = '', version, plural] = /^\/(?:api|apis\/([^/]+))\/([^/]+)(?:\/namespaces\/[^/]+)?\/([^/?]+)/.exec(path) ?? [];
  return version === undefined || plural === undefined ? undefined : kinds.byPlural(group, version, plural);
}

function asProtobuf(definition: ResourceDefinition, text: string): Buffer | undefined {
  try {
    const { object } = decodeBody(schema, Buffer.from(text), JSON_TYPE, definition, 'Ignore');
    const raw = encodeMessage(schema, schema.model(definition.model), object);
    const { head, tail } = envelopeAround(apiVersionOf(definition), definition.kind, raw.length);
    return Buffer.concat([head, raw, tail]);
  } catch {
    // What fits no model has no message; it is sent as JSON.
    return undefined;
  }
}

/** Whatever comes back, the server lives on; what is kept open is closed after a while. */
function sendRaw(server: FuzzServer, { socket: pieces, protocol }: RawCall): Promise<undefined> {
  return new Promise((resolve) => {
    const { ca, cert, key } = server.agent.options;
    const socket = connect({ host: '127.0.0.1', port: server.port(), ca, cert, key, ALPNProtocols: [protocol ?? 'http/1.1'] });
    const done = (): void => {
      socket.destroy();
      resolve(undefined);
    };
    socket.on('error', done).on('close', done).on('secureConnect', () => {
      void (async () => {
        for (const piece of pieces) {
          if (socket.destroyed) return;
          socket.write(Buffer.from(piece, 'latin1'));
          await pause(5);
        }
        await pause(SOCKET_MS);
        done();
      })();
    });
    socket.resume();
  });
}

/** An object must be there in every form, take itself back as an update and as an apply. */
async function checkObject(server: FuzzServer, path: string): Promise<Finding | undefined> {
  const stuck = (sign: string, { status, text }: Answer): Finding => finding('stuck', `${sign} of ${kindIn(path)}: ${status}`, `${text.slice(0, 800)} at ${path}`);
  const get = (accept: string): Promise<Answer> => server.send('GET', path, undefined, { accept });
  let read = await get(JSON_TYPE);
  // A later request of the case may have taken it away.
  if (read.status === 404 || read.status === 410) return undefined;
  if (read.status !== 200) return stuck('JSON', read);
  const inYaml = await get('application/yaml');
  if (inYaml.status !== 200) return stuck('YAML', inYaml);
  const document = parseDocument(inYaml.text, { uniqueKeys: true });
  if (document.errors.length > 0 || !isMap(document.contents)) return finding('stuck', `YAML of ${kindIn(path)} cannot be read`, `${document.errors[0]?.message} at ${path}`);
  const table = await get(TABLE);
  if (table.status !== 200) return stuck('Table', table);
  const definition = definitionOf(path);
  if (definition) {
    const message = await get(PROTOBUF_TYPE);
    if (message.status !== 200) return stuck('protobuf', message);
    const again = await server.send('PUT', path, message.bytes, { 'content-type': PROTOBUF_TYPE });
    if (![200, 405, 409].includes(again.status)) return stuck('update in protobuf', again);
  }
  for (let tries = 0; ; tries += 1) {
    const updated = await server.send('PUT', path, read.text, { 'content-type': JSON_TYPE });
    if (updated.status === 200 || updated.status === 405 || updated.status === 404) break;
    // The server itself writes to some kinds.
    if (updated.status !== 409 || tries === 5) return stuck('update by itself', updated);
    read = await get(JSON_TYPE);
  }
  const { metadata, ...content } = JSON.parse(read.text) as { metadata: Record<string, unknown> };
  const { managedFields: _managedFields, resourceVersion: _resourceVersion, ...kept } = metadata;
  const applied = await server.send('PATCH', `${path}?fieldManager=fuzz&force=true`, JSON.stringify({ ...content, metadata: kept }), { 'content-type': 'application/apply-patch+yaml' });
  return [200, 405, 404, 409].includes(applied.status) ? undefined : stuck('apply of itself', applied);
}

const kindIn = (path: string): string => path.split('/').at(-2) ?? path;

async function deleteObject(server: FuzzServer, path: string): Promise<Finding | undefined> {
  const deleted = await server.send('DELETE', path, JSON.stringify({ gracePeriodSeconds: 0 }), { 'content-type': JSON_TYPE });
  if (![200, 202, 404, 409, 410].includes(deleted.status)) return finding('stuck', `delete of ${kindIn(path)}: ${deleted.status}`, `${deleted.text.slice(0, 600)} at ${path}`);
  const end = performance.now() + GONE_MS;
  for (let tries = 0; performance.now() < end; tries += 1) {
    const left = await server.send('GET', path);
    if (left.status === 404 || left.status === 410) return undefined;
    if (tries % 8 === 0) await letGo(server, path, left);
    await pause(GONE_PAUSE_MS);
  }
  return finding('stuck', `${kindIn(path)} cannot be deleted`, path);
}

/** Does what controllers would: takes the finalizers away. */
async function letGo(server: FuzzServer, path: string, { json }: Answer): Promise<void> {
  if (kindIn(path) === 'namespaces') await server.send('PUT', `${path}/finalize`, { ...json, spec: {} });
  const finalizers: readonly string[] = json?.metadata?.finalizers ?? [];
  if (finalizers.some((each) => each !== 'customresourcecleanup.apiextensions.k8s.io')) await server.send('PATCH', path, { metadata: { finalizers: null } }, MERGE);
  if (json?.metadata?.deletionTimestamp === undefined) await server.send('DELETE', path, JSON.stringify({ gracePeriodSeconds: 0 }), { 'content-type': JSON_TYPE });
}
