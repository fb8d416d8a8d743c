import { allow, patchOf, startWebhookServer, type Reply, type Review, type WebhookServer } from '../../rig/webhookServer.ts';
import type { Comparison } from '../oracle/comparison.ts';
import { AdmissionExchange } from './admissionExchange.ts';
import { hook } from './admissionWebhooks.ts';
import type { Request } from './exchange.ts';
import { defineGates, gate, gatesPath, GROUP } from './gates.ts';
import type { Pair } from './referenceServer.ts';

const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1';
const json = (type: string): Record<string, string> => ({ 'content-type': `application/${type}` });
const patch = (...operations: object[]): Reply => (review: Review) => allow(review, patchOf(operations));
const rawPatch = (text: string, more: object = {}): Reply => (review: Review) => allow(review, { patchType: 'JSONPatch', patch: Buffer.from(text).toString('base64'), ...more });
const add = (path: string, value: unknown): object => ({ op: 'add', path, value });

/**
 * What mutating webhooks may answer to change an object, one webhook each. Not what version 4 of the JSON patch library, which Kubernetes has and Gantry follows, takes otherwise than version 5,
 * against which Debian builds it: operations without a value or of no known name, and fields that are replaced, removed or copied without being there.
 */
const PATCHES: Readonly<Record<string, Reply>> = {
  add: patch(add('/spec/text', 'changed')),
  'add-label': patch(add('/metadata/labels/new', 'x')),
  'add-annotations': patch(add('/metadata/annotations', { a: 'b' })),
  'add-missing': patch(add('/spec/missing/deep', 1)),
  'add-to-list': patch(add('/spec/list', ['a']), add('/spec/list/-', 'b'), add('/spec/list/0', 'c')),
  'add-beyond': patch(add('/spec/list', ['a']), add('/spec/list/5', 'b')),
  'add-index-odd': patch(add('/spec/list', ['a']), add('/spec/list/x', 'b')),
  'add-root': patch(add('', { a: 1 })),
  'add-unknown': patch(add('/spec/unknown', 1), add('/unknown', 2)),
  'add-wrong-type': patch(add('/spec/replicas', 'x')),
  'add-invalid': patch(add('/spec/replicas', -1)),
  'add-nullable': patch(add('/spec/flag', null)),
  'add-default-null': patch(add('/spec/defaulted', null)),
  remove: patch({ op: 'remove', path: '/spec/text' }),
  'remove-spec': patch({ op: 'remove', path: '/spec' }),
  'remove-labels': patch({ op: 'remove', path: '/metadata/labels' }),
  'remove-managed': patch({ op: 'remove', path: '/metadata/managedFields' }),
  'remove-metadata': patch({ op: 'remove', path: '/metadata' }),
  replace: patch({ op: 'replace', path: '/spec/replicas', value: 7 }),
  'replace-name': patch({ op: 'replace', path: '/metadata/name', value: 'renamed' }),
  'replace-namespace': patch({ op: 'replace', path: '/metadata/namespace', value: 'other' }),
  'replace-kind': patch({ op: 'replace', path: '/kind', value: 'Other' }),
  'label-odd': patch(add('/metadata/labels/odd', 'not a label!')),
  finalizers: patch(add('/metadata/finalizers', ['a.example.com/b'])),
  owners: patch(add('/metadata/ownerReferences', [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: 'u' }, { apiVersion: 'v1', kind: 'X', name: 'x', uid: 'u' }])),
  move: patch({ op: 'move', from: '/spec/text', path: '/metadata/labels/text' }),
  copy: patch({ op: 'copy', from: '/spec/text', path: '/metadata/labels/text' }),
  test: patch({ op: 'test', path: '/spec/text', value: 'a' }, add('/spec/text', 'tested')),
  'test-fails': patch({ op: 'test', path: '/spec/text', value: 'b' }),
  'no-change': patch({ op: 'replace', path: '/spec/text', value: 'a' }),
  none: patch(),
  'no-slash': patch(add('spec/text', 'x')),
  escaped: patch(add('/metadata/annotations', {}), add('/metadata/annotations/a.example.com~1b~0c', 'x')),
  'not-list': rawPatch('{"op":"add"}'),
  'null-patch': rawPatch('null'),
  'text-patch': rawPatch('"text"'),
  'broken-patch': rawPatch('[{"op":'),
  'empty-patch': rawPatch(''),
  'type-odd': rawPatch('[]', { patchType: 'Odd' }),
  'type-odd-full': rawPatch('[{"op":"add","path":"/spec/text","value":"x"}]', { patchType: 'Odd' }),
  'type-empty': rawPatch('[]', { patchType: '' }),
  'type-missing': rawPatch('[]', { patchType: undefined }),
  'only-type': (review: Review) => allow(review, { patchType: 'JSONPatch' }),
  'base64-odd': (review: Review) => allow(review, { patchType: 'JSONPatch', patch: '!!!' }),
};

const body = (label: string, name: string, spec?: object): object => gate(label, spec, name);

/** What is asked of one webhook in each of its forms: the life of an object. */
function lifeOf(label: string): Request[] {
  const path = gatesPath();
  const one = `${path}/${label}`;
  return [
    { method: 'POST', path: `${path}?fieldManager=me&fieldValidation=Ignore`, body: body(label, label) },
    { method: 'PUT', path: `${one}?dryRun=All`, body: body(label, label, { replicas: 2 }) },
    { method: 'PATCH', path: `${one}?fieldManager=me`, body: { spec: { replicas: 3 } }, headers: json('merge-patch+json') },
    { method: 'PATCH', path: one, body: [{ op: 'add', path: '/spec/text', value: 'j' }], headers: json('json-patch+json') },
    { method: 'PATCH', path: `${one}?fieldManager=applier&force=true`, body: { apiVersion: `${GROUP}/v1`, kind: 'Gate', metadata: { name: label, labels: { case: label } }, spec: { text: 'applied' } }, headers: json('apply-patch+yaml') },
    { method: 'PATCH', path: `${path}/${label}-applied?fieldManager=applier`, body: { apiVersion: `${GROUP}/v1`, kind: 'Gate', metadata: { name: `${label}-applied`, labels: { case: label } } }, headers: json('apply-patch+yaml') },
    { method: 'PUT', path: `${gatesPath('v2')}/${label}`, body: { ...body(label, label, { replicas: 4 }), apiVersion: `${GROUP}/v2` } },
    { method: 'PATCH', path: `${one}/status`, body: { status: { phase: 'x' } }, headers: json('merge-patch+json') },
    { method: 'GET', path: one },
    { method: 'DELETE', path: `${one}?dryRun=All&gracePeriodSeconds=3` },
    { method: 'DELETE', path: one, body: { apiVersion: 'v1', kind: 'DeleteOptions' } },
    { method: 'POST', path, body: { ...body(label, label), metadata: { labels: { case: label }, name: `${label}-second` } }, headers: { 'impersonate-user': 'jane', 'impersonate-group': 'system:masters', 'impersonate-uid': '7', 'impersonate-extra-scopes': 'a' } },
    { method: 'DELETE', path: `${path}?fieldSelector=metadata.name%3D${label}-second` },
  ];
}

const rule = (more: object = {}): object => ({ apiGroups: [GROUP], apiVersions: ['v1'], resources: ['gates'], operations: ['CREATE', 'UPDATE', 'DELETE'], ...more });
const condition = (expression: string): object => ({ matchConditions: [{ name: 'c', expression }] });

/** What configurations may ask for. */
const FORMS: Readonly<Record<string, object>> = {
  plain: {},
  exact: { matchPolicy: 'Exact' },
  'exact-v2': { matchPolicy: 'Exact', rules: [rule({ apiVersions: ['v2'] })] },
  'equivalent-v2': { rules: [rule({ apiVersions: ['v2'] })] },
  everything: { rules: [rule({ apiVersions: ['*'], resources: ['*/*'], operations: ['*'] })] },
  status: { rules: [rule({ resources: ['gates/status'] })] },
  subresources: { rules: [rule({ resources: ['gates/*'] })] },
  namespaced: { rules: [rule({ scope: 'Namespaced' })] },
  cluster: { rules: [rule({ scope: 'Cluster' })] },
  deletes: { rules: [rule({ operations: ['DELETE'] })] },
  nowhere: { namespaceSelector: { matchLabels: { no: 'where' } } },
  'side-effects': { sideEffects: 'NoneOnDryRun' },
  again: { reinvocationPolicy: 'IfNeeded' },
  beta: { admissionReviewVersions: ['v1beta1', 'v1'] },
  'condition-true': condition("request.operation == 'CREATE' && object.spec.replicas > 0"),
  'condition-old': condition('oldObject != null && oldObject.spec.replicas == 1'),
  'condition-error': condition('object.spec.missing == 1'),
  'condition-error-ignored': { ...condition('object.spec.missing == 1'), failurePolicy: 'Ignore' },
  'condition-authorizer': condition("authorizer.group('').resource('pods').namespace('default').check('get').allowed()"),
  'condition-request': condition("request.userInfo.username == 'jane' && request.kind.kind == 'Gate' && request.options.kind == 'CreateOptions'"),
};

async function configure(pair: Pair, kind: 'Mutating' | 'Validating', name: string, webhooks: readonly object[]): Promise<void> {
  const made = await pair.gantry.request('POST', `${CONFIGURATIONS}/${kind.toLowerCase()}webhookconfigurations`, { apiVersion: 'admissionregistration.k8s.io/v1', kind: `${kind}WebhookConfiguration`, metadata: { name }, webhooks });
  if (made.status !== 201) throw new Error(made.text);
}

const formOf = (webhooks: WebhookServer, sort: 'm' | 'v', form: string, { reinvocationPolicy, ...more }: { reinvocationPolicy?: string }): object => hook(webhooks, sort, form, { ...more, ...(sort === 'm' && reinvocationPolicy ? { reinvocationPolicy } : {}) });

/** Which webhooks are asked, what they are sent, and what becomes of their patches, through the life of an object. */
export async function compareWebhookRequests(pair: Pair): Promise<Comparison> {
  const webhooks = await startWebhookServer();
  const exchange = new AdmissionExchange(pair, webhooks);
  try {
    await defineGates(pair);
    for (const [name, reply] of Object.entries(PATCHES)) webhooks.on(`/m/${name}`, reply);
    for (const form of Object.keys(FORMS)) for (const sort of ['m', 'v']) webhooks.on(`/${sort}/${form}`, (review) => ({ ...allow(review), apiVersion: (review as { apiVersion: string }).apiVersion }));
    webhooks.on('/m/again', patch(add('/metadata/labels/again', 'x')));
    await configure(pair, 'Mutating', 'forms', [...Object.entries(FORMS).map(([form, more]) => formOf(webhooks, 'm', form, more)), ...Object.keys(PATCHES).map((name) => hook(webhooks, 'm', name))]);
    await configure(pair, 'Validating', 'forms', Object.entries(FORMS).map(([form, more]) => formOf(webhooks, 'v', form, more)));
    await exchange.inForce('webhooks are asked', { method: 'POST', path: `${gatesPath()}?dryRun=All`, body: body('plain', 'probe') }, (_, calls) => calls.length === 2);
    for (const name of Object.keys(PATCHES)) await exchange.both({ method: 'POST', path: gatesPath(), body: body(name, name) });
    for (const form of Object.keys(FORMS)) for (const request of lifeOf(form)) await exchange.both(request);
    for (const kind of ['mutating', 'validating']) await pair.gantry.request('DELETE', `${CONFIGURATIONS}/${kind}webhookconfigurations/forms`);
    return exchange.differences;
  } finally {
    await webhooks.close();
  }
}
