import type { Schema } from '../../api/schema/schema.ts';
import { parseYamlBody } from '../codec/parseBody.ts';
import { decodeMessage } from '../codec/protobuf/decodeMessage.ts';
import { openEnvelope, PROTOBUF_TYPE } from '../codec/protobuf/envelope.ts';
import { readText } from '../codec/yamlThread.ts';
import type { ReadObject } from './auditor.ts';

/** YAML is parsed slowly; a larger one that nobody has read in a thread is left out of the trail. */
const LARGEST_YAML = 16 * 1024;

/** What a body says, whatever it is written in; undefined where it says nothing that can be read. */
export function objectReader(schema: Schema): ReadObject {
  return (body, contentType = '') => {
    const type = contentType.split(';')[0]!.trim().toLowerCase();
    try {
      if (type === PROTOBUF_TYPE) return fromProtobuf(schema, body);
      if (type.includes('yaml')) return body.length > LARGEST_YAML && !readText(body) ? undefined : parseYamlBody(body).value;
      return type === '' || type.includes('json') ? (JSON.parse(body.toString()) as unknown) : undefined;
    } catch {
      // The handler has told the client what is wrong with it.
      return undefined;
    }
  };
}

function fromProtobuf(schema: Schema, body: Buffer): unknown {
  const { apiVersion, kind, raw } = openEnvelope(body);
  const slash = apiVersion.indexOf('/');
  const model = schema.byKind(slash < 0 ? '' : apiVersion.slice(0, slash), apiVersion.slice(slash + 1), kind);
  return model && { kind, apiVersion, ...decodeMessage(schema, model, raw) };
}
