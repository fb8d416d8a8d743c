import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The files that generation writes besides the stamp. */
export const GENERATED_FILES = ['types.ts', 'schema.json', 'descriptions.json'] as const;

/** Folders, relative to the repository, and what of them the generated files depend on. */
const INPUTS = [
  { folder: join('api', 'facts'), pattern: /\.json$/ },
  { folder: join('api', 'generate'), pattern: /(?<!\.test)\.ts$/ },
] as const;

/** A hash of everything that the generated files are made from: client-node's version, the facts and the generator itself. */
export function inputsStamp(root: string, clientNodeVersion: string): string {
  const hash = createHash('sha256').update(clientNodeVersion);
  for (const { folder, pattern } of INPUTS) {
    for (const file of readdirSync(join(root, folder)).filter((name) => pattern.test(name)).sort()) {
      hash.update(file).update(readFileSync(join(root, folder, file)));
    }
  }
  return hash.digest('hex');
}

/** Whether the folder holds all generated files, made from inputs of this stamp. */
export function isFresh(generated: string, stamp: string): boolean {
  const stampFile = join(generated, 'stamp');
  if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) return false;
  return GENERATED_FILES.every((file) => existsSync(join(generated, file)));
}
