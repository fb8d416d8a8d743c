import { readFileSync } from 'node:fs';
import type { AuthenticationSettings } from '../../apiserver/authentication/authenticationSettings.ts';
import type { OidcSettings } from '../../apiserver/authentication/openId/oidcSettings.ts';
import type { FeatureGates } from '../../apiserver/features/featureGates.ts';
import { goUrlFault } from '../../api/values/goUrl.ts';
import { arrayFlag, booleanFlag, durationFlag, FlagError, type FlagValues, listFlag, mapFlag, stringFlag } from '../../process/flags.ts';

/** How the API server knows its clients; Kubernetes' own names. */
export const authenticationFlags = {
  'service-account-key-file': arrayFlag('further file of keys, private or public, by which tokens of ServiceAccounts are known; may be given several times'),
  'service-account-issuer': arrayFlag('who the tokens say that they are from; given several times, the first issues and those of the others stay good; unless given, the Service kubernetes in the cluster domain'),
  'service-account-lookup': booleanFlag(true, 'whether a token of a Secret counts only while the Secret and the ServiceAccount are there'),
  'service-account-jwks-uri': stringFlag('', 'where others find the keys of the tokens; unless given, this server'),
  'service-account-max-token-expiration': durationFlag(0, 'how long a token lives at most; 0: as long as was asked for'),
  'service-account-extend-token-expiration': booleanFlag(true, 'whether tokens in pods live for a year, and only their users are to take a new one every hour'),
  'api-audiences': listFlag([], 'for whom tokens must be that are shown to the API server; unless given, the first issuer'),
  'token-auth-file': stringFlag('', 'file of lines token,user,uid,"group1,group2"; who shows such a token is that user'),
  'enable-bootstrap-token-auth': booleanFlag(true, 'whether the tokens with which nodes join are known'),
  'anonymous-auth': booleanFlag(true, 'whether requests without credentials are served, as system:anonymous'),
  'authentication-config': stringFlag('', 'an AuthenticationConfiguration: issuers of tokens, and anonymous requests; read again when it changes'),
  'oidc-issuer-url': stringFlag('', 'the issuer of OpenID Connect tokens, an https URL'),
  'oidc-client-id': stringFlag('', 'for whom these tokens must be'),
  'oidc-ca-file': stringFlag('', "authority of the issuer's certificate; unless given, the machine's"),
  'oidc-username-claim': stringFlag('sub', "which claim is the user's name"),
  'oidc-username-prefix': stringFlag('', "what is put before it; unless given, the issuer's URL and #, but not before an e-mail address; '-': nothing"),
  'oidc-groups-claim': stringFlag('', "which claim has the user's groups"),
  'oidc-groups-prefix': stringFlag('', 'what is put before each of them'),
  'oidc-signing-algs': listFlag(['RS256'], 'by which algorithms a token may be signed'),
  'oidc-required-claim': mapFlag('a claim and the value that it must have; may be given several times'),
  'authentication-token-webhook-config-file': stringFlag('', 'kubeconfig of a server that is asked whose a token is'),
  'authentication-token-webhook-version': stringFlag('v1beta1', 'version of the TokenReview that it is sent'),
  'authentication-token-webhook-cache-ttl': durationFlag(120_000, 'how long its answers are remembered'),
  'requestheader-allowed-names': listFlag(['front-proxy-client'], "common names of authenticating proxies; none: any that their authority has certified"),
  'requestheader-username-headers': listFlag(['X-Remote-User'], "headers in which a proxy tells the user's name"),
  'requestheader-uid-headers': listFlag(['X-Remote-Uid'], 'headers for the uid'),
  'requestheader-group-headers': listFlag(['X-Remote-Group'], 'headers for the groups'),
  'requestheader-extra-headers-prefix': listFlag(['X-Remote-Extra-'], 'how the headers begin that tell more of the user'),
} as const;

type Values = FlagValues<typeof authenticationFlags>;

const HOUR = 3_600_000;
const MAXIMUM_SECONDS = 2 ** 32;

/** Reads what the flags name. Throws a FlagError for values that do not go together. */
export function authenticationSettings(values: Values, clusterIssuer: string, features: FeatureGates): AuthenticationSettings {
  const read = (file: string): string => readFileSync(file, 'utf8');
  const maximum = values['service-account-max-token-expiration'];
  if (maximum !== 0 && (maximum < HOUR || maximum > MAXIMUM_SECONDS * 1000)) throw new FlagError('the service-account-max-token-expiration must be between 1 hour and 2^32 seconds');
  const fault = issuerFault(values['service-account-issuer']);
  if (fault !== undefined) throw new FlagError(fault);
  const keysUri = values['service-account-jwks-uri'];
  const uriFault = goUrlFault(keysUri);
  if (uriFault !== undefined) throw new FlagError(`service-account-jwks-uri must be a valid URL: ${uriFault}`);
  if (keysUri !== '' && !keysUri.startsWith('https://')) throw new FlagError(`service-account-jwks-uri requires https scheme, parsed as: ${keysUri}`);
  const webhook = values['authentication-token-webhook-config-file'];
  const oidc = oidcSettings(values, read);
  return {
    serviceAccountKeys: values['service-account-key-file'].map(read),
    serviceAccountIssuer: values['service-account-issuer'].length > 0 ? values['service-account-issuer'] : [clusterIssuer],
    apiAudiences: values['api-audiences'],
    serviceAccountLookup: values['service-account-lookup'],
    serviceAccountExtend: values['service-account-extend-token-expiration'],
    ...(maximum === 0 ? {} : { serviceAccountMaximumSeconds: maximum / 1000 }),
    ...(keysUri === '' ? {} : { serviceAccountKeysUri: keysUri }),
    ...(values['token-auth-file'] === '' ? {} : { tokenAuthFile: read(values['token-auth-file']) }),
    bootstrapTokens: values['enable-bootstrap-token-auth'],
    ...(values['anonymous-auth'] ? {} : { anonymousAuth: false }),
    ...(values['authentication-config'] === '' ? {} : { authenticationConfigFile: values['authentication-config'] }),
    ...(oidc ? { oidc } : {}),
    ...(webhook === '' ? {} : { tokenWebhook: { configFile: webhook, version: values['authentication-token-webhook-version'], cacheTTL: values['authentication-token-webhook-cache-ttl'] } }),
    requestHeader: {
      allowedNames: values['requestheader-allowed-names'],
      usernameHeaders: values['requestheader-username-headers'],
      uidHeaders: features.enabled('RemoteRequestHeaderUID') ? values['requestheader-uid-headers'] : [],
      groupHeaders: values['requestheader-group-headers'],
      extraHeaderPrefixes: values['requestheader-extra-headers-prefix'],
    },
  };
}

function issuerFault(issuers: readonly string[]): string | undefined {
  for (const [index, issuer] of issuers.entries()) {
    const fault = goUrlFault(issuer);
    if (fault !== undefined) return `service-account-issuer ${JSON.stringify(issuer)} contained a ':' but was not a valid URL: ${fault}`;
    if (issuer === '') return 'service-account-issuer should not be an empty string';
    if (issuers.indexOf(issuer) < index) return `service-account-issuer ${JSON.stringify(issuer)} is already specified`;
  }
  return undefined;
}

/** Whether any of the flags `--oidc-*` says something. */
function isOidcAsked(values: Values): boolean {
  const texts = ['oidc-issuer-url', 'oidc-client-id', 'oidc-ca-file', 'oidc-username-prefix', 'oidc-groups-claim', 'oidc-groups-prefix'] as const;
  return texts.some((name) => values[name] !== '') || values['oidc-username-claim'] !== 'sub' || values['oidc-signing-algs'].join() !== 'RS256' || Object.keys(values['oidc-required-claim']).length > 0;
}

function oidcSettings(values: Values, read: (file: string) => string): OidcSettings | undefined {
  const { 'oidc-issuer-url': issuerUrl, 'oidc-client-id': clientId, 'oidc-ca-file': authority } = values;
  if (isOidcAsked(values) && (issuerUrl === '' || clientId === '')) throw new FlagError('oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set');
  if (issuerUrl === '') return undefined;
  return {
    issuerUrl,
    clientId,
    ...(authority === '' ? {} : { certificateAuthority: read(authority) }),
    usernameClaim: values['oidc-username-claim'],
    usernamePrefix: values['oidc-username-prefix'],
    groupsClaim: values['oidc-groups-claim'],
    groupsPrefix: values['oidc-groups-prefix'],
    signingAlgorithms: values['oidc-signing-algs'],
    requiredClaims: values['oidc-required-claim'],
  };
}
