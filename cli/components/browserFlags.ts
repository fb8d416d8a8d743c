import { goPattern } from '../../api/patterns/goPattern.ts';
import { PatternError } from '../../api/patterns/patternError.ts';
import type { BrowserConfig } from '../../apiserver/http/browserFront.ts';
import { listFlag } from '../../process/flags.ts';

/** What browsers are told. */
export const browserFlags = {
  'cors-allowed-origins': listFlag([], "patterns of the origins whose pages may use the API; each says where the host begins (^ or //) and ends ($ or :), as in '//example\\.com(:|$)'"),
  'strict-transport-security-directives': listFlag([], 'what browsers are told of HSTS: max-age=…, includeSubDomains, preload'),
};

const DIRECTIVE = /^(?:max-age=.*|includeSubDomains|preload)$/;

/** Kubernetes' own text of the first flag, which it repeats in what it says of wrong values. */
const ORIGINS_HELP =
  "List of allowed origins for CORS, comma separated. An allowed origin can be a regular expression to support subdomain matching. If this list is empty CORS will not be enabled. Please ensure each expression matches the entire hostname by anchoring to the start with '^' or including the '//' prefix, and by anchoring to the end with '$' or including the ':' port separator suffix. Examples of valid expressions are '//example\\.com(:|$)' and '^https://example\\.com(:|$)'";

type Values = Readonly<Record<keyof typeof browserFlags, readonly string[]>>;

/** What Kubernetes says of values that do not go, in its order. */
export function browserFaults(values: Values): string[] {
  return [...directiveFaults(values['strict-transport-security-directives']), ...originFaults(values['cors-allowed-origins'])];
}

function directiveFaults(directives: readonly string[]): string[] {
  return directives.flatMap((each) => {
    if (each.trim() === '') return ['empty value in strict-transport-security-directives'];
    return DIRECTIVE.test(each) ? [] : ['--strict-transport-security-directives invalid, allowed values: max-age=expireTime, includeSubDomains, preload. see https://tools.ietf.org/html/rfc6797#section-6.1 for more information'];
  });
}

function originFaults(origins: readonly string[]): string[] {
  return origins.flatMap((each) => {
    if (each === '') return [`empty value in --cors-allowed-origins, help: ${ORIGINS_HELP}`];
    const fault = faultOf(each);
    return fault === undefined ? [] : [`--cors-allowed-origins has an invalid regular expression: ${fault}, help: ${ORIGINS_HELP}`];
  });
}

export const browserConfig = (values: Values): BrowserConfig => ({ allowedOrigins: values['cors-allowed-origins'], transportSecurity: values['strict-transport-security-directives'] });

function faultOf(text: string): string | undefined {
  try {
    goPattern(text);
  } catch (error) {
    if (error instanceof PatternError) return error.message;
    throw error;
  }
  const isPinned = (text.includes('^') || text.includes('//')) && (text.includes('$') || text.includes(':'));
  return isPinned ? undefined : 'regular expression does not pin to start/end of host in the origin header';
}
