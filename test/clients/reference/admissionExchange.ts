import type { WebhookCall, WebhookServer } from '../../rig/webhookServer.ts';
import { eventually } from '../../rig/processes.ts';
import { Differences } from '../oracle/comparison.ts';
import { comparable, describe, type Request, send } from './exchange.ts';
import type { Pair, Side } from './referenceServer.ts';

/** Messages show that of a review. */
const UID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** A list's token where there is no more to come is no matter of admission. */
const NO_CONTINUE = '"continue":"",';

/** Sends one server a request and then the other, and collects where their answers differ, or what webhooks were asked for them. */
export class AdmissionExchange {
  readonly #pair: Pair;
  readonly #webhooks: WebhookServer;
  readonly differences = new Differences();

  constructor(pair: Pair, webhooks: WebhookServer) {
    this.#pair = pair;
    this.#webhooks = webhooks;
  }

  async both(request: Request, about = ''): Promise<void> {
    const ours = await this.#ask(this.#pair.gantry, request);
    const theirs = await this.#ask(this.#pair.kubernetes, request);
    this.differences.compare([about, request], ours, theirs);
  }

  /** Resolves when both are as `until` wants them; each probe is removed again by its `dryRun`. */
  async inForce(what: string, request: Request, until: (status: number, calls: readonly WebhookCall[]) => boolean): Promise<void> {
    for (const side of [this.#pair.gantry, this.#pair.kubernetes]) {
      await eventually(what, 20_000, async () => {
        this.#webhooks.takeCalls();
        const { status } = await send(side, request);
        return until(status, this.#webhooks.takeCalls()) ? true : undefined;
      });
    }
  }

  async #ask(side: Side, request: Request): Promise<string> {
    this.#webhooks.takeCalls();
    const answer = await send(side, request).then(describe, (error: Error) => error.message);
    return `${answer.replaceAll(UID, '<uid>').replace(NO_CONTINUE, '')}\n    ${onceEach(inOrder(this.#webhooks.takeCalls()).map(describeCall)).join('\n    ')}`;
  }
}

/** Those that are asked at the same time (`/v/`) come in any order. */
function inOrder(calls: readonly WebhookCall[]): readonly WebhookCall[] {
  const isValidating = ({ url }: WebhookCall): boolean => url.startsWith('/v/');
  return [...calls.filter((each) => !isValidating(each)), ...calls.filter(isValidating).sort((a, b) => (a.url < b.url ? -1 : 1))];
}

/** Where a connection that was kept ends without an answer, Gantry asks again over another one. */
const onceEach = (calls: readonly string[]): readonly string[] => calls.filter((call, at) => call !== calls[at - 1]);

function describeCall({ method, url, headers, body }: WebhookCall): string {
  const { 'content-length': _length, host: _host, ...rest } = headers;
  return `${method} ${url} ${JSON.stringify(comparable(rest))} ${body === '' ? '' : JSON.stringify(comparable(JSON.parse(body)))}`;
}
