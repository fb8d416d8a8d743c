import { append, duplicate, type FieldError, invalid, required, tooMany } from '../../../api/fieldError.ts';
import { validateDomainPrefixedPath } from '../../../api/kinds/domainPrefixedPath.ts';
import type { AuthenticationConfiguration, ClaimMappings, ClaimValidationRule, IssuerConfiguration, JwtConfiguration, PrefixedClaim, UserValidationRule } from './authenticationConfiguration.ts';
import type { ClaimExpression, ClaimLanguage } from './claimLanguage.ts';
import { issuerFaults } from './validateIssuer.ts';

const MAXIMUM_ISSUERS = 64;
const BOTH = "claim and expression can't both be set";
const EMAIL_RULE =
  'claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression';

/** `ValidateAuthenticationConfiguration`. `disallowed`: issuers that are somebody else's, such as the cluster's own. */
export function validateAuthenticationConfiguration({ jwt = [], anonymous }: AuthenticationConfiguration, language: ClaimLanguage, disallowed: readonly string[]): FieldError[] {
  if (jwt.length > MAXIMUM_ISSUERS) return [tooMany('jwt', jwt.length, MAXIMUM_ISSUERS)];
  const errors = jwt.flatMap((each, index) => [...jwtFaults(`jwt[${index}]`, each, language, disallowed), ...repeated(`jwt[${index}].issuer`, each.issuer, jwt.slice(0, index))]);
  const conditions = anonymous?.conditions ?? [];
  if (anonymous && !anonymous.enabled && conditions.length > 0) errors.push(invalid('anonymous.conditions', conditions.map(({ path = '' }) => ({ Path: path })), 'enabled should be set to true when conditions are defined'));
  return errors;
}

function repeated(field: string, { url = '', discoveryURL = '' }: IssuerConfiguration, before: readonly JwtConfiguration[]): FieldError[] {
  return [
    ...(before.some(({ issuer }) => (issuer.url ?? '') === url) ? [duplicate(`${field}.url`, url)] : []),
    ...(discoveryURL !== '' && before.some(({ issuer }) => issuer.discoveryURL === discoveryURL) ? [duplicate(`${field}.discoveryURL`, discoveryURL)] : []),
  ];
}

function jwtFaults(field: string, { issuer, claimValidationRules = [], claimMappings, userValidationRules = [] }: JwtConfiguration, language: ClaimLanguage, disallowed: readonly string[]): FieldError[] {
  const compiled = new Compiled(language);
  return [
    ...issuerFaults(`${field}.issuer`, issuer, disallowed),
    ...claimRuleFaults(`${field}.claimValidationRules`, claimValidationRules, compiled),
    ...mappingFaults(`${field}.claimMappings`, claimMappings, compiled),
    ...userRuleFaults(`${field}.userValidationRules`, userValidationRules, compiled),
  ];
}

/** What has been compiled of one issuer's expressions. */
class Compiled {
  readonly #language: ClaimLanguage;
  readonly claims: ClaimExpression[] = [];

  constructor(language: ClaimLanguage) {
    this.#language = language;
  }

  faults(field: string, text: string, variable: 'claims' | 'user', boolean: boolean): FieldError[] {
    const made = this.#language.compile(text, variable, boolean);
    if ('fault' in made) return [invalid(field, text, made.fault)];
    if (variable === 'claims') this.claims.push(made.expression);
    return [];
  }
}

function claimRuleFaults(field: string, rules: readonly ClaimValidationRule[], compiled: Compiled): FieldError[] {
  const claims = new Set<string>();
  const expressions = new Set<string>();
  return rules.flatMap(({ claim = '', requiredValue = '', expression = '', message = '' }, index) => {
    const at = `${field}[${index}]`;
    if (claim !== '' && expression !== '') return [invalid(at, claim, BOTH)];
    if (claim === '' && expression === '') return [required(at, 'claim or expression is required')];
    if (claim !== '') {
      const errors = message === '' ? [] : [invalid(`${at}.message`, message, 'may not be specified when claim is set')];
      if (claims.has(claim)) errors.push(duplicate(`${at}.claim`, claim));
      claims.add(claim);
      return errors;
    }
    const errors = requiredValue === '' ? [] : [invalid(`${at}.requiredValue`, requiredValue, 'may not be specified when expression is set')];
    if (expressions.has(expression)) return [...errors, duplicate(`${at}.expression`, expression)];
    expressions.add(expression);
    return [...errors, ...compiled.faults(`${at}.expression`, expression, 'claims', true)];
  });
}

function mappingFaults(field: string, { username, groups = {}, uid = {}, extra = [] }: ClaimMappings, compiled: Compiled): FieldError[] {
  const errors = prefixedFaults(`${field}.username`, username, true, compiled);
  const usesEmail = errors.length === 0 && Boolean(username.expression) && compiled.claims.at(-1)?.uses('email') === true;
  append(errors, prefixedFaults(`${field}.groups`, groups, false, compiled));
  if (uid.claim && uid.expression) errors.push(invalid(`${field}.uid`, '', BOTH));
  else if (uid.expression) append(errors, compiled.faults(`${field}.uid.expression`, uid.expression, 'claims', false));
  const keys = new Set<string>();
  for (const [index, { key = '', valueExpression = '' }] of extra.entries()) {
    const at = `${field}.extra[${index}]`;
    append(errors, extraKeyFaults(`${at}.key`, key));
    if (keys.has(key)) errors.push(duplicate(`${at}.key`, key));
    else if (valueExpression === '') errors.push(required(`${at}.valueExpression`));
    else append(errors, compiled.faults(`${at}.valueExpression`, valueExpression, 'claims', false));
    keys.add(key);
  }
  if (usesEmail && !compiled.claims.some((each) => each.uses('email_verified'))) errors.push(invalid(`${field}.username.expression`, username.expression, EMAIL_RULE));
  return errors;
}

function prefixedFaults(field: string, { claim = '', prefix, expression = '' }: PrefixedClaim, isRequired: boolean, compiled: Compiled): FieldError[] {
  if (claim !== '' && expression !== '') return [invalid(field, '', BOTH)];
  if (claim !== '') return prefix === undefined ? [required(`${field}.prefix`, 'prefix is required when claim is set. It can be set to an empty string to disable prefixing')] : [];
  if (expression === '') return isRequired ? [required(field, 'claim or expression is required')] : [];
  const errors = prefix === undefined ? [] : [invalid(`${field}.prefix`, prefix, 'may not be specified when expression is set')];
  return [...errors, ...compiled.faults(`${field}.expression`, expression, 'claims', false)];
}

function extraKeyFaults(field: string, key: string): FieldError[] {
  const errors = validateDomainPrefixedPath(field, key);
  if (key !== key.toLowerCase()) errors.push(invalid(field, key, 'must be lowercase'));
  const domain = key.includes('/') ? key.slice(0, key.indexOf('/')) : '';
  if (/(^|\.)(kubernetes|k8s)\.io$/.test(domain)) errors.push(invalid(field, key, 'k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use'));
  return errors;
}

function userRuleFaults(field: string, rules: readonly UserValidationRule[], compiled: Compiled): FieldError[] {
  const seen = new Set<string>();
  return rules.flatMap(({ expression = '' }, index) => {
    const at = `${field}[${index}].expression`;
    if (expression === '') return [required(at)];
    if (seen.has(expression)) return [duplicate(at, expression)];
    seen.add(expression);
    return compiled.faults(at, expression, 'user', true);
  });
}

