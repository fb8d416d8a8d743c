import { builtinDefinitions } from '../../../api/kinds/index.ts';
import { apiVersionOf } from '../../../api/kinds/lookup.ts';
import type { ResourceDefinition } from '../../../api/resourceDefinition.ts';
import type { Schema } from '../../../api/schema/schema.ts';
import { canonicalJson } from '../../../api/values/stableHash.ts';
import { decodeBody } from '../../../apiserver/codec/decodeBody.ts';
import { encodeJson } from '../../../apiserver/codec/encode.ts';
import { encodeMessage } from '../../../apiserver/codec/protobuf/encodeMessage.ts';
import { envelopeAround, PROTOBUF_TYPE } from '../../../apiserver/codec/protobuf/envelope.ts';
import { fillStoredZeroValues } from '../../../apiserver/codec/zeroValues.ts';
import { type Comparison, Differences } from './comparison.ts';
import type { Oracle } from './oracle.ts';

interface BothForms {
  readonly json: Record<string, unknown>;
  /** In base64, with its envelope. */
  readonly protobuf: string;
}

/** Kinds that `client-go` does not know: their Go types are in modules of their own. */
const ELSEWHERE = new Set(['apiregistration.k8s.io', 'apiextensions.k8s.io']);

/** Objects of every kind that Kubernetes' own fuzzer filled: read from and written to JSON and protobuf. */
export async function compareEncodings(oracle: Oracle, schema: Schema, rounds: number): Promise<Comparison> {
  const found = new Differences();
  for (const definition of builtinDefinitions.filter(({ group }) => !ELSEWHERE.has(group))) {
    const apiVersion = apiVersionOf(definition);
    const { kind } = definition;
    for (let seed = 1; seed <= rounds; seed += 1) {
      const { value, error } = await oracle.ask<BothForms>('sample', { apiVersion, kind, seed });
      if (!value) throw new Error(`${apiVersion} ${kind}: ${error}`);
      // As it is read from storage again, which tells no empty list from none.
      const stored = await oracle.ask<BothForms>('read', { text: value.protobuf });
      if (!stored.value) throw new Error(`${apiVersion} ${kind}: ${stored.error}`);
      const theirs = canonicalJson(stored.value.json);
      const object = readObject(schema, definition, Buffer.from(JSON.stringify(value.json)), 'application/json');
      found.compare([kind, seed, 'from JSON'], canonicalJson(object), theirs);
      found.compare([kind, seed, 'from protobuf'], canonicalJson(readObject(schema, definition, Buffer.from(value.protobuf, 'base64'), PROTOBUF_TYPE)), theirs);
      const message = encodeMessage(schema, schema.model(definition.model), object);
      const { head, tail } = envelopeAround(apiVersion, kind, message.length);
      const back = await oracle.ask<BothForms>('read', { text: Buffer.concat([head, message, tail]).toString('base64') });
      found.compare([kind, seed, 'to protobuf'], theirs, back.value ? canonicalJson(back.value.json) : back.error);
    }
  }
  return found;
}

/** An object of a body, with the zero values that Kubernetes prints. */
export function readObject(schema: Schema, definition: ResourceDefinition, bytes: Buffer, type: string): object {
  const { group, version, kind, model } = definition;
  const { object } = decodeBody(schema, bytes, type, { group, version, kind, model }, 'Strict');
  fillStoredZeroValues(schema, definition, object);
  return JSON.parse(encodeJson(object).toString()) as object;
}
