import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtinDefinitions } from '../../../api/kinds/index.ts';
import { apiVersionOf } from '../../../api/kinds/lookup.ts';
import type { Schema } from '../../../api/schema/schema.ts';
import { canonicalJson } from '../../../api/values/stableHash.ts';
import { encodeMessage } from '../../../apiserver/codec/protobuf/encodeMessage.ts';
import { envelopeAround, PROTOBUF_TYPE } from '../../../apiserver/codec/protobuf/envelope.ts';
import { type Comparison, Differences } from './comparison.ts';
import { readObject } from './encodings.ts';

/** The objects that Kubernetes keeps beside its types (`k8s.io/api/testdata/HEAD`), every field of every kind filled: its JSON, YAML and protobuf are the same object here, and its protobuf is as long as ours. */
export function compareGolden(schema: Schema, folder: string): Comparison {
  const found = new Differences();
  for (const definition of builtinDefinitions) {
    const name = `${definition.group || 'core'}.${definition.version}.${definition.kind}`;
    const file = (ending: string): Buffer => readFileSync(join(folder, `${name}.${ending}`));
    if (!existsSync(join(folder, `${name}.json`))) continue;
    const theirs = canonicalJson(JSON.parse(file('json').toString()));
    const object = readObject(schema, definition, file('json'), 'application/json');
    found.compare([name, 'json'], canonicalJson(object), theirs);
    found.compare([name, 'yaml'], canonicalJson(readObject(schema, definition, file('yaml'), 'application/yaml')), theirs);
    found.compare([name, 'protobuf'], canonicalJson(readObject(schema, definition, file('pb'), PROTOBUF_TYPE)), theirs);
    const message = encodeMessage(schema, schema.model(definition.model), object);
    const { head, tail } = envelopeAround(apiVersionOf(definition), definition.kind, message.length);
    found.compare([name, 'length in protobuf'], String(head.length + message.length + tail.length), String(file('pb').length));
  }
  return found;
}
