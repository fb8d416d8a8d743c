import { generateKeyPairSync } from 'node:crypto';
import type { V1Pod, V1Secret, V1ServiceAccount } from '../../api/generated/types.ts';
import { readClaims } from '../../process/jwt.ts';
import { cleaningStep, isTrackedLongEnough } from './secretTokenCleaner.ts';
import { accountKeyOf, filledSecret, isOfAccount, withoutReference } from './tokenSecret.ts';

const DAY = 86_400_000;
const YEAR = 365 * DAY;
const NOW = Date.parse('2026-06-01T12:00:00Z');
const meta = (name: string) => ({ name, namespace: 'web', uid: `${name}-1`, resourceVersion: '1', creationTimestamp: '2024-01-01T00:00:00Z' });
const account = (change: Partial<V1ServiceAccount> = {}): V1ServiceAccount => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta('bot'), ...change });
const secret = (metadata: Partial<V1Secret['metadata']> = {}, data: Record<string, string> = {}): V1Secret => ({
  apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/service-account-token', metadata: { ...meta('s'), annotations: { 'kubernetes.io/service-account.name': 'bot' }, ...metadata }, data,
});

describe('a Secret for a token', () => {
  const material = { key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, clusterCA: 'CA' };

  test('is filled with all that it lacks, and then left alone', () => {
    const filled = filledSecret(secret(), account(), material)!;
    expect(filled.data).toMatchObject({ 'ca.crt': 'Q0E=', namespace: 'd2Vi' });
    expect(filled.metadata.annotations).toEqual({ 'kubernetes.io/service-account.name': 'bot', 'kubernetes.io/service-account.uid': 'bot-1' });
    expect(readClaims(Buffer.from(filled.data!['token']!, 'base64').toString())).toEqual({
      iss: 'kubernetes/serviceaccount',
      'kubernetes.io/serviceaccount/namespace': 'web',
      'kubernetes.io/serviceaccount/secret.name': 's',
      'kubernetes.io/serviceaccount/service-account.name': 'bot',
      'kubernetes.io/serviceaccount/service-account.uid': 'bot-1',
      sub: 'system:serviceaccount:web:bot',
    });
    expect(filledSecret(filled, account(), material)).toBeUndefined();
    const renewed = filledSecret(filled, account(), { ...material, clusterCA: 'new' })!;
    expect(renewed.data).toEqual({ ...filled.data, 'ca.crt': 'bmV3' });
  });

  test('belongs to the account that it names', () => {
    expect(accountKeyOf(secret())).toBe('web/bot');
    expect(accountKeyOf(secret({ annotations: {} }))).toBeUndefined();
    expect(isOfAccount(secret(), account())).toBe(true);
    expect(isOfAccount(secret({ annotations: { 'kubernetes.io/service-account.name': 'bot', 'kubernetes.io/service-account.uid': 'bot-0' } }), account())).toBe(false);
    expect(isOfAccount(secret(), undefined)).toBe(false);
  });

  test('is forgotten by its account when it is gone', () => {
    expect(withoutReference(account({ secrets: [{ name: 's' }, { name: 't' }] }), 's')?.secrets).toEqual([{ name: 't' }]);
    expect(withoutReference(account(), 's')).toBeUndefined();
  });
});

describe('cleaning', () => {
  const naming = account({ secrets: [{ name: 's' }] });
  const pod: V1Pod = { apiVersion: 'v1', kind: 'Pod', metadata: meta('p'), spec: { containers: [], volumes: [{ name: 'v', secret: { secretName: 's' } }] } };
  const labelled = (labels: Record<string, string>): V1Secret => secret({ labels });
  const used = (day: string): V1Secret => labelled({ 'kubernetes.io/legacy-token-last-used': day });
  const invalid = (day: string): V1Secret => labelled({ 'kubernetes.io/legacy-token-invalid-since': day });

  test.each<[string, V1Secret, V1ServiceAccount | undefined, V1Pod[], string]>([
    ['never used', secret(), naming, [], 'mark'],
    ['used long ago', used('2025-05-31'), naming, [], 'mark'],
    ['used within the year', used('2025-06-02'), naming, [], 'keep'],
    ['with a mark that cannot be read', used('yesterday'), naming, [], 'keep'],
    ['young', secret({ creationTimestamp: '2026-01-01T00:00:00Z' }), naming, [], 'keep'],
    ['made by hand', secret(), account(), [], 'keep'],
    ['of nobody', secret(), undefined, [], 'keep'],
    ['mounted by a pod', secret(), naming, [pod], 'keep'],
    ['marked lately', invalid('2026-01-01'), naming, [], 'keep'],
    ['marked long ago', invalid('2025-01-01'), naming, [], 'delete'],
    ['going already', secret({ deletionTimestamp: '2026-06-01T00:00:00Z' }), naming, [], 'keep'],
  ])('a token %s', (_, token, owner, pods, step) => {
    expect(cleaningStep(token, owner, pods, YEAR, NOW)).toBe(step);
  });

  test('begins when uses have been noted down for the whole period', () => {
    expect(isTrackedLongEnough('2025-05-31', YEAR, NOW)).toBe(true);
    expect(isTrackedLongEnough('2025-06-01', YEAR, NOW)).toBe(false);
    expect(isTrackedLongEnough('', YEAR, NOW)).toBe(false);
  });
});
