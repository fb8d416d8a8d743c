import { goPattern } from '../../api/patterns/goPattern.ts';
import { PatternError } from '../../api/patterns/patternError.ts';
import type { BrowserConfig } from '../../apiserver/http/browserFront.ts';
import { FlagError, listFlag } from '../../process/flags.ts';

/** What browsers are told. */
export const browserFlags = {
  'cors-allowed-origins': listFlag([], "patterns of the origins whose pages may use the API; each says where the host begins (^ or //) and ends ($ or :), as in '//example\\.com(:|$)'"),
  'strict-transport-security-directives': listFlag([], 'what browsers are told of HSTS: max-age=…, includeSubDomains, preload'),
};

const DIRECTIVE = /^(?:max-age=.*|includeSubDomains|preload)$/;

/** Throws a `FlagError` with Kubernetes' text. */
export function browserConfig(values: Readonly<Record<keyof typeof browserFlags, readonly string[]>>): BrowserConfig {
  const allowedOrigins = values['cors-allowed-origins'];
  const transportSecurity = values['strict-transport-security-directives'];
  for (const text of allowedOrigins) {
    const fault = faultOf(text);
    if (fault !== undefined) throw new FlagError(`--cors-allowed-origins has an invalid regular expression: ${fault}`);
  }
  if (!transportSecurity.every((each) => DIRECTIVE.test(each))) throw new FlagError('--strict-transport-security-directives invalid, allowed values: max-age=expireTime, includeSubDomains, preload. see https://tools.ietf.org/html/rfc6797#section-6.1 for more information');
  return { allowedOrigins, transportSecurity };
}

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
