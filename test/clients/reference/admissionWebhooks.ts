import { startWebhookServer, type WebhookServer } from '../../rig/webhookServer.ts';
import type { Comparison } from '../oracle/comparison.ts';
import { AdmissionExchange } from './admissionExchange.ts';
import { defineGates, gate, gatesPath, GROUP } from './gates.ts';
import type { Pair } from './referenceServer.ts';
import { ANSWERS } from './webhookAnswers.ts';

const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1';
const RULES = [{ apiGroups: [GROUP], apiVersions: ['v1'], resources: ['gates'], operations: ['CREATE', 'UPDATE', 'DELETE'] }];

/** A webhook that is asked about objects of its own label, at a path of its name. */
export function hook(webhooks: WebhookServer, sort: 'm' | 'v', label: string, more: object = {}): object {
  const clientConfig = { url: webhooks.url(`/${sort}/${label}`), caBundle: webhooks.caBundle };
  return { name: `${label}.${sort}.example.com`, clientConfig, rules: RULES, objectSelector: { matchLabels: { case: label } }, admissionReviewVersions: ['v1'], sideEffects: 'None', timeoutSeconds: 5, ...more };
}

/** Webhooks' answers of every form, by mutating webhooks that must be heard and by validating ones that need not. */
export async function compareWebhookAnswers(pair: Pair): Promise<Comparison> {
  const webhooks = await startWebhookServer();
  const exchange = new AdmissionExchange(pair, webhooks);
  try {
    await defineGates(pair);
    const names = Object.keys(ANSWERS);
    for (const name of names) for (const sort of ['m', 'v']) webhooks.on(`/${sort}/${name}`, ANSWERS[name]!);
    const both = [{ kind: 'MutatingWebhookConfiguration', sort: 'm', failurePolicy: 'Fail' }, { kind: 'ValidatingWebhookConfiguration', sort: 'v', failurePolicy: 'Ignore' }] as const;
    for (const { kind, sort, failurePolicy } of both) {
      const path = `${CONFIGURATIONS}/${kind.toLowerCase()}s`;
      const body = { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name: 'answers' }, webhooks: names.map((name) => hook(webhooks, sort, name, { failurePolicy })) };
      const made = await pair.gantry.request('POST', path, body);
      if (made.status !== 201) throw new Error(made.text);
      await exchange.inForce(`${sort} is asked`, { method: 'POST', path: `${gatesPath()}?dryRun=All`, body: gate('allow') }, (status, calls) => status === 201 && calls.length > 0);
      for (const name of names) await exchange.both({ method: 'POST', path: gatesPath(), body: gate(name, undefined, `${name}-${sort}`) }, sort);
      await pair.gantry.request('DELETE', `${path}/answers`);
      await exchange.inForce(`${sort} is asked no more`, { method: 'POST', path: `${gatesPath()}?dryRun=All`, body: gate('deny') }, (status) => status === 201);
    }
    return exchange.differences;
  } finally {
    await webhooks.close();
  }
}
