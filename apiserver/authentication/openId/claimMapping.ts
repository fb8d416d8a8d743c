import { jsonKind } from '../../../api/values/goPrint.ts';
import type { JwtClaims } from '../../../process/jwt.ts';
import type { UserInfo } from '../../types.ts';
import { CREDENTIAL_ID } from '../clientCertificate.ts';
import type { ClaimMappings, ClaimValidationRule, JwtConfiguration, PrefixedClaim, UserValidationRule } from './authenticationConfiguration.ts';
import type { ClaimExpression, ClaimLanguage } from './claimLanguage.ts';

/** Claims from which no user can be made; the message is for reviews and the log. */
export class ClaimError extends Error {}

/** What becomes of the claims of one issuer's tokens: rules are checked, and the user is made. Yields when others are to have their turn; throws a ClaimError. */
export type ClaimMapping = (claims: JwtClaims) => Generator<void, UserInfo>;

/** Something that is found of claims, or of the user, in turns. */
type Found<T, About = JwtClaims> = (about: About) => Generator<void, T>;

/** Compiles a configuration that has been found valid (`oidc.AuthenticateToken`). */
export function claimMapping({ claimMappings, claimValidationRules = [], userValidationRules = [] }: JwtConfiguration, language: ClaimLanguage): ClaimMapping {
  const compile = (text: string, variable: 'claims' | 'user', boolean: boolean): ClaimExpression => {
    const made = language.compile(text, variable, boolean);
    if ('fault' in made) throw new ClaimError(made.fault);
    return made.expression;
  };
  const user = userMapping(claimMappings, (text) => compile(text, 'claims', false));
  const required = claimValidationRules.filter(({ expression }) => !expression).map(requiredClaim);
  const claimRules = conditions(claimValidationRules, (text) => compile(text, 'claims', true), 'claim validation expression');
  const userRules = conditions(userValidationRules, (text) => compile(text, 'user', true), 'user info validation rule');
  return function* (claims) {
    const made = yield* user(claims);
    for (const check of required) check(claims);
    yield* claimRules(claims);
    const { name: username, uid = '', groups, extra = {} } = made;
    yield* userRules({ username, uid, groups, extra });
    return made;
  };
}

type Compile = (text: string) => ClaimExpression;

function userMapping({ username, groups = {}, uid = {}, extra = [] }: ClaimMappings, compile: Compile): ClaimMapping {
  const nameOf = textMapping(username, 'username', compile);
  const groupsOf = groupMapping(groups, compile);
  const uidOf = uid.claim || uid.expression ? textMapping(uid, 'uid', compile) : plainly(() => '');
  const extras = extra.map(({ key = '', valueExpression = '' }) => ({ key, expression: compile(valueExpression) }));
  return function* (claims) {
    const name = yield* nameOf(claims);
    if (username.claim === 'email') mustBeVerified(claims);
    const list = yield* groupsOf(claims);
    const id = yield* uidOf(claims);
    const found: (readonly [string, readonly string[]])[] = [...credentialOf(claims)];
    const values = yield* inOrder(extras.map(({ expression }) => expression), claims, '');
    for (const [index, { key, expression }] of extras.entries()) {
      const texts = stringList(values[index], `extra claim expression: ${expression.text}`);
      if (texts.length > 0) found.push([key, texts]);
    }
    return { name, groups: list, ...(id === '' ? {} : { uid: id }), ...(found.length === 0 ? {} : { extra: Object.fromEntries(found) }) };
  };
}

/** Which of the user's tokens was shown. */
function credentialOf({ jti }: JwtClaims): readonly (readonly [string, readonly string[]])[] {
  return typeof jti === 'string' && jti !== '' ? [[CREDENTIAL_ID, [`JTI=${jti}`]]] : [];
}

function textMapping({ claim = '', prefix = '', expression = '' }: PrefixedClaim, title: 'username' | 'uid', compile: Compile): Found<string> {
  if (expression === '') {
    const what = title === 'username' ? 'username claims' : 'uid claim';
    return plainly((claims) => `${prefix}${textClaim(claims, claim, `parse ${what} ${JSON.stringify(claim)}`)}`);
  }
  const compiled = compile(expression);
  return function* (claims) {
    const value = yield* valueOf(compiled, claims, `${title} claim expression`);
    if (typeof value !== 'string') throw new ClaimError(`oidc: error evaluating ${title} claim expression: ${title} claim expression must return a string`);
    if (value === '' && title === 'username') throw new ClaimError('oidc: empty username via CEL expression is not allowed');
    return value;
  };
}

function groupMapping({ claim = '', prefix = '', expression = '' }: PrefixedClaim, compile: Compile): Found<readonly string[]> {
  if (claim !== '') {
    return plainly((claims) => {
      if (!Object.hasOwn(claims, claim)) return [];
      const list = [claims[claim] ?? []].flat();
      if (!list.every((each): each is string => typeof each === 'string')) throw new ClaimError(`oidc: parse groups claim ${JSON.stringify(claim)}: ${unfit(claims[claim], 'string')}`);
      return list.map((group) => `${prefix}${group}`);
    });
  }
  if (expression === '') return plainly(() => []);
  const compiled = compile(expression);
  return function* (claims) {
    return stringList(yield* valueOf(compiled, claims, 'group claim expression'), 'group claim expression');
  };
}

function requiredClaim({ claim = '', requiredValue = '' }: ClaimValidationRule): (claims: JwtClaims) => void {
  return (claims) => {
    if (!Object.hasOwn(claims, claim)) throw new ClaimError(`oidc: required claim ${claim} not present in ID token`);
    const value = textClaim(claims, claim, `parse claim ${claim}`);
    if (value !== requiredValue) throw new ClaimError(`oidc: required claim ${claim} value does not match. Got = ${value}, want = ${requiredValue}`);
  };
}

/** All expressions are evaluated before one of them decides. */
function conditions(rules: readonly UserValidationRule[], compile: Compile, title: string): Found<void, Readonly<Record<string, unknown>>> {
  const compiled = rules.flatMap(({ expression = '', message = '' }) => (expression === '' ? [] : [{ expression: compile(expression), message }]));
  return function* (about) {
    const values = yield* inOrder(compiled.map(({ expression }) => expression), about, `oidc: error evaluating ${title}: `);
    for (const [index, { expression, message }] of compiled.entries()) {
      if (typeof values[index] !== 'boolean') throw new ClaimError(`oidc: error evaluating ${title}: validation expression must return a boolean`);
      if (!values[index]) throw new ClaimError(`oidc: error evaluating ${title}: validation expression '${expression.text}' failed: ${message}`);
    }
  };
}

/** What is found at once. */
function plainly<T>(find: (claims: JwtClaims) => T): Found<T> {
  // oxlint-disable-next-line eslint/require-yield
  return function* (claims) {
    return find(claims);
  };
}

function* valueOf(expression: ClaimExpression, about: Readonly<Record<string, unknown>>, title: string): Generator<void, unknown> {
  const [value] = yield* inOrder([expression], about, `oidc: error evaluating ${title}: `);
  return value;
}

function* inOrder(expressions: readonly ClaimExpression[], about: Readonly<Record<string, unknown>>, before: string): Generator<void, readonly unknown[]> {
  const values: unknown[] = [];
  for (const expression of expressions) {
    const result = yield* expression.evaluation(about);
    if ('error' in result) throw new ClaimError(`${before}expression '${expression.text}' resulted in error: ${result.error}`);
    values.push(result.value);
  }
  return values;
}

function textClaim(claims: JwtClaims, claim: string, what: string): string {
  if (!Object.hasOwn(claims, claim)) throw new ClaimError(`oidc: ${what}: claim not present`);
  // Go reads null as an empty text.
  const value = claims[claim] ?? '';
  if (typeof value !== 'string') throw new ClaimError(`oidc: ${what}: ${unfit(value, 'string')}`);
  return value;
}

const unfit = (value: unknown, type: string): string => `json: cannot unmarshal ${jsonKind(value)} into Go value of type ${type}`;

/** An address that its issuer has not verified may be anybody's. */
function mustBeVerified(claims: JwtClaims): void {
  if (!Object.hasOwn(claims, 'email_verified')) return;
  const verified = claims['email_verified'] ?? false;
  if (typeof verified !== 'boolean') throw new ClaimError(`oidc: parse 'email_verified' claim: ${unfit(verified, 'bool')}`);
  if (!verified) throw new ClaimError('oidc: email not verified');
}

/** A text, a list of texts or nothing; empty texts count as nothing. */
function stringList(value: unknown, title: string): readonly string[] {
  if (value === null || value === undefined) return [];
  const list = [value].flat();
  if (!list.every((each): each is string => typeof each === 'string')) throw new ClaimError(`oidc: error evaluating ${title}: expression must return a string or a list of strings`);
  return list.filter((each) => each !== '');
}
