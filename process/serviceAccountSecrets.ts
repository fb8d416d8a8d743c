/** Of tokens that Secrets of type `kubernetes.io/service-account-token` hold: what the API server and the control loops agree on. */
export const SECRET_TOKEN_ISSUER = 'kubernetes/serviceaccount';
export const SECRET_TOKEN_TYPE = 'kubernetes.io/service-account-token';

/** The day (2026-11-21) on which such a token was last used. */
export const LAST_USED_LABEL = 'kubernetes.io/legacy-token-last-used';
/** The day since which it is refused, because nobody had used it for long. */
export const INVALID_SINCE_LABEL = 'kubernetes.io/legacy-token-invalid-since';

/** The ConfigMap in kube-system that says since when uses are noted down. */
export const TRACKING_CONFIG_MAP = 'kube-apiserver-legacy-service-account-token-tracking';
export const TRACKING_SINCE_KEY = 'since';
