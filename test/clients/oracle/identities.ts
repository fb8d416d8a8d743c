import type { seededRandom } from '../../../api/schema/seededRandom.ts';
import { BearerTokenAuthenticator } from '../../../apiserver/authentication/bearerToken.ts';
import { RequestHeaderAuthenticator } from '../../../apiserver/authentication/requestHeader/requestHeaderAuthenticator.ts';
import { StaticTokenAuthenticator, TokenFileError } from '../../../apiserver/authentication/tokenFile.ts';
import type { ApiRequest, UserInfo } from '../../../apiserver/types.ts';
import { silentLogger } from '../../../process/log.ts';
import { type Comparison, Differences } from './comparison.ts';
import type { Oracle } from './oracle.ts';

type Random = ReturnType<typeof seededRandom>;
type Headers = Readonly<Record<string, readonly string[]>>;

interface Identity {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[] | null;
  readonly extra: Readonly<Record<string, readonly string[]>> | null;
}

const BEARERS = ['Bearer', 'bearer', 'BEARER', 'Basic', 'Bearer:', ''];
const SPACES = [' ', '  ', '', '\t', ' \t'];
const WORDS = ['abc', 'a.b.c', '', 'a b', 'ä', 'abc '];
const PREFIX = 'base64url.bearer.authorization.k8s.io.';
const PROTOCOLS = ['v4.channel.k8s.io', 'x', '', `${PREFIX}YWJj`, `${PREFIX}YWJjZA==`, `${PREFIX}YWJjZA`, PREFIX, `${PREFIX}!`, `${PREFIX}_-8`, `${PREFIX}YWI`, `${PREFIX}a`];
const UPGRADES = ['websocket', 'WebSocket', 'spdy/3.1', ''];
const CONNECTIONS = ['Upgrade', 'keep-alive, Upgrade', 'upgrade,x', 'keep-alive', ''];
const PROXIED = ['X-Remote-User', 'X-Other-User', 'X-Remote-Uid', 'X-Remote-Group', 'X-Other-Group', 'X-Remote-Extra-Scopes', 'X-Remote-Extra-Example.com%2Fa', 'X-Remote-Extra-%zz', 'X-Other-Extra-Scopes', 'X-Remote-Extra-', 'x-remote-extra-UPPER'];
const VALUES = ['jane', '', 'a,b', ' x ', 'system:masters', 'é'];
const COLUMNS = ['t1', 't2', 'jane', '"jane doe"', '', ' x', '"a,b"', '"a, b"', 'u1', '"q""q"', 'a"b', '"a"b', '#x', '"'];

/** Who is read from headers and from a file of tokens. */
export async function compareIdentities(oracle: Oracle, random: Random, rounds: number): Promise<Comparison> {
  const found = new Differences();
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const some = <T>(from: readonly T[], most: number): T[] => Array.from({ length: Math.floor(random() * (most + 1)) }, () => pick(from));
  for (let round = 0; round < rounds; round += 1) {
    const bearer: Headers = {
      ...(random() < 0.7 ? { Authorization: [`${pick(['', ' '])}${pick(BEARERS)}${pick(SPACES)}${pick(WORDS)}`] } : {}),
      ...(random() < 0.6 ? { Upgrade: [pick(UPGRADES)], Connection: [pick(CONNECTIONS)], 'Sec-Websocket-Protocol': Array.from({ length: 1 + Math.floor(random() * 2) }, () => some(PROTOCOLS, 3).join(pick([',', ', ']))) } : {}),
    };
    await compareOne(oracle, found, 'bearerToken', bearer, (request) => everyToken.authenticate(request, { warn: () => undefined } as never));

    const proxied: Record<string, string[]> = {};
    for (const name of some(PROXIED, 5)) (proxied[name] ??= []).push(...some(VALUES, 2));
    await compareOne(oracle, found, 'requestHeader', proxied, (request) => proxies.authenticate(request));

    const file = Array.from({ length: 1 + Math.floor(random() * 3) }, () => `${Array.from({ length: 3 + Math.floor(random() * 2) }, () => pick(COLUMNS)).join(',')}${pick(['\n', '\n', '\r\n', '\n\n', ''])}`).join('');
    const question = { file, token: pick(['t1', 't2', 'jane', 'x', ' x', 'q"q', '']) };
    const { value, error } = await oracle.ask<Identity>('tokenFile', { input: question });
    found.compare(question, await said(async () => (await new StaticTokenAuthenticator(file).authenticateToken(question.token))?.user), error === undefined ? shown(value) : error.replace(/^token file '[^']*'/, 'token file'));
  }
  return found;
}

const everyToken = new BearerTokenAuthenticator([{ authenticateToken: async (token) => ({ user: { name: token, groups: [] }, audiences: [] }) }], silentLogger);
const proxies = new RequestHeaderAuthenticator({
  allowedNames: [],
  usernameHeaders: ['X-Remote-User', 'X-Other-User'],
  uidHeaders: ['X-Remote-Uid'],
  groupHeaders: ['X-Remote-Group', 'X-Other-Group'],
  extraHeaderPrefixes: ['X-Remote-Extra-', 'X-Other-Extra-'],
});

async function compareOne(oracle: Oracle, found: Differences, ask: string, headers: Headers, read: (request: ApiRequest) => Promise<UserInfo | undefined>): Promise<void> {
  const { value, error } = await oracle.ask<Identity>(ask, { input: headers });
  found.compare([ask, headers], await said(() => read(requestOf(headers))), error === undefined ? shown(value) : 'refused');
}

/** As Node's HTTP server gives a request. */
function requestOf(headers: Headers): ApiRequest {
  const joined = Object.entries(headers).filter(([, values]) => values.length > 0).map(([name, values]) => [name.toLowerCase(), values.join(', ')]);
  const rawHeaders = Object.entries(headers).flatMap(([name, values]) => values.flatMap((value) => [name, value]));
  return { headers: Object.fromEntries(joined) as Record<string, string>, rawHeaders, proxyCertificate: { commonName: 'proxy' } } as unknown as ApiRequest;
}

/** Why somebody is refused is said in the log alone. */
async function said(read: () => Promise<UserInfo | undefined>): Promise<string> {
  try {
    const user = await read();
    return shown(user && { name: user.name, uid: user.uid ?? '', groups: user.groups, extra: user.extra ?? {} });
  } catch (error) {
    if (error instanceof TokenFileError) return error.message;
    if (error instanceof Error) return 'refused';
    throw error;
  }
}

function shown(user: Identity | null | undefined): string {
  if (!user) return 'nobody';
  return JSON.stringify([user.name, user.uid, user.groups ?? [], Object.entries(user.extra ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
