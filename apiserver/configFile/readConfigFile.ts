import { DecodeTypeError } from '../codec/decodeError.ts';
import { BodySyntaxError, parseJson, parseYamlBody } from '../codec/parseBody.ts';
import { isRecord } from '../../api/values/isRecord.ts';
import { jsonKind } from '../../api/values/goPrint.ts';
import { readShape, type ShapedValue, type StructShape } from './configShape.ts';

/** A file that does not have its form; the messages are those of Kubernetes' decoding. */
export class ConfigFileError extends Error {}

/** A file that does not say of which version it is. */
export class MissingVersionError extends ConfigFileError {}

/** What a file must be: `apiserver.config.k8s.io/v1 AuthorizationConfiguration`, say. */
export interface ConfigKind {
  readonly versions: readonly string[];
  readonly kind: string;
  /** Nothing of the text is told: it holds keys. */
  readonly secret?: boolean;
  /** One that does not say what it is is taken for it. */
  readonly implied?: boolean;
}

/** What a file says. */
export interface DecodedConfig {
  /** Without `apiVersion` and `kind`. */
  readonly value: Record<string, unknown>;
  /** What is wrong with it that only strict decoding minds, as one text. */
  readonly strictError?: string;
}

/** Reads a configuration file in YAML or JSON, strictly. Throws a ConfigFileError. */
export function readConfigFile(text: string, kind: ConfigKind, fields: StructShape['fields']): unknown {
  const { value, strictError } = decodeConfigFile(text, kind, fields);
  if (strictError !== undefined) throw new ConfigFileError(strictError);
  return value;
}

/** As `readConfigFile`, but tells what strict decoding minds. */
export function decodeConfigFile(text: string, wanted: ConfigKind, fields: StructShape['fields']): DecodedConfig {
  const { value, strictErrors, apiVersion } = parsed(text, wanted);
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
  const { value: read, unknown } = shaped(value, { struct: wanted.kind, fields: { apiVersion: 'string', kind: 'string', ...fields } }, version);
  const { apiVersion: _version, kind: _kind, ...rest } = read;
  const faults = [...strictErrors, ...unknown];
  return { value: rest, ...(faults.length === 0 ? {} : { strictError: `strict decoding error: ${faults.join(', ')}` }) };
}

interface ParsedConfig {
  readonly value: unknown;
  readonly strictErrors: readonly string[];
  readonly apiVersion: string;
}

function parsed(text: string, { versions, kind, secret = false, implied = false }: ConfigKind): ParsedConfig {
  const { value, strictErrors } = plain(text);
  const { apiVersion, kind: found } = versionAndKind(value ?? {});
  const data = secret ? '' : ` in '${text}'`;
  if (found === '' && !implied) throw new ConfigFileError(`Object 'Kind' is missing${data}`);
  if (apiVersion === '') throw new MissingVersionError(`Object 'apiVersion' is missing${data}`);
  if (!versions.includes(apiVersion) || (found !== kind && found !== '')) throw new ConfigFileError(`no kind ${JSON.stringify(found)} is registered for version ${JSON.stringify(apiVersion)}`);
  return { value: value ?? {}, strictErrors, apiVersion };
}

/** A text that begins with a brace is JSON. */
function plain(text: string): ReturnType<typeof parseJson> {
  const isJson = /^\s*\{/.test(text);
  try {
    if (isJson) return parseJson(Buffer.from(text));
    const { value, strictErrors } = parseYamlBody(Buffer.from(text));
    return { value: inOrder(value), strictErrors };
  } catch (error) {
    if (error instanceof BodySyntaxError) throw new ConfigFileError(isJson ? `couldn't get version/kind; json parse error: ${error.message}` : error.message);
    throw error;
  }
}

/** Go makes JSON of YAML first, in the order of the names: so faults are found. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, each]) => [name, inOrder(each)]));
}

const HEAD_TYPE = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/** Go reads these two first, by themselves. */
function versionAndKind(value: unknown): { readonly apiVersion: string; readonly kind: string } {
  const unfit = (part: unknown, type: string): ConfigFileError => new ConfigFileError(`couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonKind(part)} into Go ${type}`);
  if (!isRecord(value)) throw unfit(value, `value of type ${HEAD_TYPE}`);
  const textOf = (name: string): string => {
    const text = value[name] ?? '';
    if (typeof text !== 'string') throw unfit(text, `struct field .${name} of type string`);
    return text;
  };
  return { apiVersion: textOf('apiVersion'), kind: textOf('kind') };
}

function shaped(value: unknown, shape: StructShape, version: string): ShapedValue {
  try {
    return readShape(value, shape, version);
  } catch (error) {
    if (error instanceof DecodeTypeError) throw new ConfigFileError(error.message);
    throw error;
  }
}
