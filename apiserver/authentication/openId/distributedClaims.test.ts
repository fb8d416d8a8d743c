import type { JwtClaims } from '../../../process/jwt.ts';
import { claimSource } from './distributedClaims.ts';
import type { ClaimSource } from './idToken.ts';

const source = (claims: JwtClaims): ClaimSource | string | undefined => {
  try {
    return claimSource(claims, 'groups');
  } catch (error) {
    return (error as Error).message;
  }
};

const _claim_names = { groups: 'src1' };
const WHOLE = 'oidc: failed to unmarshal claims: json: cannot unmarshal ';

test.each<[string, JwtClaims, ClaimSource | string | undefined]>([
  ['the claim is there', { groups: ['a'], _claim_names, _claim_sources: { src1: { endpoint: 'https://x' } } }, undefined],
  ['nothing is said', {}, undefined],
  ['another claim is elsewhere', { _claim_names: { other: 'src1' }, _claim_sources: { src1: { endpoint: 'https://x' } } }, undefined],
  ['it is elsewhere', { _claim_names, _claim_sources: { src1: { endpoint: 'https://x', expires: 5 } } }, { url: 'https://x', accessToken: '' }],
  ['a token is needed', { _claim_names, _claim_sources: { src1: { endpoint: 'https://x', access_token: 't' } } }, { url: 'https://x', accessToken: 't' }],
  ['it is aggregated', { _claim_names, _claim_sources: { src1: { JWT: 'a.b.c' } } }, undefined],
  ['names of another form', { _claim_names: ['groups'] }, `${WHOLE}array into Go struct field idToken._claim_names of type map[string]string`],
  ['a name that is none', { _claim_names: { other: 7 } }, `${WHOLE}number into Go struct field idToken._claim_names of type string`],
  ['an empty name', { _claim_names: { other: '' } }, 'oidc: failed to obtain source from claim name'],
  ['no sources', { _claim_names }, 'oidc: source does not exist'],
  ['sources of another form', { _claim_names, _claim_sources: { src1: { endpoint: 7 } } }, `${WHOLE}number into Go struct field idToken._claim_sources.endpoint of type string`],
  ['no such source', { _claim_names, _claim_sources: { toString: { endpoint: 'https://x' } } }, 'oidc: source does not exist'],
  ['a source that every object has', { _claim_names: { groups: 'toString' }, _claim_sources: {} }, 'oidc: source does not exist'],
])('%s', (_, claims, expected) => expect(source(claims)).toEqual(expected));
