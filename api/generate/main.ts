import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emitTypes, readNamespacedModels } from './emitTypes.ts';
import { clientNodeGen, readModels } from './models.ts';

/** Writes `api/generated/` from the pinned `@kubernetes/client-node`. Run by `npm run build` and the gate. */
const gen = clientNodeGen();
const models = await readModels(gen);
const out = join(process.cwd(), 'api', 'generated');
mkdirSync(out, { recursive: true });
writeFileSync(join(out, 'types.ts'), emitTypes(models, readNamespacedModels(gen)));
