import { ApiError } from '../../api/apiError.ts';
import type { V1FlowSchema, V1FlowSchemaCondition } from '../../api/generated/types.ts';
import { flowSchema, priorityLevelConfiguration } from '../../api/kinds/flowcontrol/flowcontrol.ts';
import type { Draft, KubeObject } from '../../api/meta.ts';
import type { ResourceDefinition } from '../../api/resourceDefinition.ts';
import { semanticEqual } from '../../api/values/deepEqual.ts';
import type { ComponentContext } from '../../process/component.ts';
import { formatTime } from '../../process/clock.ts';
import type { Loopback } from '../bootstrap/loopback.ts';
import { resourcePrefix } from '../storage/types.ts';
import type { WatchCache } from '../storage/types.ts';
import { AUTO_UPDATE, mandatoryLevels, mandatorySchemas, mandatorySpec, suggestedLevels, suggestedSchemas } from './defaultFlows.ts';

/** Kubernetes looks at its own objects once a minute. */
const RECONCILE_MS = 60_000;
const RETRY_MS = 1_000;
const SCHEMAS = { group: 'flowcontrol.apiserver.k8s.io', resource: 'flowschemas' };
const LEVELS = { group: 'flowcontrol.apiserver.k8s.io', resource: 'prioritylevelconfigurations' };

interface Wanted {
  readonly definition: ResourceDefinition;
  readonly object: Draft<KubeObject> & { spec?: unknown };
  readonly isMandatory: boolean;
}

export interface FlowObjects {
  /** For `/readyz`: undefined once the objects have been made. */
  trouble(): Promise<string | undefined>;
}

/** Makes the mandatory and the suggested objects, keeps them as they should be, and says of each FlowSchema whether its priority level exists; until the signal. */
export function keepFlowObjects(client: Loopback, cache: WatchCache, context: ComponentContext): FlowObjects {
  const { clock, logger, signal } = context;
  let done = false;
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await reconcileFlowObjects(client);
        await removeUnwanted(client, cache);
        done = true;
      } catch (error) {
        if (!signal.aborted) logger.warn('the objects of priority and fairness are not complete', { error });
      }
      await clock.sleep(done ? RECONCILE_MS : RETRY_MS, signal);
    }
  };
  void run();
  void keepConditions(client, cache, context);
  return { trouble: async () => (done ? undefined : 'the objects of priority and fairness are being made') };
}

/** Puts what is not there; what is there is changed where it is the server's to keep. */
export async function reconcileFlowObjects(client: Loopback): Promise<void> {
  const wanted = (definition: ResourceDefinition, objects: readonly Draft<KubeObject>[], isMandatory: boolean): Wanted[] => objects.map((object) => ({ definition, object, isMandatory }));
  await Promise.all(
    [
      ...wanted(priorityLevelConfiguration, mandatoryLevels(), true),
      ...wanted(priorityLevelConfiguration, suggestedLevels(), false),
      ...wanted(flowSchema, mandatorySchemas(), true),
      ...wanted(flowSchema, suggestedSchemas(), false),
    ].map((each) => reconcileOne(client, each)),
  );
}

async function reconcileOne(client: Loopback, { definition, object, isMandatory }: Wanted): Promise<void> {
  const present = await client.get<KubeObject & { spec?: unknown }>(definition, '', object.metadata.name ?? '');
  if (!present) return void (await client.create(definition, object));
  if (!isMandatory && !isKept(present)) return;
  const mark = isMandatory || present.metadata.annotations?.[AUTO_UPDATE] === undefined ? { [AUTO_UPDATE]: 'true' } : {};
  const annotations = { ...present.metadata.annotations, ...mark };
  const spec = isMandatory ? mandatorySpec(present, object) : object.spec;
  if (semanticEqual(present.spec, spec) && semanticEqual(annotations, present.metadata.annotations)) return;
  try {
    await client.update(definition, { ...present, metadata: { ...present.metadata, annotations }, spec } as KubeObject);
  } catch (error) {
    // Another API server did it, or somebody else something; the next round looks again.
    if (!isRace(error)) throw error;
  }
}

/** Takes away what an earlier version suggested and this one does not. */
async function removeUnwanted(client: Loopback, cache: WatchCache): Promise<void> {
  const wanted = [
    { definition: priorityLevelConfiguration, resource: LEVELS, names: namesOf([...mandatoryLevels(), ...suggestedLevels()]) },
    { definition: flowSchema, resource: SCHEMAS, names: namesOf([...mandatorySchemas(), ...suggestedSchemas()]) },
  ];
  for (const { definition, resource, names } of wanted) {
    for (const { object } of cache.list(resourcePrefix(resource))) {
      if (!isUnwanted(object, names)) continue;
      try {
        await client.remove(definition, '', object.metadata.name, object.metadata.uid);
      } catch (error) {
        if (!isRace(error)) throw error;
      }
    }
  }
}

const namesOf = (objects: readonly Draft<KubeObject>[]): ReadonlySet<string> => new Set(objects.map(({ metadata }) => metadata.name ?? ''));

/** Whether the server made an object and would not make it now. */
export const isUnwanted = ({ metadata }: KubeObject, names: ReadonlySet<string>): boolean => !names.has(metadata.name) && metadata.annotations?.[AUTO_UPDATE] === 'true';

/** A suggested object is the server's until somebody has said or done otherwise. */
export function isKept({ metadata }: KubeObject): boolean {
  const mark = metadata.annotations?.[AUTO_UPDATE];
  return mark === undefined ? (metadata.generation ?? 1) === 1 : mark === 'true';
}

const isRace = (error: unknown): boolean => error instanceof ApiError && (error.reason === 'Conflict' || error.reason === 'NotFound');

/** The condition that a FlowSchema should have; undefined where it has it. */
export function danglingCondition({ spec, status }: V1FlowSchema, hasLevel: (name: string) => boolean, now: string): V1FlowSchemaCondition | undefined {
  const name = spec?.priorityLevelConfiguration.name ?? '';
  const about = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(name)}`;
  const found = hasLevel(name);
  const wanted = { type: 'Dangling', status: found ? 'False' : 'True', reason: found ? 'Found' : 'NotFound', message: found ? `${about} and it exists` : `${about} but there is no such object` };
  const present = status?.conditions?.find(({ type }) => type === 'Dangling');
  if (present?.status === wanted.status && present.reason === wanted.reason && present.message === wanted.message) return undefined;
  return { ...wanted, lastTransitionTime: present?.status === wanted.status ? (present.lastTransitionTime ?? now) : now };
}

async function keepConditions(client: Loopback, cache: WatchCache, { clock, logger, signal }: ComponentContext): Promise<void> {
  let wake: AbortController | undefined;
  const changed = (): void => wake?.abort();
  const ends = [cache.subscribe(SCHEMAS, changed), cache.subscribe(LEVELS, changed)];
  signal.addEventListener('abort', () => ends.forEach((end) => end()), { once: true });
  while (!signal.aborted) {
    wake = new AbortController();
    try {
      await writeConditions(client, cache, formatTime(clock.now()));
    } catch (error) {
      if (signal.aborted) return;
      logger.warn('the conditions of FlowSchemas were not written', { error });
      await clock.sleep(RETRY_MS, signal);
    }
    await clock.sleep(RECONCILE_MS, AbortSignal.any([signal, wake.signal]));
  }
}

async function writeConditions(client: Loopback, cache: WatchCache, now: string): Promise<void> {
  const hasLevel = (name: string): boolean => cache.get(`${resourcePrefix(LEVELS)}${name}`) !== undefined;
  for (const { object } of cache.list(resourcePrefix(SCHEMAS))) {
    const condition = danglingCondition(object, hasLevel, now);
    if (!condition) continue;
    const { status } = object as V1FlowSchema;
    const conditions = [...(status?.conditions ?? []).filter(({ type }) => type !== 'Dangling'), condition];
    try {
      await client.update(flowSchema, { ...object, status: { ...status, conditions } }, 'status');
    } catch (error) {
      if (!isRace(error)) throw error;
    }
  }
}
