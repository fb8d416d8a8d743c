import type { StorageConfig } from '../../apiserver/storage/openStorage.ts';

/**
 * How long an API server under test waits for etcd: nearly as long as a request may take. On a busy machine either of them may stand still for seconds, and
 * with the usual limits a request would end with a 503 that says nothing about what is tested.
 */
export const PATIENT = { requestTimeoutMilliseconds: 50_000, consistentMilliseconds: 50_000, readyCheckMilliseconds: 50_000, healthCheckMilliseconds: 50_000 } satisfies Partial<StorageConfig>;

/** The same where a test takes etcd away and wants to see how that ends. */
export const IMPATIENT = { requestTimeoutMilliseconds: 2_000, consistentMilliseconds: 5_000, readyCheckMilliseconds: 2_000, healthCheckMilliseconds: 2_000 } satisfies Partial<StorageConfig>;
