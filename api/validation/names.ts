/**
 * The forms of names and small texts, with the messages of `k8s.io/apimachinery/pkg/util/validation`.
 * Each function returns what is wrong, and nothing for a valid value.
 */
type Messages = readonly string[];

const NONE: Messages = [];

export const DNS1123_LABEL_MAX_LENGTH = 63;
export const DNS1123_SUBDOMAIN_MAX_LENGTH = 253;

export const EMPTY_MESSAGE = 'must be non-empty';
export const NON_NEGATIVE_MESSAGE = 'must be greater than or equal to 0';
export const IMMUTABLE_MESSAGE = 'field is immutable';

/** Kubernetes counts in bytes where it speaks of labels, and in characters elsewhere. */
const maxLengthMessage = (length: number, unit: 'bytes' | 'characters' = 'characters'): string => `must be no more than ${length} ${unit}`;
export const rangeMessage = (low: number, high: number): string => `must be between ${low} and ${high}, inclusive`;

function patternMessage(message: string, pattern: string, ...examples: readonly string[]): string {
  if (examples.length === 0) return `${message} (regex used for validation is '${pattern}')`;
  return `${message} (e.g. ${examples.map((each) => `'${each}', `).join(' or ')}regex used for validation is '${pattern}')`;
}

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const LOOSE_LABEL = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const LOOSE_SUBDOMAIN = `${LOOSE_LABEL}(\\.${LOOSE_LABEL})*`;
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE = `(${QUALIFIED})?`;
const CONFIG_KEY = '[-._a-zA-Z0-9]+';
const C_IDENTIFIER = '[A-Za-z_][A-Za-z0-9_]*';
const HEADER = '[-A-Za-z0-9]+';
const PERCENT = '[0-9]+%';

const whole = (pattern: string): RegExp => new RegExp(`^${pattern}$`);
const LABEL_FORM = whole(LABEL);
const SUBDOMAIN_FORM = whole(SUBDOMAIN);
const LOOSE_SUBDOMAIN_FORM = whole(LOOSE_SUBDOMAIN);
const LABEL_1035_FORM = whole(LABEL_1035);
const QUALIFIED_FORM = whole(QUALIFIED);
const LABEL_VALUE_FORM = whole(LABEL_VALUE);
const CONFIG_KEY_FORM = whole(CONFIG_KEY);
const C_IDENTIFIER_FORM = whole(C_IDENTIFIER);
const HEADER_FORM = whole(HEADER);
const PERCENT_FORM = whole(PERCENT);
const WILDCARD_FORM = whole(`\\*\\.${SUBDOMAIN}`);

const LABEL_MESSAGE = patternMessage("a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character", LABEL, 'my-name', '123-abc');
const SUBDOMAIN_MESSAGE = patternMessage("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character", SUBDOMAIN, 'example.com');
const LOOSE_SUBDOMAIN_MESSAGE = patternMessage("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character", LOOSE_SUBDOMAIN, 'example.com');
const LABEL_1035_MESSAGE = patternMessage("a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character", LABEL_1035, 'my-name', 'abc-123');
const QUALIFIED_MESSAGE = patternMessage("must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character", QUALIFIED, 'MyName', 'my.name', '123-abc');
const LABEL_VALUE_MESSAGE = patternMessage("a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character", LABEL_VALUE, 'MyValue', 'my_value', '12345');
const CONFIG_KEY_MESSAGE = patternMessage("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", CONFIG_KEY, 'key.name', 'KEY_NAME', 'key-name');
const C_IDENTIFIER_MESSAGE = patternMessage("a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'", C_IDENTIFIER, 'my_name', 'MY_NAME', 'MyName');
const HEADER_MESSAGE = patternMessage("a valid HTTP header must consist of alphanumeric characters or '-'", HEADER, 'X-Header-Name');
const PERCENT_MESSAGE = patternMessage("a valid percent string must be a numeric string followed by an ending '%'", PERCENT, '1%', '93%');
const WILDCARD_MESSAGE = patternMessage("a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character", `\\*\\.${SUBDOMAIN}`, '*.example.com');

function check(value: string, form: RegExp, message: string, maximum: number, unit?: 'bytes'): Messages {
  const fits = value.length <= maximum;
  const matches = form.test(value);
  if (fits && matches) return NONE;
  return [...(fits ? [] : [maxLengthMessage(maximum, unit)]), ...(matches ? [] : [message])];
}

export const validateDns1123Label = (value: string): Messages => check(value, LABEL_FORM, SUBDOMAIN_FORM.test(value) ? 'must not contain dots' : LABEL_MESSAGE, DNS1123_LABEL_MAX_LENGTH);

export const validateDns1123Subdomain = (value: string): Messages => check(value, SUBDOMAIN_FORM, SUBDOMAIN_MESSAGE, DNS1123_SUBDOMAIN_MAX_LENGTH);

/** Such as the names of SRV records are (`IsDNS1123SubdomainWithUnderscore`). */
export const validateDns1123SubdomainWithUnderscore = (value: string): Messages => check(value, LOOSE_SUBDOMAIN_FORM, LOOSE_SUBDOMAIN_MESSAGE, DNS1123_SUBDOMAIN_MAX_LENGTH);

export const validateDns1035Label = (value: string): Messages => check(value, LABEL_1035_FORM, LABEL_1035_MESSAGE, 63);

export const validateWildcardDns1123Subdomain = (value: string): Messages => check(value, WILDCARD_FORM, WILDCARD_MESSAGE, DNS1123_SUBDOMAIN_MAX_LENGTH);

export const validateLabelValue = (value: string): Messages => check(value, LABEL_VALUE_FORM, LABEL_VALUE_MESSAGE, 63, 'bytes');

export const validateCIdentifier = (value: string): Messages => check(value, C_IDENTIFIER_FORM, C_IDENTIFIER_MESSAGE, Number.POSITIVE_INFINITY);

export const validateHttpHeaderName = (value: string): Messages => check(value, HEADER_FORM, HEADER_MESSAGE, Number.POSITIVE_INFINITY);

export const validatePercent = (value: string): Messages => check(value, PERCENT_FORM, PERCENT_MESSAGE, Number.POSITIVE_INFINITY);

/** A label key, a resource name, a taint key …: `[prefix/]name`. */
export function validateQualifiedName(value: string): Messages {
  if (QUALIFIED_FORM.test(value) && value.length <= 63) return NONE;
  const parts = value.split('/');
  if (parts.length > 2) return [`a valid label key ${QUALIFIED_MESSAGE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  const messages: string[] = [];
  const name = parts.at(-1) ?? '';
  const prefix = parts.length === 2 ? (parts[0] ?? '') : undefined;
  if (prefix === '') messages.push(`prefix part ${EMPTY_MESSAGE}`);
  else if (prefix !== undefined) messages.push(...check(prefix, SUBDOMAIN_FORM, SUBDOMAIN_MESSAGE, DNS1123_SUBDOMAIN_MAX_LENGTH, 'bytes').map((each) => `prefix part ${each}`));
  if (name === '') messages.push(`name part ${EMPTY_MESSAGE}`);
  else if (name.length > 63) messages.push(`name part ${maxLengthMessage(63, 'bytes')}`);
  if (!QUALIFIED_FORM.test(name)) messages.push(`name part ${QUALIFIED_MESSAGE}`);
  return messages;
}

/** A key of a ConfigMap or Secret. */
export function validateConfigMapKey(value: string): Messages {
  const messages = check(value, CONFIG_KEY_FORM, CONFIG_KEY_MESSAGE, DNS1123_SUBDOMAIN_MAX_LENGTH);
  return value.startsWith('.') ? [...messages, ...directoryPrefix(value)] : messages;
}

function directoryPrefix(value: string): Messages {
  if (value === '.') return ["must not be '.'"];
  if (value === '..') return ["must not be '..'"];
  return value.startsWith('..') ? ["must not start with '..'"] : NONE;
}

/** The name of an environment variable, as it may be since 1.34. */
export function validateEnvVarName(value: string): Messages {
  if (value === '') return [`environment variable name ${EMPTY_MESSAGE}`];
  return /^[ -<>-~]+$/.test(value) ? NONE : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

/** An IANA service name, for container ports and named target ports. */
export function validatePortName(value: string): Messages {
  const messages: string[] = [];
  if (value.length > 15) messages.push(maxLengthMessage(15));
  if (!/^[-a-z0-9]+$/.test(value)) messages.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(value)) messages.push('must contain at least one letter (a-z)');
  if (value.includes('--')) messages.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) messages.push('must not begin or end with a hyphen');
  return messages;
}

export const validatePortNumber = (value: number): Messages => (Number.isInteger(value) && value >= 1 && value <= 65535 ? NONE : [rangeMessage(1, 65535)]);

/** A name that can be a part of a URL's path: roles and bindings may be called so. */
export function validatePathSegmentName(value: string): Messages {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%'].filter((each) => value.includes(each)).map((each) => `may not contain '${each}'`);
}
