import { isIP } from 'node:net';
import type { SecureVersion } from 'node:tls';
import type { NamedCertificate, TlsSettings } from '../../apiserver/http/tlsSettings.ts';
import { isPair } from '../../process/certificatePair.ts';
import type { ComponentContext } from '../../process/component.ts';
import { type Flag, FlagError, type FlagValues, listFlag, stringFlag } from '../../process/flags.ts';
import { readGoInteger } from '../../process/goNumbers.ts';
import { WatchedFiles } from '../../process/watchedFiles.ts';

interface NamedFiles {
  readonly certificate: string;
  readonly key: string;
  readonly names: readonly string[];
}

const showFiles = ({ certificate, key, names }: NamedFiles): string => `${certificate},${key}${names.length === 0 ? '' : `:${names.join(',')}`}`;

const namedFilesFlag = (usage: string): Flag<readonly NamedFiles[]> => ({
  usage,
  default: [],
  boolean: false,
  show: (value) => `[${value.map(showFiles).join(';')}]`,
  parse(text, before) {
    const [, pair = '', names] = /^([^:]*)(?::(.*))?$/s.exec(text) ?? [];
    if (names?.trim() === '') throw new FlagError('empty names list is not allowed');
    const [certificate = '', key, ...more] = pair.split(',').map((each) => each.trim());
    if (key === undefined || more.length > 0) throw new FlagError('expected comma separated certificate and key file paths');
    return [...before, { certificate, key, names: names?.split(',').map((each) => each.trim()) ?? [] }];
  },
});

const curvesFlag = (usage: string): Flag<readonly number[]> => ({
  usage,
  default: [],
  boolean: false,
  parse(text, before) {
    const added = text.split(',').map((each) => {
      const read = readGoInteger(each, 32);
      if (typeof read === 'string') throw new FlagError(read);
      return read;
    });
    return [...before, ...added];
  },
});

/** How TLS is served; Kubernetes' own names. */
export const tlsFlags = {
  'tls-min-version': stringFlag('', 'lowest version of TLS that is served: VersionTLS10, VersionTLS11, VersionTLS12, VersionTLS13; unless given, VersionTLS12'),
  'tls-cipher-suites': listFlag([], 'ciphers of TLS 1.2 and before, by their names in Go; those of TLS 1.3 are always offered'),
  'tls-curve-preferences': curvesFlag("key exchanges, by their numbers in Go's crypto/tls: 23, 24, 25 (P-256, P-384, P-521), 29 (X25519), 4587, 4588, 4589 (with ML-KEM)"),
  'tls-sni-cert-key': namedFilesFlag('CERTIFICATE,KEY or CERTIFICATE,KEY:NAMES: files of a certificate for those who ask for its names, or for these; may be given several times'),
} as const;

const VERSIONS: Readonly<Record<string, SecureVersion>> = { VersionTLS10: 'TLSv1', VersionTLS11: 'TLSv1.1', VersionTLS12: 'TLSv1.2', VersionTLS13: 'TLSv1.3' };

/** Go's names of what TLS 1.2 and before have, with OpenSSL's; `''`: of TLS 1.3, where all are offered; undefined: OpenSSL has left it off as broken. */
const CIPHERS: Readonly<Record<string, string | undefined>> = {
  TLS_AES_128_GCM_SHA256: '',
  TLS_AES_256_GCM_SHA384: '',
  TLS_CHACHA20_POLY1305_SHA256: '',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256: 'ECDHE-ECDSA-AES128-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256: 'ECDHE-RSA-AES128-SHA256',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_RSA_WITH_AES_128_CBC_SHA: 'AES128-SHA',
  TLS_RSA_WITH_AES_128_CBC_SHA256: 'AES128-SHA256',
  TLS_RSA_WITH_AES_128_GCM_SHA256: 'AES128-GCM-SHA256',
  TLS_RSA_WITH_AES_256_CBC_SHA: 'AES256-SHA',
  TLS_RSA_WITH_AES_256_GCM_SHA384: 'AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_RC4_128_SHA: undefined,
  TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA: undefined,
  TLS_ECDHE_RSA_WITH_RC4_128_SHA: undefined,
  TLS_RSA_WITH_3DES_EDE_CBC_SHA: undefined,
  TLS_RSA_WITH_RC4_128_SHA: undefined,
};

const REQUIRED_FOR_HTTP2 = ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'];

const CURVES: Readonly<Record<number, string>> = { 23: 'prime256v1', 24: 'secp384r1', 25: 'secp521r1', 29: 'X25519', 4587: 'SecP256r1MLKEM768', 4588: 'X25519MLKEM768', 4589: 'SecP384r1MLKEM1024' };

type Values = FlagValues<typeof tlsFlags>;

/** What is to be served, whose certificates are read anew as they change, and how to hear of it. Throws a FlagError in Kubernetes' words. */
export function tlsSettings(values: Values, http2: boolean, context: ComponentContext): { readonly settings: TlsSettings; onChange(changed: () => void): void } {
  const ciphers = ciphersOf(values['tls-cipher-suites']);
  const curves = values['tls-curve-preferences'].map(curveOf);
  const minVersion = versionOf(values['tls-min-version']);
  const files = values['tls-sni-cert-key'].map((each) => namedCertificate(each, context));
  if (http2 && ciphers.length > 0 && minVersion !== 'TLSv1.3' && !REQUIRED_FOR_HTTP2.some((each) => values['tls-cipher-suites'].includes(each))) {
    throw new FlagError(`error configuring http2: http2: TLSConfig.CipherSuites is missing an HTTP/2-required AES_128_GCM_SHA256 cipher (need at least one of ${REQUIRED_FOR_HTTP2.join(' or ')})`);
  }
  return {
    settings: {
      minVersion,
      ...(ciphers.length > 0 ? { ciphers: ciphers.filter((each) => each !== '') } : {}),
      ...(curves.length > 0 ? { curves } : {}),
      named: files.map(({ served }) => served),
    },
    onChange: (changed) => {
      for (const each of files) each.onChange(changed);
    },
  };
}

function versionOf(name: string): SecureVersion {
  if (name === '') return 'TLSv1.2';
  const version = Object.hasOwn(VERSIONS, name) ? VERSIONS[name] : undefined;
  if (!version) throw new FlagError(`unknown tls version ${JSON.stringify(name)}`);
  return version;
}

function ciphersOf(names: readonly string[]): string[] {
  return names.map((name) => {
    if (!Object.hasOwn(CIPHERS, name)) throw new FlagError(`Cipher suite ${name} not supported or doesn't exist`);
    const cipher = CIPHERS[name];
    if (cipher === undefined) throw new FlagError(`Cipher suite ${name} cannot be offered: OpenSSL has left it off as broken`);
    return cipher;
  });
}

function curveOf(id: number): string {
  if (id < 1 || id > 65_535) throw new FlagError(`curve preference ${id} is out of range (must be 1-65535)`);
  const curve = CURVES[id];
  if (curve === undefined) throw new FlagError(`curve preference ${id} is not supported by the current Go version`);
  return curve;
}

function namedCertificate({ certificate, key, names }: NamedFiles, { clock, logger, signal }: ComponentContext): { readonly served: NamedCertificate; onChange(changed: () => void): void } {
  if (certificate === '' || key === '') throw new FlagError('failed to load SNI cert and key: missing filename for serving cert');
  const address = names.find((each) => isIP(each) !== 0);
  // Go looks these up by the connection's own address; Node.js asks for a certificate only where a client has named a host.
  if (address !== undefined) throw new FlagError(`--tls-sni-cert-key: certificates are chosen by names, and ${address} is an address`);
  const files = readFiles(certificate, key, () => new WatchedFiles({ paths: { certificate, key }, accept: (contents) => isPair(contents.certificate, contents.key), clock, logger, signal }));
  if (!isPair(files.current.certificate, files.current.key)) throw new FlagError(`failed to load SNI cert and key: ${certificate} and ${key} do not belong together`);
  return {
    served: {
      names,
      get certificate() {
        return files.current.certificate;
      },
      get key() {
        return files.current.key;
      },
    },
    onChange: (changed) => files.onChange(changed),
  };
}

function readFiles<T>(certificate: string, key: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'ENOENT') throw error;
    const missing = 'path' in error && error.path === key ? key : certificate;
    throw new FlagError(`failed to load SNI cert and key: open ${missing}: no such file or directory`);
  }
}
