import { Writer } from 'protobufjs/minimal.js';
import { isRecord } from '../../api/values/isRecord.ts';
import { envelopeAround } from '../codec/protobuf/envelope.ts';
import { BYTES } from '../codec/protobuf/protobufReader.ts';

/** The fields of a message by their JSON names: texts (one or several), or messages of a form of their own. */
type MessageForm = Readonly<Record<string, { readonly number: number; readonly form?: MessageForm }>>;

const KIND: MessageForm = { group: { number: 1 }, version: { number: 2 }, kind: { number: 3 } };
const SUBRESOURCE: MessageForm = { subresource: { number: 1 }, responseKind: { number: 2, form: KIND }, acceptedTypes: { number: 3, form: KIND }, verbs: { number: 4 } };
const RESOURCE: MessageForm = {
  resource: { number: 1 },
  responseKind: { number: 2, form: KIND },
  scope: { number: 3 },
  singularResource: { number: 4 },
  verbs: { number: 5 },
  shortNames: { number: 6 },
  categories: { number: 7 },
  subresources: { number: 8, form: SUBRESOURCE },
  serverIDs: { number: 9 },
};
const VERSION: MessageForm = { version: { number: 1 }, resources: { number: 2, form: RESOURCE }, freshness: { number: 3 } };
const GROUP: MessageForm = { metadata: { number: 1, form: { name: { number: 1 } } }, versions: { number: 2, form: VERSION } };
/** `k8s.io.api.apidiscovery.v2.APIGroupDiscoveryList`. */
const LIST: MessageForm = { metadata: { number: 1, form: {} }, items: { number: 2, form: GROUP } };

/** An `APIGroupDiscoveryList` in Kubernetes' protobuf, in its envelope. What extension servers said of themselves may be anything: what doesn't fit is left out. */
export function discoveryMessage(list: Readonly<Record<string, unknown>>): Buffer {
  const writer = Writer.create();
  writeMessage(writer, LIST, list);
  const message = Buffer.from(writer.finish());
  const { head, tail } = envelopeAround(String(list['apiVersion']), String(list['kind']), message.length);
  return Buffer.concat([head, message, tail]);
}

function writeMessage(writer: Writer, form: MessageForm, value: Readonly<Record<string, unknown>>): void {
  for (const [name, field] of Object.entries(form)) {
    const found = value[name];
    for (const each of Array.isArray(found) ? (found as unknown[]) : [found]) {
      if (field.form === undefined && typeof each === 'string') writer.uint32(field.number * 8 + BYTES).string(each);
      if (field.form === undefined || !isRecord(each)) continue;
      writer.uint32(field.number * 8 + BYTES).fork();
      writeMessage(writer, field.form, each);
      writer.ldelim();
    }
  }
}
