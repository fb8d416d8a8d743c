import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { ApiError } from '../api/apiError.ts';
import { RandomInput } from '../api/schema/randomInput.ts';
import type { KubeObject } from '../api/meta.ts';
import { JwtError, readClaims, readHeader, readJsonWebKeySet, signJwt, verificationKey, verifyJwt } from '../process/jwt.ts';
import { createSigningKey } from '../process/certificates.ts';
import { newSigningRequest } from '../process/newSigningRequest.ts';
import { parseSigningRequest, SigningRequestError } from '../process/signingRequest.ts';
import { readAnswer } from './admission/webhooks/review.ts';
import { entriesOf, openApiPaths, resourcesOf, versionsOf } from './aggregation/discoveryEntry.ts';
import { mergeOpenApi } from './aggregation/mergeOpenApi.ts';
import { readWantedUser } from './authentication/impersonation/wantedUser.ts';
import { RequestHeaderAuthenticator } from './authentication/requestHeader/requestHeaderAuthenticator.ts';
import { accepted, convertedObjects } from './customResources/conversionReview.ts';
import { discoveryMessage } from './discovery/discoveryMessage.ts';
import { difference, intersection, parseFieldSet, pathsOf, recursiveDifference, setOf, sorted, union } from './fieldManagement/fieldSet.ts';
import type { ApiRequest } from './types.ts';

/** What reaches the server beside bodies and paths: answers of webhooks and extension servers, headers, tokens, requests for certificates, owners of fields. */
const SEED = 20_261_121;
/** Beyond this much work something could hold all others up; a collection of garbage may fall into any round. */
const SLOW_MS = 250;

/** Runs it with many inputs; it may throw what `expected` says, and must not take long. */
function never(rounds: number, expected: (error: unknown) => boolean, run: (input: RandomInput) => unknown): string[] {
  const input = new RandomInput(SEED);
  const faults: string[] = [];
  for (let round = 0; round < rounds && faults.length < 3; round += 1) {
    const began = process.threadCpuUsage().user;
    try {
      run(input);
    } catch (error) {
      if (!expected(error)) faults.push(`round ${round}: ${error instanceof Error ? error.stack : String(error)}`);
    }
    const took = (process.threadCpuUsage().user - began) / 1000;
    if (took > SLOW_MS) faults.push(`round ${round} took ${took} ms`);
  }
  return faults;
}

/** An error with words of ours, not one of JavaScript's about something that is undefined. */
const isSaid = (error: unknown): boolean => error instanceof Error && error.constructor === Error;
const nothing = (): boolean => false;

/** Some JSON with these fields, each of them sound or not. */
function shaped(input: RandomInput, fields: Readonly<Record<string, readonly unknown[]>>): unknown {
  if (input.chance(0.05)) return input.value(3);
  return Object.fromEntries(Object.entries(fields).filter(() => input.chance(0.85)).map(([name, values]) => [name, input.chance(0.8) ? input.pick(values) : input.value(2)]));
}

test('answers of admission webhooks', () => expect(never(1_000, isSaid, (input) => {
  const response = shaped(input, { uid: ['u'], allowed: [true, false], patch: ['W10=', '!!', ''], patchType: ['JSONPatch', '', null], status: [{ code: 403 }, 'x'], warnings: [['a', 7], 'w'], auditAnnotations: [{ a: 'b', constructor: 'c' }, { a: 7 }] });
  const answer = readAnswer(input.pick(['v1', 'v1beta1']), 'u', input.chance(0.5), shaped(input, { apiVersion: ['admission.k8s.io/v1'], kind: ['AdmissionReview'], response: [response] }));
  if (!answer.warnings.every((each) => typeof each === 'string') || !Object.values(answer.auditAnnotations).every((each) => typeof each === 'string')) throw new TypeError('not texts');
})).toEqual([]));

test('answers of conversion webhooks', () => expect(never(1_000, isSaid, (input) => {
  const original = { apiVersion: 'g/v1', kind: 'K', metadata: { name: 'a', uid: 'u', labels: { a: 'b' } } } as unknown as KubeObject;
  const metadata = shaped(input, { name: ['a'], uid: ['u'], labels: [{ constructor: 'x' }, { a: 7 }, null], annotations: [{}, []] });
  const object = shaped(input, { apiVersion: ['g/v2'], kind: ['K'], metadata: [metadata], spec: [{}] });
  const response = shaped(input, { uid: ['u'], result: [{ status: 'Success' }, { status: 'Failure', message: 7 }], convertedObjects: [[object], [null], {}] });
  for (const each of convertedObjects('v1', 'u', shaped(input, { apiVersion: ['apiextensions.k8s.io/v1'], kind: ['ConversionReview'], response: [response] }))) accepted(original, each, 'g/v2');
})).toEqual([]));

test('discovery and OpenAPI of extension servers', () => expect(never(1_000, nothing, (input) => {
  const resource = shaped(input, { name: ['things', 'things/status', 'constructor', '__proto__/x'], resource: ['things'], verbs: [['get'], 'get', [7]], kind: ['Thing', ''], responseKind: [{ kind: 'Thing' }, null], subresources: [[{ subresource: 'status' }], [null]] });
  const list = shaped(input, { resources: [[resource], [resource, resource], [null]] });
  const version = shaped(input, { version: ['v1', 'constructor'], resources: [[resource], [null]] });
  const groups = shaped(input, { kind: ['APIGroupDiscoveryList'], items: [[shaped(input, { metadata: [{ name: 'g' }, null], versions: [[version], [null], 7] })], [null]] });
  const entry = { version: 'v1', resources: entriesOf(resourcesOf(list), 'g', 'v1'), freshness: 'Current' };
  const versions = [...(versionsOf(groups) ?? new Map<string, object>()).values(), entry];
  discoveryMessage({ apiVersion: 'apidiscovery.k8s.io/v2', kind: 'APIGroupDiscoveryList', items: [{ metadata: { name: 'g' }, versions }] });
  openApiPaths(shaped(input, { paths: [{ 'apis/g/v1': { serverRelativeURL: '/x' } }, { a: null }] }));
  const schema = shaped(input, { type: ['object'], $ref: ['#/definitions/constructor', '#/definitions/A', '#/definitions/'], properties: [{ a: { $ref: '#/definitions/__proto__' } }] });
  const document = shaped(input, { paths: [{ '/apis/g/v1/x': schema, constructor: schema }], definitions: [Object.fromEntries([['A', schema], ['constructor', schema], ['__proto__', schema]]), null] });
  const own = { paths: {}, definitions: { A: { type: 'string' } } };
  if (typeof document === 'object' && document !== null) JSON.stringify(mergeOpenApi(own, document, ['/apis/g/v1']));
})).toEqual([]));

const HEADERS = ['impersonate-user', 'impersonate-uid', 'impersonate-group', 'impersonate-extra-a', 'impersonate-extra-constructor', 'impersonate-extra-__proto__', 'impersonate-extra-%zz', 'impersonate-extra-%5f%5fproto%5f%5f', 'x-remote-user', 'x-remote-group', 'x-remote-extra-tostring', 'x-remote-extra-__proto__', 'x-remote-extra-%ff', 'x-remote-extra-'];

test('headers that say who somebody is', async () => {
  const proxies = new RequestHeaderAuthenticator({ allowedNames: [], usernameHeaders: ['X-Remote-User'], uidHeaders: ['X-Remote-Uid'], groupHeaders: ['X-Remote-Group'], extraHeaderPrefixes: ['X-Remote-Extra-'] });
  const users: unknown[] = [];
  expect(never(1_000, (error) => error instanceof ApiError && error.code === 400, (input) => {
    const headers = Object.fromEntries(HEADERS.filter(() => input.chance(0.4)).map((name) => [name, input.word('a,:é%"\\ ')]));
    const request = { headers, rawHeaders: Object.entries(headers).flat(), proxyCertificate: { commonName: 'p', organizations: [] } } as unknown as ApiRequest;
    const wanted = readWantedUser(request);
    if (wanted && Object.values(wanted.extra).some((each) => !Array.isArray(each))) throw new TypeError('extras are lists');
    users.push(proxies.authenticate(request));
  })).toEqual([]);
  for (const user of await Promise.all(users as Promise<{ extra?: object } | undefined>[])) expect(Object.values(user?.extra ?? {}).every(Array.isArray)).toBe(true);
});

test('tokens and the keys of their issuers', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = verificationKey(createPublicKey(privateKey));
  const token = signJwt({ iss: 'i', sub: 's' }, privateKey);
  expect(never(1_000, (error) => error instanceof JwtError, (input) => {
    const part = (): string => (input.chance(0.7) ? Buffer.from(JSON.stringify(shaped(input, { alg: ['ES256', 'none', 'HS256'], kid: [key.id, 7], iss: ['i'] }))).toString('base64url') : input.word('aZ09-_=.'));
    const text = input.chance(0.5) ? input.mangled(token).toString('latin1') : `${part()}.${part()}.${part()}`;
    readClaims(text);
    readHeader(text);
    readJsonWebKeySet(shaped(input, { keys: [[shaped(input, { kty: ['RSA', 'EC', 'oct'], crv: ['P-256', 'x'], x: ['AA'], y: ['AA'], n: ['AA'], e: ['AQAB'], alg: ['ES256', 'x'], use: ['sig', 'enc'] })], [null]] }));
    verifyJwt(text, [key]);
  })).toEqual([]);
});

test('requests for certificates', async () => {
  const request = await newSigningRequest(createSigningKey().privateKey, { commonName: 'system:node:a', organizations: ['system:nodes'], names: ['a.example.com', '10.0.0.1'] });
  const der = Buffer.from(request.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  expect(never(200, (error) => error instanceof SigningRequestError, (input) => {
    const bytes = Buffer.from(der);
    for (let count = 1 + input.below(4); count > 0; count -= 1) bytes[input.below(bytes.length)] = input.below(256);
    const body = input.chance(0.8) ? bytes : input.bytes(300);
    return parseSigningRequest(input.chance(0.95) ? `-----BEGIN CERTIFICATE REQUEST-----\n${body.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n` : body.toString('latin1'));
  })).toEqual([]);
});

const ELEMENTS = ['f:a', 'f:constructor', 'f:__proto__', 'f:', '.', 'k:{"name":"c"}', 'k:{"a":1,"b":null}', 'k:{', 'k:[]', 'v:"a"', 'v:1.0', 'v:{}', 'i:0', 'i:-1', 'i:1e3', 'constructor', '__proto__', ''];

test('owners of fields', () => expect(never(1_000, nothing, (input) => {
  const set = (depth: number): unknown => (depth === 0 ? (input.chance(0.95) ? {} : input.value(1)) : Object.fromEntries(Array.from({ length: input.below(4) }, () => [input.chance(0.8) ? input.pick(ELEMENTS.slice(0, 6)) : input.pick(ELEMENTS), set(depth - 1)])));
  const [a, b] = [parseFieldSet(set(4)), parseFieldSet(set(4))];
  if (!a || !b) return;
  const paths = (each: typeof a): string[] => pathsOf(each).map((path) => path.join('\n')).sort();
  const [left, right] = [paths(a), paths(b)];
  const same = (found: string[], wanted: readonly string[]): void => {
    if (JSON.stringify(found) !== JSON.stringify([...new Set(wanted)].sort())) throw new Error(`${JSON.stringify(found)} is not ${JSON.stringify(wanted)}`);
  };
  same(paths(union(a, b)), [...left, ...right]);
  same(paths(intersection(a, b)), left.filter((each) => right.includes(each)));
  same(paths(difference(a, b)), left.filter((each) => !right.includes(each)));
  same(paths(sorted(a)), left);
  same(paths(setOf(...pathsOf(a))), left);
  recursiveDifference(a, b);
})).toEqual([]));
