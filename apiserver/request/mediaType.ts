import { noRepresentation, notAcceptable } from '../../api/apiError.ts';
import { PROTOBUF_TYPE } from '../codec/protobuf/envelope.ts';
import type { ProtobufEncoder } from '../codec/protobuf/protobufEncoder.ts';
import type { ServedResource } from '../registry.ts';
import type { RequestInfo } from '../types.ts';

/** What a response is to be written as. */
export interface ResponseForm {
  readonly format: 'json' | 'yaml' | 'protobuf';
  /** Writes the answer; set for `protobuf`, in which metadata and discovery are the only transformations. What has no protobuf form is written as JSON. */
  readonly protobuf?: ProtobufEncoder;
  /** A transformation by `as=`: `Table`, `PartialObjectMetadata`, `PartialObjectMetadataList`, `APIGroupDiscoveryList`; '' for the object itself. */
  readonly as: string;
  /** Version of the transformation, e.g. `v1`, `v2`. */
  readonly asVersion: string;
  /** Indented for people, which the type itself may ask for (`application/json;pretty=1`). */
  readonly pretty?: boolean;
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
  'apidiscovery.k8s.io': ['v2'],
};

/** A media type that nothing is. */
const NOTHING = 'none/none';

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
    if (form === undefined) throw notAcceptable([...ACCEPTED, ...(this.#metadataProtobuf ? [PROTOBUF_TYPE] : [])]);
    return form;
  }

  /** As `choose`, for what has no columns: reviews and the like. */
  chooseNoTable(accept: string): ResponseForm {
    return this.#without(accept, (as) => as === 'Table');
  }

  /** As `choose`, for what is not transformed: refusals. */
  choosePlain(accept: string | undefined): ResponseForm {
    return accept?.includes('as=') ? this.#without(accept, (as) => as !== undefined) : this.choose(accept);
  }

  #without(accept: string, isOut: (as: string | undefined) => boolean): ResponseForm {
    const others = accept.split(',').filter((clause) => !isOut(parseClause(clause).parameters.get('as')));
    // Without any clause, everything would do.
    return this.choose(others.join(',') || NOTHING);
  }
}

const PRODUCED = [...ACCEPTED, PROTOBUF_TYPE];
const STREAMED = ['application/json', PROTOBUF_TYPE].map((type) => `${type};stream=watch`);

/** Throws what Kubernetes' router says of an Accept to a built-in kind: it knows types by their names, without their parameters and without `application/*`. */
export function checkProduced(accept: string, { verbs }: ServedResource, { name, verb }: RequestInfo): void {
  if (accept === '' || accept.includes('application/json') || accept.includes('*/*') || accept.includes(PROTOBUF_TYPE)) return;
  const types = accept.split(',').map((clause) => clause.split(';')[0]!.trim());
  if (types.some((type) => PRODUCED.includes(type))) return;
  throw noRepresentation(name === '' && (verb === 'list' || verb === 'watch') && verbs.has('watch') ? [...PRODUCED, ...STREAMED] : PRODUCED);
}

/** How much a type leaves open: of two that are wanted alike the one that says more comes first. */
const openness = (type: string): number => (type.startsWith('*/') ? 2 : type.endsWith('/*') ? 1 : 0);

/** The first clause that can be served, by descending `q`. */
export function negotiate(accept: string, protobuf?: ProtobufEncoder, metadataProtobuf = protobuf): ResponseForm | undefined {
  const clauses = accept.split(',').map(parseClause);
  clauses.sort((a, b) => b.quality - a.quality || openness(a.type) - openness(b.type));
  for (const { type, parameters } of clauses) {
    const as = parameters.get('as') ?? '';
    if (type === PROTOBUF_TYPE) {
      const asVersion = parameters.get('v') ?? '';
      if (protobuf && as === '') return { format: 'protobuf', protobuf, as, asVersion: '' };
      const isMetadata = as.startsWith('PartialObjectMetadata') && parameters.get('g') === GROUPS[as] && VERSIONS['meta.k8s.io']!.includes(asVersion);
      if (metadataProtobuf && isMetadata) return { format: 'protobuf', protobuf: metadataProtobuf, as, asVersion };
      const isDiscovery = as === 'APIGroupDiscoveryList' && parameters.get('g') === GROUPS[as] && VERSIONS['apidiscovery.k8s.io']!.includes(asVersion);
      if (protobuf && isDiscovery) return { format: 'protobuf', protobuf, as, asVersion };
      continue;
    }
    const format = formatOf(type);
    if (!format) continue;
    const asVersion = parameters.get('v') ?? '';
    const pretty = parameters.get('pretty') === '1' ? { pretty: true } : {};
    if (as === '') return { format, as, asVersion: '', ...pretty };
    const group = GROUPS[as];
    if (group && parameters.get('g') === group && VERSIONS[group]!.includes(asVersion)) return { format, as, asVersion, ...pretty };
  }
  return undefined;
}

/** One clause of an `Accept` header: its type as it was sent, its parameters, and how much it is wanted. */
export function parseClause(clause: string): { type: string; parameters: Map<string, string>; quality: number } {
  const [type, ...rest] = clause.split(';').map((part) => part.trim());
  const parameters = new Map(rest.map((part) => [part.split('=')[0]!.trim(), (part.split('=')[1] ?? '').trim()]));
  const quality = Number(parameters.get('q') ?? '1');
  return { type: type ?? '', parameters, quality: Number.isFinite(quality) ? quality : 1 };
}

function formatOf(type: string): 'json' | 'yaml' | undefined {
  if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'json';
  if (type === 'application/yaml') return 'yaml';
  return undefined;
}
