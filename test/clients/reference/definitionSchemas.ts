import { seededRandom } from '../../../api/schema/seededRandom.ts';
import type { Comparison } from '../oracle/comparison.ts';
import { Exchange } from './exchange.ts';
import { RandomSchemas } from './randomSchemas.ts';
import type { Pair } from './referenceServer.ts';

const SEED = 20_260_102;
const ROUNDS = 1_000;
const AT_ONCE = 8;
const PATH = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All';

/** Definitions with schemas drawn by chance: which of them are refused, for what faults, and with what warnings. */
export async function compareDefinitionSchemas(pair: Pair): Promise<Comparison> {
  const exchange = new Exchange(pair);
  const schemas = new RandomSchemas(seededRandom(SEED));
  for (let round = 0; round < ROUNDS; round += AT_ONCE) {
    const bodies = Array.from({ length: AT_ONCE }, (_, index) => definitionOf(`rounds${round + index}`, schemas.root(schemas.pick([0, 0.01, 0.03]))));
    await Promise.all(
      bodies.map(async (body) => {
        try {
          await exchange.both({ method: 'POST', path: PATH, body });
        } catch (error) {
          // Kubernetes falls over a schema now and then, and hangs up: there is nothing to be alike, but to answer.
          if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
          await pair.gantry.request('POST', PATH, body);
        }
      }),
    );
  }
  return exchange.differences;
}

function definitionOf(plural: string, openAPIV3Schema: object): object {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.schemas.example.com` },
    spec: { group: 'schemas.example.com', scope: 'Namespaced', names: { plural, kind: 'Round' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }] },
  };
}
