import { ProtobufError } from './protobufError.ts';
import { BYTES, VARINT, type ProtobufReader } from './protobufReader.ts';
import type { ProtobufWriter } from './protobufWriter.ts';

/** Seconds of the years 1 to 9999, which is what RFC 3339 can say. */
const FIRST_SECOND = -62_135_596_800;
const LAST_SECOND = 253_402_300_799;

const NUMBER_OF_TYPE = 1;
const NUMBER_OF_INTEGER = 2;
const NUMBER_OF_STRING = 3;

/** A `metav1.Time`: whole seconds, undefined for the zero time. Each function here reads to the end of the present message. */
export function readTime(reader: ProtobufReader): string | undefined {
  const time = readTimestamp(reader);
  return time && `${time.seconds}Z`;
}

/** A `metav1.MicroTime`: microseconds, undefined for the zero time. */
export function readMicroTime(reader: ProtobufReader): string | undefined {
  const time = readTimestamp(reader);
  return time && `${time.seconds}.${String(Math.trunc(time.nanoseconds / 1000)).padStart(6, '0')}Z`;
}

function readTimestamp(reader: ProtobufReader): { seconds: string; nanoseconds: number } | undefined {
  // An empty message is the zero time, while zeros that are written are the beginning of 1970.
  if (!reader.more) return undefined;
  let seconds = 0;
  let nanoseconds = 0;
  forFields(reader, (number, wire) => {
    if (wire !== VARINT) return false;
    if (number === 1) seconds = reader.int64();
    else if (number === 2) nanoseconds = reader.int32();
    else return false;
    return true;
  });
  if (seconds === FIRST_SECOND && nanoseconds === 0) return undefined;
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND || nanoseconds < 0 || nanoseconds > 999_999_999) throw new ProtobufError('proto: time is out of range');
  return { seconds: new Date(seconds * 1000).toISOString().slice(0, 19), nanoseconds };
}

/** A `resource.Quantity` as it was written; the schema's check makes it canonical. */
export function readQuantity(reader: ProtobufReader): string {
  let text = '0';
  forFields(reader, (number, wire) => {
    if (number !== 1 || wire !== BYTES) return false;
    text = reader.string();
    return true;
  });
  return text;
}

/** An `intstr.IntOrString`: which of the two counts is said by its type. */
export function readIntOrString(reader: ProtobufReader): number | string {
  let type = 0;
  let integer = 0;
  let text = '';
  forFields(reader, (number, wire) => {
    if (number === NUMBER_OF_TYPE && wire === VARINT) type = reader.int64();
    else if (number === NUMBER_OF_INTEGER && wire === VARINT) integer = reader.int32();
    else if (number === NUMBER_OF_STRING && wire === BYTES) text = reader.string();
    else return false;
    return true;
  });
  return type === 0 ? integer : text;
}

/** A time or micro time in RFC 3339. */
export function writeTime(writer: ProtobufWriter, text: string): void {
  const fraction = /\.(\d{1,9})/.exec(text)?.[1] ?? '';
  writer.varint(Number(fraction.padEnd(9, '0')));
  writer.tag(2, VARINT);
  writer.varint(Math.floor(Date.parse(text) / 1000));
  writer.tag(1, VARINT);
}

export function writeIntOrString(writer: ProtobufWriter, value: unknown): void {
  const isText = typeof value === 'string';
  writer.stringField(NUMBER_OF_STRING, isText ? value : '');
  writer.varint(isText ? 0 : Number(value));
  writer.tag(NUMBER_OF_INTEGER, VARINT);
  writer.varint(isText ? 1 : 0);
  writer.tag(NUMBER_OF_TYPE, VARINT);
}

/** Goes through the fields of the present message; those that `take` does not take are jumped over. */
export function forFields(reader: ProtobufReader, take: (number: number, wire: number) => boolean): void {
  while (reader.more) {
    const tag = reader.tag();
    if (!take(tag >>> 3, tag & 7)) reader.skip(tag & 7);
  }
}
