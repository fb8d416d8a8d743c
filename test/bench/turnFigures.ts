import { fork } from 'node:child_process';
import { once } from 'node:events';
import https from 'node:https';
import { send } from '../rig/apiserver.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import type { Figure } from './figures.ts';
import { definition, DEFINITIONS, largeRequests, type LargeRequest } from './largeObjects.ts';
import { TOKEN, type TurnReport } from './turnServer.ts';

/** What is told beside a figure: no input may hold up others for longer. */
const GOAL_MS = 100;
/** Until what follows an answer (the watch cache, control loops) is over. */
const AFTER_MS = 150;
const ACCOUNT = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };

/** The longest turn of the event loop of an API server during each of many requests about large objects: for so long nobody else was answered. */
export async function turnFigures(): Promise<Figure[]> {
  process.stderr.write('measuring: turns\n');
  const server = fork(`${repositoryRoot}/test/bench/turnServer.ts`);
  const ended = once(server, 'exit');
  const report = async (): Promise<TurnReport> => {
    const told = await Promise.race([once(server, 'message'), ended.then(() => Promise.reject(new Error('the server ended')))]);
    return (told as [TurnReport])[0];
  };
  const agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false });
  try {
    const ready = await report();
    const port = ready.kind === 'ready' ? ready.port : 0;
    const request = async ({ name, method, path, body, type, accept, status }: LargeRequest): Promise<void> => {
      const headers = { authorization: `Bearer ${TOKEN}`, ...(accept === undefined ? {} : { accept }), ...(type === undefined ? {} : { 'content-type': type }) };
      // Custom resources are put over a known version only.
      const present = method === 'PUT' ? (await send(agent, port, 'GET', path, undefined, headers)).json.metadata.resourceVersion : undefined;
      const answer = await send(agent, port, method, path, present === undefined ? body : withVersion(body, String(present)), headers);
      if (answer.status !== status) throw new Error(`${name}: ${answer.status} ${answer.text.slice(0, 500)}`);
      await new Promise((resolve) => setTimeout(resolve, AFTER_MS));
    };
    const longest = async (): Promise<number> => {
      const answer = report();
      server.send('longest');
      const told = await answer;
      return told.kind === 'longest' ? told.milliseconds : 0;
    };
    await request({ name: 'the namespace\'s account', method: 'POST', path: '/api/v1/namespaces/default/serviceaccounts', body: ACCOUNT, status: 201 });
    await request({ name: 'a definition', method: 'POST', path: DEFINITIONS, body: definition(), status: 201 });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const figures: Figure[] = [];
    for (const each of largeRequests()) {
      await longest();
      await request(each);
      figures.push({ name: `longest turn, ${each.name}`, value: await longest(), unit: 'ms', reference: GOAL_MS });
    }
    return figures;
  } finally {
    agent.destroy();
    if (server.connected) server.send('stop');
    await ended;
  }
}

function withVersion(object: unknown, resourceVersion: string): unknown {
  const { metadata, ...rest } = object as { readonly metadata: object };
  return { ...rest, metadata: { ...metadata, resourceVersion } };
}
