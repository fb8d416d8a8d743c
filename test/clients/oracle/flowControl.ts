import type { seededRandom } from '../../../api/schema/seededRandom.ts';
import { canonicalJson } from '../../../api/values/stableHash.ts';
import { allocate } from '../../../apiserver/flowControl/concurrency.ts';
import { mandatoryLevels, mandatorySchemas, suggestedLevels, suggestedSchemas } from '../../../apiserver/flowControl/defaultFlows.ts';
import { dealHand } from '../../../apiserver/flowControl/shuffleSharding.ts';
import { estimateWork } from '../../../apiserver/flowControl/workEstimate.ts';
import { parseRequestInfo } from '../../../apiserver/request/requestInfo.ts';
import { type Comparison, Differences } from './comparison.ts';
import type { Oracle } from './oracle.ts';
import { randomTarget } from './requestInfos.ts';

type Random = ReturnType<typeof seededRandom>;

interface Estimate {
  readonly InitialSeats: number;
  readonly FinalSeats: number;
  /** Nanoseconds. */
  readonly AdditionalLatency: number;
}

const NANOSECONDS = 1_000_000;
/** Go cuts off what is less than a nanosecond. */
const inMicroseconds = (nanoseconds: number): number => Math.round(nanoseconds / 1000);

/** The queues of flows, the shares of levels, the seats of requests, and the objects that a server begins with. */
export async function compareFlowControl(oracle: Oracle, random: Random, rounds: number): Promise<Comparison> {
  const found = new Differences();
  const below = (most: number): number => Math.floor(random() * most);
  for (let round = 0; round < rounds; round += 1) {
    const queues = 1 + below(128);
    const flow = { schema: `schema-${below(9)}`, distinguisher: below(4) === 0 ? '' : `user-${below(1e6)}`, queues, handSize: 1 + below(Math.min(queues, 8)) };
    const { value: hand } = await oracle.ask<number[]>('hand', { input: flow });
    found.compare(flow, JSON.stringify(dealHand(flow.schema, flow.distinguisher, flow.queues, flow.handSize)), JSON.stringify(hand));

    const levels = Array.from({ length: 1 + below(6) }, () => {
      const lower = below(50);
      const upper = lower + below(200);
      return { lower, upper, target: Math.max(lower, below(300) / 2) };
    });
    const seats = below(600);
    const { value: given } = await oracle.ask<number[]>('allocation', { input: { seats, levels } });
    // One that cannot be shared out is not asked about; see FlowControl.adjust.
    if (given) found.compare({ seats, levels }, shown(allocate(seats, levels)), shown(given));

    const { method, url } = randomTarget(random);
    const [path = '', query = ''] = url.split('?');
    const question = { method, url, objects: [0, 1, 10, 500, 100_000][below(5)]!, objectBytes: [100, 5_000, 2_000_000][below(3)]!, watches: below(3) * below(80), most: [0, 1, 7, 30, 200][below(5)]! };
    const { value: theirs } = await oracle.ask<Estimate>('workEstimate', { input: question });
    if (!theirs) continue;
    const figures = { objects: () => question.objects, objectBytes: () => question.objectBytes, watches: () => question.watches };
    const ours = estimateWork(parseRequestInfo(method, path, new URLSearchParams(query)), new URLSearchParams(query), question.most === 0 ? undefined : question.most, figures);
    found.compare(question, JSON.stringify([ours.initialSeats, ours.finalSeats, inMicroseconds(ours.lingerMilliseconds * NANOSECONDS)]), JSON.stringify([theirs.InitialSeats, theirs.FinalSeats, inMicroseconds(theirs.AdditionalLatency)]));
  }
  const { value: objects } = await oracle.ask<Readonly<Record<string, readonly Bare[]>>>('bootstrapFlows', {});
  for (const [name, ours] of Object.entries({ mandatoryLevels: mandatoryLevels(), mandatorySchemas: mandatorySchemas(), suggestedLevels: suggestedLevels(), suggestedSchemas: suggestedSchemas() })) found.compare(name, specs(ours), specs(objects?.[name] ?? []));
  return found;
}

interface Bare {
  readonly metadata?: { readonly name?: string };
  readonly spec?: unknown;
}

/** Floating point gives the last digits another way. */
const shown = (numbers: readonly number[] | undefined): string => JSON.stringify(numbers?.map((each) => each.toFixed(6)));

/** Kubernetes' code has the objects as they are before they are stored, Gantry's as a client sends them: neither nothing nor its absence counts. */
function withoutNothing(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNothing);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, each]): [string, unknown] => [name, withoutNothing(each)]);
  return Object.fromEntries(entries.filter(([, each]) => each !== null && each !== '' && !(typeof each === 'object' && Object.keys(each).length === 0)));
}

const specs = (objects: readonly Bare[]): string => canonicalJson(Object.fromEntries(objects.map(({ metadata, spec }) => [metadata?.name ?? '', withoutNothing(spec)])));
