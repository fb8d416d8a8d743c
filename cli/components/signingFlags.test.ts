import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFlags } from '../../process/flags.ts';
import { signingFlags, signingSettings } from './signingFlags.ts';

describe('authorities of signers', () => {
  let folder: string;
  const at = (name: string): string => join(folder, name);
  const settings = (...words: string[]): ReturnType<typeof signingSettings> => signingSettings(parseFlags(signingFlags, words).values, folder);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'signing-'));
    for (const name of ['ca.crt', 'own.crt', 'own.key']) writeFileSync(at(name), name);
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  test('the cluster\'s own signs everything where its key is', () => {
    expect(settings()).toEqual({});
    writeFileSync(at('ca.key'), 'ca.key');
    expect(settings().signing?.authority('kubernetes.io/kubelet-serving')).toEqual({ certificate: 'ca.crt', key: 'ca.key' });
    expect(settings(`--cluster-signing-cert-file=${at('own.crt')}`, `--cluster-signing-key-file=${at('own.key')}`).signing?.authority('kubernetes.io/legacy-unknown')).toEqual({ certificate: 'own.crt', key: 'own.key' });
  });

  test('a signer may have its own; those without are left to others', () => {
    const { signing } = settings(`--cluster-signing-kubelet-client-cert-file=${at('own.crt')}`, `--cluster-signing-kubelet-client-key-file=${at('own.key')}`);
    expect(signing?.authority('kubernetes.io/kube-apiserver-client-kubelet')).toEqual({ certificate: 'own.crt', key: 'own.key' });
    expect([signing?.authority('kubernetes.io/kubelet-serving'), signing?.authority('example.com/other')]).toEqual([undefined, undefined]);
  });

  test('what does not go together is refused', () => {
    expect(() => settings('--cluster-signing-cert-file=a', '--cluster-signing-kubelet-client-cert-file=b')).toThrow('cannot specify --cluster-signing-{cert,key}-file and other --cluster-signing-*-file flags at the same time');
    expect(() => settings('--cluster-signing-legacy-unknown-cert-file=a')).toThrow('"cluster-signing-legacy-unknown": cannot specify cert without key');
  });
});
