import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inputsStamp, isFresh } from './stamp.ts';

/**
 * Writes `api/generated/` from the pinned `@kubernetes/client-node` and `api/facts`. Run by `npm run build` and the gate, from the
 * repository's root; with `--if-stale` it does nothing when the files are up to date, which it finds out in milliseconds.
 */
const root = process.cwd();
const generated = join(root, 'api', 'generated');
const clientNode = JSON.parse(readFileSync(join(root, 'node_modules', '@kubernetes', 'client-node', 'package.json'), 'utf8')) as { version: string };
const stamp = inputsStamp(root, clientNode.version);
if (!process.argv.includes('--if-stale') || !isFresh(generated, stamp)) await generate();

async function generate(): Promise<void> {
  // Only here, because the TypeScript compiler takes its time to load.
  const { emitTypes, readNamespacedModels } = await import('./emitTypes.ts');
  const { emitDescriptions, emitSchema } = await import('./emitSchema.ts');
  const { clientNodeGen, readModels } = await import('./models.ts');
  const { readFacts } = await import('./facts.ts');
  const gen = clientNodeGen();
  const models = await readModels(gen);
  const facts = readFacts(join(root, 'api', 'facts'));
  const schema = emitSchema(models, facts, '1.36');
  mkdirSync(generated, { recursive: true });
  write('types.ts', emitTypes(models, readNamespacedModels(gen), facts.properties));
  write('schema.json', JSON.stringify(schema));
  write('descriptions.json', JSON.stringify(emitDescriptions(models, schema)));
  write('stamp', stamp);
}

/** Readers see the old file or the new one, never half of one: two runs may overlap. */
function write(file: string, content: string): void {
  const temporary = join(generated, `.${file}.${process.pid}`);
  writeFileSync(temporary, content);
  renameSync(temporary, join(generated, file));
}
