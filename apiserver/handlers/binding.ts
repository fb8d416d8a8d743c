import { badRequest, conflict, invalidError, notFoundError } from '../../api/apiError.ts';
import { notSupported, required } from '../../api/fieldError.ts';
import type { V1Binding, V1Pod, V1PodCondition } from '../../api/generated/types.ts';
import { formatTime } from '../../process/clock.ts';
import { writeOptions } from '../request/options.ts';
import type { ApiResponse } from '../types.ts';
import { admit, attributesOf, validateAdmission } from './admit.ts';
import type { Call, Engine } from './call.ts';
import { decodeRequest, settleNamespace } from './decode.ts';
import { modify } from './modify.ts';
import { respond } from './respond.ts';
import { objectKey } from '../storage/types.ts';

const BINDING = { group: '', version: 'v1', kind: 'Binding', model: 'V1Binding' };
const PODS = { group: '', resource: 'pods' };

/** Answers a POST to `pods/NAME/binding` (or to `bindings`): the pod is given its node, once and for all. */
export async function bind(engine: Engine, call: Call): Promise<ApiResponse> {
  const { info, user } = call;
  const options = writeOptions(call.request.query, 'CreateOptions');
  const incoming = decodeRequest(engine, call, BINDING, options.fieldValidation);
  settleNamespace(incoming, call);
  const binding = incoming as unknown as V1Binding;
  const name = info.name === '' ? (binding.metadata.name ?? '') : info.name;
  if (binding.metadata.name !== undefined && binding.metadata.name !== '' && binding.metadata.name !== name) {
    throw badRequest('name in URL does not match name in Binding object');
  }
  validateTarget(binding);
  const attributes = attributesOf({ operation: 'CREATE', definition: call.served.definition, namespace: info.namespace, name, subresource: info.subresource, object: incoming, previous: undefined, user, dryRun: options.dryRun, options, signal: call.signal, deadline: call.deadline, warn: call.warn, annotate: call.annotate });
  await admit(engine.admission, attributes);
  const undo = await validateAdmission(engine.admission, attributes);
  const key = objectKey(PODS, info.namespace, name);
  await modify(engine, { key, resource: PODS, name }, call.signal, async (current) => {
    if (!current) throw notFoundError(PODS, name);
    const pod = current.object as V1Pod;
    const refusal = refusalOf(pod, binding);
    if (refusal !== undefined) {
      await undo?.();
      throw conflict({ group: '', resource: 'pods/binding' }, name, refusal);
    }
    const object = boundPod(pod, binding, formatTime(engine.clock.now()));
    return options.dryRun ? { kind: 'pretend', object } : { kind: 'put', object };
  });
  return respond(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }, call.form, call.pretty);
}

function validateTarget({ target, metadata }: V1Binding): void {
  const errors = [];
  if (target?.kind && target.kind !== 'Node') errors.push(notSupported('target.kind', target.kind, ['Node', '<empty>']));
  if (!target?.name) errors.push(required('target.name'));
  if (errors.length > 0) throw invalidError('', 'Binding', metadata.name, errors);
}

/** Why a pod cannot be bound; undefined where it can. */
function refusalOf({ metadata, spec }: V1Pod, binding: V1Binding): string | undefined {
  const { name } = metadata;
  const uid = binding.metadata.uid;
  if (uid && uid !== metadata.uid) return `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`;
  if (metadata.deletionTimestamp !== undefined) return `pod ${name} is being deleted, cannot be assigned to a host`;
  if (spec?.nodeName) return `pod ${name} is already assigned to node ${JSON.stringify(spec.nodeName)}`;
  return (spec?.schedulingGates ?? []).length > 0 ? `pod ${name} has non-empty .spec.schedulingGates` : undefined;
}

/** The pod on its node, with what the scheduler wrote on the binding, and the condition that says so. */
export function boundPod(pod: V1Pod, binding: V1Binding, now: string): V1Pod {
  const condition: V1PodCondition = { type: 'PodScheduled', status: 'True', lastTransitionTime: now };
  const conditions = pod.status?.conditions ?? [];
  const known = conditions.some(({ type }) => type === 'PodScheduled');
  const metadata = { ...pod.metadata };
  // The node that it was a candidate for is of no interest now.
  const { nominatedNodeName: _, ...status } = pod.status ?? {};
  if (binding.metadata.annotations) metadata.annotations = { ...metadata.annotations, ...binding.metadata.annotations };
  if (binding.metadata.labels) metadata.labels = { ...metadata.labels, ...binding.metadata.labels };
  return {
    ...pod,
    metadata,
    spec: { ...pod.spec!, nodeName: binding.target.name! },
    status: { ...status, conditions: known ? conditions.map((each) => (each.type === 'PodScheduled' ? condition : each)) : [...conditions, condition] },
  };
}
