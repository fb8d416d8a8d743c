import type { ApiResponse, PathHandler } from '../../types.ts';
import { jsonWebKeySet, type VerificationKey } from '../../../process/jwt.ts';

const KEYS_PATH = '/openid/v1/jwks';

/**
 * What lets others verify ServiceAccount tokens (OpenID Connect discovery). The keys are fetched at `keysUri`; unless given, from
 * `server`, e.g. `https://10.0.0.1:6443`.
 */
export function openIdHandlers(issuer: string, server: string, keys: readonly VerificationKey[], keysUri = `${server}${KEYS_PATH}`): PathHandler[] {
  const configuration = {
    issuer,
    jwks_uri: keysUri,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [...new Set(keys.map(({ algorithm }) => algorithm))].toSorted((a, b) => (String(a) < String(b) ? -1 : 1)),
  };
  return [document('/.well-known/openid-configuration', 'application/json', configuration), document(KEYS_PATH, 'application/jwk-set+json', jsonWebKeySet(keys))];
}

function document(path: string, contentType: string, value: unknown): PathHandler {
  const body = Buffer.from(JSON.stringify(value));
  const answer: ApiResponse = { status: 200, headers: { 'content-type': contentType, 'cache-control': 'public, max-age=3600' }, body };
  return { path, handle: async () => answer };
}
