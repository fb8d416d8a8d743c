import { readFileSync } from 'node:fs';
import type { ComponentContext } from '../../process/component.ts';
import type { AuditEvent } from './auditEvent.ts';
import { Auditor } from './auditor.ts';
import { BatchingBackend, WebhookBackend } from './backends.ts';
import type { AuditBackend, BatchSettings, SendEvents } from './backends.ts';
import { LogBackend } from './logBackend.ts';
import { readAuditPolicy } from './readAuditPolicy.ts';
import { RotatingFile } from './rotatingFile.ts';
import type { RotationSettings } from './rotatingFile.ts';
import { truncateEvents } from './truncate.ts';
import type { TruncateLimits } from './truncate.ts';

export type AuditMode = 'batch' | 'blocking' | 'blocking-strict';

interface BackendConfig {
  readonly mode: AuditMode;
  readonly batch: BatchSettings;
  /** Absent: events are written however large they are. */
  readonly truncate?: TruncateLimits;
}

/** The flags `--audit-*`. */
export interface AuditConfig {
  readonly policyFile: string;
  /** `path` may be `-` for the standard output. */
  readonly log?: BackendConfig & { readonly path: string; readonly format: 'json' | 'legacy'; readonly rotation: RotationSettings };
  readonly webhook?: BackendConfig & { readonly send: SendEvents; readonly initialBackoffMilliseconds: number };
}

/** Reads the policy and opens what it writes to; throws an `AuditPolicyError` where the policy is of no use. */
export function openAudit({ policyFile, log, webhook }: AuditConfig, { clock, logger }: ComponentContext): Auditor {
  const policy = readAuditPolicy(readFileSync(policyFile, 'utf8'), policyFile, (message) => logger.warn(message));
  const backends: AuditBackend[] = [];
  const add = (backend: AuditBackend, { mode, batch, truncate }: BackendConfig): void => {
    const whole = truncate ? truncating(backend, truncate) : backend;
    backends.push(mode === 'batch' ? new BatchingBackend(whole, batch, clock, logger) : mode === 'blocking' ? forgiving(whole, (error) => logger.error('audit events were lost', { error })) : whole);
  };
  if (log) add(new LogBackend(log.path === '-' ? { write: writeOut } : new RotatingFile(log.path, log.rotation, clock), log.format), log);
  if (webhook) add(new WebhookBackend(webhook.send, webhook.initialBackoffMilliseconds, clock), webhook);
  return new Auditor(policy, backends, clock, logger);
}

function writeOut(text: string): Promise<void> {
  return new Promise((resolve, reject) => process.stdout.write(text, (error) => (error ? reject(error) : resolve())));
}

function truncating(inner: AuditBackend, limits: TruncateLimits): AuditBackend {
  return {
    process: async (events: readonly AuditEvent[]) => {
      for (const batch of truncateEvents(events, limits)) await inner.process(batch);
    },
    close: () => inner.close(),
  };
}

/** Requests go on, whether or not they could be written down. */
function forgiving(inner: AuditBackend, failed: (error: unknown) => void): AuditBackend {
  return { process: (events) => inner.process(events).catch(failed), close: () => inner.close() };
}
