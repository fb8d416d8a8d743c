import { STRING_FORMATS } from '../../customResources/formats.ts';
import { validateDns1035Label, validateDns1123Label, validateDns1123Subdomain, validateLabelValue, validateQualifiedName } from '../../validation/names.ts';
import { goUrlFault, parseGoRequestUri } from '../../values/goUrl.ts';
import { global, member } from '../overload.ts';
import type { Overload } from '../overload.ts';
import { CelList } from '../values/list.ts';
import { OpaqueValue } from '../values/opaque.ts';
import { NONE, Optional } from '../values/scalars.ts';
import type { CelValue } from '../values/value.ts';

type Validate = (text: string) => readonly string[];

/** Sizes of the patterns that formats are taken for, where costs are reckoned (upstream's `MaxRegexSize`). */
const PATTERN = 60;
const TIME_PATTERN = '^([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$'.length;
const UUID_PATTERN = '(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$'.length;
const PATTERNS: Readonly<Record<string, number>> = { uri: 1103, uuid: UUID_PATTERN, byte: 84, date: TIME_PATTERN, datetime: TIME_PATTERN, dns1123Label: 30, dns1035Label: 30, dns1123LabelPrefix: 30, dns1035LabelPrefix: 30, labelValue: 40 };

class Format extends OpaqueValue {
  readonly typeName = 'kubernetes.NamedFormat';
  readonly name: string;
  readonly validate: Validate;

  /** As large as the pattern that it is taken for. */
  override get size(): number {
    return PATTERNS[this.name] ?? PATTERN;
  }

  constructor(name: string, validate: Validate) {
    super();
    this.name = name;
    this.validate = validate;
  }

  equals(other: Format): boolean {
    return this.name === other.name;
  }
}

/** Of a name that a suffix will be appended to: it may end with a dash, which is left out with what stands before it. */
const prefix = (validate: Validate): Validate => (text) => validate(text.length > 1 && text.endsWith('-') ? `${text.slice(0, -2)}a` : text);
const known = (format: string, fault: string): Validate => (text) => (STRING_FORMATS[format]!(text) ? [] : [fault]);

const FORMATS_BY_NAME: Readonly<Record<string, Validate>> = {
  dns1123Label: validateDns1123Label,
  dns1123Subdomain: validateDns1123Subdomain,
  dns1035Label: validateDns1035Label,
  qualifiedName: validateQualifiedName,
  dns1123LabelPrefix: prefix(validateDns1123Label),
  dns1123SubdomainPrefix: prefix(validateDns1123Subdomain),
  dns1035LabelPrefix: prefix(validateDns1035Label),
  labelValue: validateLabelValue,
  uri: (text) => {
    const fault = goUrlFault(text, parseGoRequestUri);
    return fault === undefined ? [] : [fault];
  },
  uuid: known('uuid', 'does not match the UUID format'),
  byte: known('byte', 'invalid base64'),
  date: known('date', 'invalid date'),
  datetime: known('datetime', 'invalid datetime'),
};

const VALUES = new Map(Object.entries(FORMATS_BY_NAME).map(([name, validate]) => [name, new Format(name, validate)]));

function faultsOf({ validate }: Format, text: string): CelValue {
  const faults = validate(text);
  return faults.length === 0 ? NONE : new Optional(new CelList(faults));
}

/** Kubernetes' format library: `!format.dns1123Label().validate(x).hasValue()`. */
export const FORMATS: readonly Overload[] = [
  global('format.named', '(string) -> optional(Format)', 'format-named', (name: string) => {
    const format = VALUES.get(name);
    return format ? new Optional(format) : NONE;
  }),
  ...[...VALUES].map(([name, format]) => global(`format.${name}`, '() -> Format', `format-${name}`, () => format)),
  member('Format', 'validate', '(string) -> optional(list(string))', 'format-validate', faultsOf),
];
