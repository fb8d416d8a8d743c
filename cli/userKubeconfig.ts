import { chownSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Document, isMap, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';

/** What `kubectl` needs to reach a cluster as its administrator, as in a kubeconfig's three lists. */
export interface KubeconfigEntry {
  readonly cluster: Readonly<Record<string, unknown>>;
  readonly user: Readonly<Record<string, unknown>>;
}

/** A kubeconfig that is not one; nothing was changed. */
export class KubeconfigMergeError extends Error {}

/**
 * The text of a kubeconfig with the context `name` added or renewed, and made the current one; everything else stays as it
 * is, comments included. Gives the text itself when nothing changes.
 */
export function mergeContext(text: string, name: string, entry: KubeconfigEntry): string {
  const document = readConfig(text);
  const before = document.toString();
  setEntry(document, 'clusters', { name, cluster: entry.cluster });
  setEntry(document, 'contexts', { name, context: { ...contextExtras(document, name), cluster: name, user: name } });
  setEntry(document, 'users', { name, user: entry.user });
  document.set('current-context', name);
  const after = document.toString();
  return after === before && text !== '' ? text : after;
}

/** The text without the context `name`, its cluster and its user; undefined when nothing else was in it. */
export function removeContext(text: string, name: string): string | undefined {
  const document = readConfig(text);
  for (const list of ['clusters', 'contexts', 'users']) {
    const sequence = document.get(list);
    if (isSeq(sequence)) sequence.items = sequence.items.filter((item) => !(isMap(item) && item.get('name') === name));
  }
  if (document.get('current-context') === name) document.set('current-context', '');
  const empty = ['clusters', 'contexts', 'users'].every((list) => {
    const sequence = document.get(list);
    return !isSeq(sequence) || sequence.items.length === 0;
  });
  return empty ? undefined : document.toString();
}

/** The file that kubectl would write to: the first of $KUBECONFIG, else `~/.kube/config`. */
export function userKubeconfigFile(environment: Readonly<Record<string, string | undefined>>, home: string): string {
  return environment['KUBECONFIG']?.split(':').find((part) => part !== '') ?? join(home, '.kube', 'config');
}

/** Rewrites the file in one step, with its mode and owner kept; `undefined` removes it. Gives whether anything changed. */
export function rewriteKubeconfig(file: string, change: (text: string) => string | undefined): boolean {
  const present = existsSync(file);
  const before = present ? readFileSync(file, 'utf8') : '';
  const after = change(before);
  if (after === before || (after === undefined && !present)) return false;
  if (after === undefined) {
    rmSync(file);
    return true;
  }
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  // Behind a symbolic link is the file that is meant.
  const target = present ? realpathSync(file) : file;
  const scratch = `${target}.gantry-new`;
  const owner = present ? statSync(target) : undefined;
  writeFileSync(scratch, after, { mode: owner ? owner.mode & 0o777 : 0o600, flush: true });
  if (owner) chownSync(scratch, owner.uid, owner.gid);
  renameSync(scratch, target);
  return true;
}

function readConfig(text: string): Document {
  const document: Document = parseDocument(text);
  if (document.errors.length > 0) throw new KubeconfigMergeError(`it is not YAML: ${document.errors[0]!.message}`);
  document.contents ??= document.createNode({ apiVersion: 'v1', kind: 'Config', clusters: [], contexts: [], 'current-context': '', preferences: {}, users: [] });
  if (!isMap(document.contents)) throw new KubeconfigMergeError('it is not a kubeconfig');
  return document;
}

function setEntry(document: Document, list: string, entry: { readonly name: string } & Readonly<Record<string, unknown>>): void {
  let sequence = document.get(list);
  if (!isSeq(sequence)) {
    sequence = document.createNode([]) as YAMLSeq;
    document.set(list, sequence);
  }
  const items = (sequence as YAMLSeq).items;
  // An empty list is written as [], and stays in that style.
  (sequence as YAMLSeq).flow = false;
  const at = items.findIndex((item) => isMap(item) && item.get('name') === entry.name);
  if (at >= 0 && JSON.stringify((items[at] as YAMLMap).toJSON()) === JSON.stringify(entry)) return;
  const node = document.createNode(entry);
  if (at >= 0) items[at] = node;
  else items.push(node);
}

/** What the user has set in the context, such as its namespace. */
function contextExtras(document: Document, name: string): Record<string, unknown> {
  const { contexts } = document.toJSON() as { contexts?: Array<{ name: string; context?: Record<string, unknown> }> | null };
  const { cluster: _, user: _user, ...extras } = contexts?.find((each) => each.name === name)?.context ?? {};
  return extras;
}
