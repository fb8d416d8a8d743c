import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditConfig } from '../../../apiserver/audit/openAudit.ts';
import { startControlPlane } from '../../rig/controlPlane.ts';
import { eventually } from '../../rig/processes.ts';
import { type Comparison, Differences } from '../oracle/comparison.ts';
import { auditedRequests, LEVELS, POLICY, prepareAudited } from './auditRequests.ts';
import { comparable, send } from './exchange.ts';
import { defineGates } from './gates.ts';
import { startPair } from './referenceServer.ts';

interface Event {
  readonly auditID: string;
  readonly stage: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Both write down the same requests by the same policy; their events are compared one by one. */
export async function compareAudit(_pair: unknown, program: string): Promise<Comparison> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-audit-'));
  const file = (name: string): string => join(folder, name);
  writeFileSync(file('policy'), JSON.stringify(POLICY));
  const batch = { bufferSize: 1, maxSize: 1, maxWaitMilliseconds: 1 };
  const audit: AuditConfig = { policyFile: file('policy'), log: { path: file('gantry'), format: 'json', mode: 'blocking', batch, rotation: { maxSize: 0, maxBackups: 0, maxAge: 0, compress: false } } };
  const plane = await startControlPlane({ api: { audit }, scheduler: false, controllers: ['garbage-collector-controller'] });
  const differences = new Differences();
  try {
    const pair = await startPair(plane, program, [`--audit-policy-file=${file('policy')}`, `--audit-log-path=${file('kubernetes')}`]);
    try {
      for (const namespace of LEVELS) await pair.gantry.request('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
      await defineGates(pair);
      await prepareAudited(pair);
      const requests = auditedRequests();
      for (const side of [pair.gantry, pair.kubernetes]) {
        for (const [at, request] of requests.entries()) {
          const headers = { 'audit-id': `compared-${at}`, 'user-agent': 'compared', ...request.headers };
          await send(side, { ...request, headers });
        }
        await send(side, { method: 'GET', path: '/version', headers: { 'audit-id': 'compared-last' } });
      }
      const [ours, theirs] = await Promise.all(['gantry', 'kubernetes'].map((name) => eventsOf(file(name))));
      for (const [at, request] of requests.entries()) {
        const id = `compared-${at}`;
        differences.compare(request, textOf(ours!.get(id)), textOf(theirs!.get(id)));
      }
      return differences;
    } finally {
      await pair.close();
    }
  } finally {
    await plane.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each run gives other names to what bears none. */
const GIVEN_NAME = /"c-[a-z0-9]{5}"/g;
/** Tables show seconds. */
const AGE = /"\d+s"/g;

/** A list's token is no matter of the trail. */
const textOf = (events: unknown): string => JSON.stringify(events)?.replaceAll(/"continue":"(<continue>)?",/g, '');

/** The events of each request that was compared, when the last of them has come. */
async function eventsOf(path: string): Promise<Map<string, unknown[]>> {
  const lines = await eventually('the last event is written', 10_000, async () => {
    const text = readFileSync(path, 'utf8');
    return text.endsWith('\n') && text.includes('compared-last') ? text.trimEnd().split('\n') : undefined;
  });
  const found = new Map<string, unknown[]>();
  for (const line of lines) {
    const event = JSON.parse(line.replaceAll(GIVEN_NAME, '"c-"').replaceAll(AGE, '"age"')) as Event;
    found.set(event.auditID, [...(found.get(event.auditID) ?? []), withoutOwn(event)]);
  }
  return found;
}

/** The reference asks Gantry by a webhook who may do what, and tells that in other words. */
function withoutOwn(event: Event): unknown {
  const { 'authorization.k8s.io/reason': _, ...annotations } = event.annotations ?? {};
  return comparable({ ...event, ...(event.annotations ? { annotations } : {}), requestReceivedTimestamp: '<time>', stageTimestamp: '<time>' });
}
