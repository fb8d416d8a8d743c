import type { JwtClaims } from '../../../process/jwt.ts';
import type { UserInfo } from '../../types.ts';
import type { ClaimMappings, ClaimValidationRule, JwtConfiguration, PrefixedClaim, UserValidationRule } from './authenticationConfiguration.ts';
import type { ClaimExpression, ClaimLanguage } from './claimLanguage.ts';

/** Claims from which no user can be made; the message is for reviews and the log. */
export class ClaimError extends Error {}

/** What becomes of the claims of one issuer's tokens: rules are checked, and the user is made. Throws a ClaimError. */
export type ClaimMapping = (claims: JwtClaims) => UserInfo;

/** Compiles a configuration that has been found valid (`oidc.AuthenticateToken`). */
export function claimMapping({ claimMappings, claimValidationRules = [], userValidationRules = [] }: JwtConfiguration, language: ClaimLanguage): ClaimMapping {
  const compile = (text: string, variable: 'claims' | 'user', boolean: boolean): ClaimExpression => {
    const made = language.compile(text, variable, boolean);
    if ('fault' in made) throw new ClaimError(made.fault);
    return made.expression;
  };
  const user = userMapping(claimMappings, (text) => compile(text, 'claims', false));
  const claimRules = claimValidationRules.map((rule) => claimRule(rule, (text) => compile(text, 'claims', true)));
  const userRules = userValidationRules.map((rule) => userRule(rule, (text) => compile(text, 'user', true)));
  return (claims) => {
    const made = user(claims);
    for (const check of claimRules) check(claims);
    for (const check of userRules) check(made);
    return made;
  };
}

type Compile = (text: string) => ClaimExpression;

function userMapping({ username, groups = {}, uid = {}, extra = [] }: ClaimMappings, compile: Compile): ClaimMapping {
  const nameOf = textMapping(username, 'username', compile);
  const groupsOf = groupMapping(groups, compile);
  const uidOf = uid.claim || uid.expression ? textMapping(uid, 'uid', compile) : () => '';
  const extras = extra.map(({ key = '', valueExpression = '' }) => ({ key, expression: compile(valueExpression) }));
  return (claims) => {
    if (username.claim === 'email') mustBeVerified(claims);
    const name = nameOf(claims);
    const id = uidOf(claims);
    const found = extras.map(({ key, expression }) => [key, stringList(valueOf(expression, claims, `extra claim expression: ${expression.text}`), 'extra claim expression')] as const).filter(([, values]) => values.length > 0);
    return { name, groups: groupsOf(claims), ...(id === '' ? {} : { uid: id }), ...(found.length === 0 ? {} : { extra: Object.fromEntries(found) }) };
  };
}

function textMapping({ claim = '', prefix = '', expression = '' }: PrefixedClaim, title: 'username' | 'uid', compile: Compile): (claims: JwtClaims) => string {
  if (expression === '') {
    const what = title === 'username' ? 'username claims' : 'uid claim';
    return (claims) => `${prefix}${textClaim(claims, claim, `parse ${what} ${JSON.stringify(claim)}`)}`;
  }
  const compiled = compile(expression);
  return (claims) => {
    const value = valueOf(compiled, claims, `${title} claim expression`);
    if (typeof value !== 'string') throw new ClaimError(`oidc: error evaluating ${title} claim expression: ${title} claim expression must return a string`);
    return value;
  };
}

function groupMapping({ claim = '', prefix = '', expression = '' }: PrefixedClaim, compile: Compile): (claims: JwtClaims) => readonly string[] {
  if (claim !== '') {
    return (claims) => {
      if (!Object.hasOwn(claims, claim)) return [];
      const list = [claims[claim]].flat();
      if (!list.every((each): each is string => typeof each === 'string')) throw new ClaimError(`oidc: parse groups claim ${JSON.stringify(claim)}: it is neither a string nor a list of strings`);
      return list.map((group) => `${prefix}${group}`);
    };
  }
  if (expression === '') return () => [];
  const compiled = compile(expression);
  return (claims) => stringList(valueOf(compiled, claims, 'group claim expression'), 'group claim expression');
}

function claimRule({ claim = '', requiredValue = '', expression = '', message = '' }: ClaimValidationRule, compile: Compile): (claims: JwtClaims) => void {
  if (expression !== '') return conditionRule(compile(expression), message, 'claim validation expression');
  return (claims) => {
    if (!Object.hasOwn(claims, claim)) throw new ClaimError(`oidc: required claim ${claim} not present in ID token`);
    const value = textClaim(claims, claim, `parse claim ${claim}`);
    if (value !== requiredValue) throw new ClaimError(`oidc: required claim ${claim} value does not match. Got = ${value}, want = ${requiredValue}`);
  };
}

function userRule({ expression = '', message = '' }: UserValidationRule, compile: Compile): (user: UserInfo) => void {
  const check = conditionRule(compile(expression), message, 'user info validation rule');
  return ({ name, uid = '', groups, extra = {} }) => check({ username: name, uid, groups, extra });
}

function conditionRule(expression: ClaimExpression, message: string, title: string): (about: Readonly<Record<string, unknown>>) => void {
  return (about) => {
    const value = valueOf(expression, about, title);
    if (typeof value !== 'boolean') throw new ClaimError(`oidc: error evaluating ${title}: validation expression must return a boolean`);
    if (!value) throw new ClaimError(`oidc: error evaluating ${title}: validation expression '${expression.text}' failed: ${message}`);
  };
}

function valueOf(expression: ClaimExpression, about: Readonly<Record<string, unknown>>, title: string): unknown {
  const result = expression.evaluate(about);
  if ('error' in result) throw new ClaimError(`oidc: error evaluating ${title}: expression '${expression.text}' resulted in error: ${result.error}`);
  return result.value;
}

function textClaim(claims: JwtClaims, claim: string, what: string): string {
  if (!Object.hasOwn(claims, claim)) throw new ClaimError(`oidc: ${what}: claim not present`);
  const value = claims[claim];
  if (typeof value !== 'string') throw new ClaimError(`oidc: ${what}: json: cannot unmarshal ${typeof value} into Go value of type string`);
  return value;
}

/** An address that its issuer has not verified may be anybody's. */
function mustBeVerified(claims: JwtClaims): void {
  if (!Object.hasOwn(claims, 'email_verified')) return;
  const verified = claims['email_verified'];
  if (typeof verified !== 'boolean') throw new ClaimError("oidc: parse 'email_verified' claim: json: cannot unmarshal into Go value of type bool");
  if (!verified) throw new ClaimError('oidc: email not verified');
}

/** A text, a list of texts or nothing; empty texts count as nothing. */
function stringList(value: unknown, title: string): readonly string[] {
  if (value === null || value === undefined) return [];
  const list = [value].flat();
  if (!list.every((each): each is string => typeof each === 'string')) throw new ClaimError(`oidc: error evaluating ${title}: expression must return a string or a list of strings`);
  return list.filter((each) => each !== '');
}
