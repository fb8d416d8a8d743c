import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The checkout: the nearest folder above the working directory that holds the lockfile. */
export const repositoryRoot = find(process.cwd());

function find(folder: string): string {
  if (existsSync(join(folder, 'package-lock.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('run this from inside the checkout');
  return find(parent);
}
