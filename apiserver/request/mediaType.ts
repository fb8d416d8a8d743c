import { notAcceptable } from '../../api/apiError.ts';
import { PROTOBUF_TYPE } from '../codec/protobuf/envelope.ts';
import type { ProtobufEncoder } from '../codec/protobuf/protobufEncoder.ts';

/** What a response is to be written as. */
export interface ResponseForm {
  readonly format: 'json' | 'yaml' | 'protobuf';
  /** Writes the answer; set for `protobuf`, in which nothing but metadata is a transformation. What has no protobuf form is written as JSON. */
  readonly protobuf?: ProtobufEncoder;
  /** A transformation by `as=`: `Table`, `PartialObjectMetadata`, `PartialObjectMetadataList`, `APIGroupDiscoveryList`; '' for the object itself. */
  readonly as: string;
  /** Version of the transformation, e.g. `v1`, `v2`. */
  readonly asVersion: string;
}

const PLAIN: ResponseForm = { format: 'json', as: '', asVersion: '' };
const ACCEPTED = ['application/json', 'application/yaml'];
const GROUPS: Readonly<Record<string, string>> = {
  Table: 'meta.k8s.io',
  PartialObjectMetadata: 'meta.k8s.io',
  PartialObjectMetadataList: 'meta.k8s.io',
  APIGroupDiscoveryList: 'apidiscovery.k8s.io',
};
const VERSIONS: Readonly<Record<string, readonly string[]>> = {
  'meta.k8s.io': ['v1', 'v1beta1'],
  'apidiscovery.k8s.io': ['v2', 'v2beta1'],
};

const remembered = { limit: 256 };

/** Chooses by `Accept`, and remembers the answer for the few headers that a server sees all day. Protobuf is offered where there is an encoder. */
export class ContentNegotiation {
  readonly #answers = new Map<string, ResponseForm | undefined>();
  readonly #protobuf: ProtobufEncoder | undefined;
  readonly #metadataProtobuf: ProtobufEncoder | undefined;

  /** `metadataProtobuf` writes objects' metadata alone; absent: as `protobuf`. */
  constructor(protobuf?: ProtobufEncoder, metadataProtobuf = protobuf) {
    this.#protobuf = protobuf;
    this.#metadataProtobuf = metadataProtobuf;
  }

  /** Throws `notAcceptable` where nothing that is named can be served. */
  choose(accept: string | undefined): ResponseForm {
    if (accept === undefined || accept === '' || accept === '*/*' || accept === 'application/json') return PLAIN;
    let form = this.#answers.get(accept);
    if (form === undefined && !this.#answers.has(accept)) {
      form = negotiate(accept, this.#protobuf, this.#metadataProtobuf);
      if (this.#answers.size >= remembered.limit) this.#answers.clear();
      this.#answers.set(accept, form);
    }
    if (form === undefined) throw notAcceptable([...ACCEPTED, ...(this.#protobuf ? [PROTOBUF_TYPE] : []), 'application/json;as=Table;v=v1;g=meta.k8s.io']);
    return form;
  }
}

/** The first clause that can be served, by descending `q`. */
export function negotiate(accept: string, protobuf?: ProtobufEncoder, metadataProtobuf = protobuf): ResponseForm | undefined {
  const clauses = accept.split(',').map(parseClause);
  clauses.sort((a, b) => b.quality - a.quality);
  for (const { type, parameters } of clauses) {
    const as = parameters.get('as') ?? '';
    if (type === PROTOBUF_TYPE) {
      const asVersion = parameters.get('v') ?? '';
      if (protobuf && as === '') return { format: 'protobuf', protobuf, as, asVersion: '' };
      const isMetadata = as.startsWith('PartialObjectMetadata') && parameters.get('g') === GROUPS[as] && VERSIONS['meta.k8s.io']!.includes(asVersion);
      if (metadataProtobuf && isMetadata) return { format: 'protobuf', protobuf: metadataProtobuf, as, asVersion };
      continue;
    }
    const format = formatOf(type);
    if (!format) continue;
    const asVersion = parameters.get('v') ?? '';
    if (as === '') return { format, as, asVersion: '' };
    const group = GROUPS[as];
    if (group && parameters.get('g') === group && VERSIONS[group]!.includes(asVersion)) return { format, as, asVersion };
  }
  return undefined;
}

function parseClause(clause: string): { type: string; parameters: Map<string, string>; quality: number } {
  const [type, ...rest] = clause.split(';').map((part) => part.trim());
  const parameters = new Map(rest.map((part) => [part.split('=')[0]!.trim(), (part.split('=')[1] ?? '').trim()]));
  const quality = Number(parameters.get('q') ?? '1');
  return { type: (type ?? '').toLowerCase(), parameters, quality: Number.isFinite(quality) ? quality : 1 };
}

function formatOf(type: string): 'json' | 'yaml' | undefined {
  if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'json';
  if (type === 'application/yaml') return 'yaml';
  return undefined;
}
