import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { credentialsOf, type Kubeconfig, KubeconfigError } from './kubeconfig.ts';

/** How somebody proves to a server who it is. */
export type Credentials = ReturnType<typeof credentialsOf> & { readonly username?: string; readonly password?: string };

/** The users of a kubeconfig by their names; `current` is that of its current-context, if it has one. */
export interface KubeconfigUsers {
  readonly users: ReadonlyMap<string, Credentials>;
  readonly current?: Credentials;
}

/** Reads the users of a kubeconfig file alone, whose names stand for the servers that they are shown to. Throws a KubeconfigError. */
export function loadKubeconfigUsers(file: string): KubeconfigUsers {
  let config: Kubeconfig | null;
  try {
    config = parse(readFileSync(file, 'utf8')) as Kubeconfig | null;
  } catch (error) {
    throw new KubeconfigError(`cannot read the kubeconfig ${file}: ${(error as Error).message}`, { cause: error });
  }
  if (typeof config !== 'object' || config === null) throw new KubeconfigError(`kubeconfig ${file}: is empty`);
  const users = new Map(
    (config.users ?? []).map(({ name, user = {} }): [string, Credentials] => {
      const { username, password = '' } = user;
      return [name, { ...credentialsOf(user, path.dirname(file)), ...(username === undefined || username === '' ? {} : { username, password }) }];
    }),
  );
  const wanted = config['current-context'] ?? '';
  const current = wanted === '' ? undefined : users.get(config.contexts?.find(({ name }) => name === wanted)?.context?.user ?? '');
  return { users, ...(current ? { current } : {}) };
}
