import type { Readable } from 'node:stream';
import type { RuntimeEvent, RuntimeReconnected } from '../types.ts';
import { asked, type Engine } from './engine.ts';
import { LABEL_POD_UID, ownerFilter } from './labels.ts';

/** What changes the state of a pod. */
const ACTIONS = ['create', 'start', 'die', 'oom', 'destroy'];
const RECONNECT_MILLISECONDS = 500;

/** The engine's events of our containers; reconnects until the signal. */
export async function* engineEvents(engine: Engine, signal: AbortSignal): AsyncGenerator<RuntimeEvent | RuntimeReconnected> {
  let told = false;
  while (!signal.aborted) {
    try {
      const stream = (await asked(
        engine.docker.getEvents({ filters: { type: ['container'], event: ACTIONS, label: ownerFilter(engine.context.owner) }, abortSignal: signal }),
      )) as Readable;
      told = false;
      yield { kind: 'reconnected' };
      yield* podEvents(stream, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!told) engine.logger.warn('the container engine does not answer; trying again', { error });
      told = true;
    }
    await engine.clock.sleep(RECONNECT_MILLISECONDS, signal);
  }
}

async function* podEvents(stream: Readable, signal: AbortSignal): AsyncGenerator<RuntimeEvent> {
  const stop = (): void => void stream.destroy();
  signal.addEventListener('abort', stop, { once: true });
  let rest = '';
  try {
    for await (const chunk of stream.setEncoding('utf8')) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const podUid = line.trim() === '' ? undefined : podUidOf(line);
        if (podUid !== undefined) yield { kind: 'pod', podUid };
      }
    }
  } finally {
    signal.removeEventListener('abort', stop);
    stream.destroy();
  }
}

function podUidOf(line: string): string | undefined {
  const event = JSON.parse(line) as { readonly Actor?: { readonly Attributes?: Readonly<Record<string, string>> } };
  return event.Actor?.Attributes?.[LABEL_POD_UID];
}
