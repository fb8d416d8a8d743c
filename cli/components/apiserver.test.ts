import { silentLogger } from '../../process/log.ts';
import { systemClock } from '../../process/clock.ts';
import { parseFlags } from '../../process/flags.ts';
import { clusterSettings } from '../clusterSettings.ts';
import { apiserver } from './apiserver.ts';

/** What the component says of a line of flags; it starts nothing, for it has no certificates. */
async function refusal(...words: string[]): Promise<string> {
  const stop = new AbortController();
  try {
    const { values } = parseFlags(apiserver.flags, ['--root=/nonexistent', ...words]);
    const settings = clusterSettings(values, { hostname: 'host', addresses: ['192.0.2.1'] });
    await apiserver.start(values, settings, { clock: systemClock, logger: silentLogger, signal: stop.signal });
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    stop.abort();
  }
}

test.each([
  ['--tls-min-version=TLS1.2', 'unknown tls version "TLS1.2"'],
  ["--tls-cipher-suites=NOPE", "Cipher suite NOPE not supported or doesn't exist"],
  ['--tls-cipher-suites=TLS_RSA_WITH_RC4_128_SHA', 'Cipher suite TLS_RSA_WITH_RC4_128_SHA cannot be offered: OpenSSL has left it off as broken'],
  ['--tls-cipher-suites=TLS_AES_128_GCM_SHA256', 'error configuring http2: http2: TLSConfig.CipherSuites is missing an HTTP/2-required AES_128_GCM_SHA256 cipher (need at least one of TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 or TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256)'],
  ['--tls-sni-cert-key=a,b:192.0.2.1', '--tls-sni-cert-key: certificates are chosen by names, and 192.0.2.1 is an address'],
  ['--emulated-version=1.35', '--emulated-version: Gantry behaves as Kubernetes 1.36 and cannot emulate 1.35'],
  ['--feature-gates=OpenAPIEnums=false', 'cannot set feature gate OpenAPIEnums to false, Gantry has it on and cannot switch it'],
  ['--runtime-config=resource.k8s.io/v1beta1', 'runtime-config resource.k8s.io/v1beta1: Gantry has no resource.k8s.io/v1beta1; it serves the stable versions only'],
  ['--etcd-prefix=/kubernetes.io', '--etcd-prefix: Gantry keeps its objects below /registry, not /kubernetes.io'],
  ['--etcd-servers-overrides=/events#http://127.0.0.1:9', '--etcd-servers-overrides: Gantry keeps all objects in the etcd of --etcd-servers'],
  ['--watch-cache-sizes=pods#-1', 'watch cache size cannot be negative: pods#-1'],
  ['--watch-cache-sizes=pods', 'invalid value of watch cache size: pods'],
  ['--watch-cache-sizes=pods#x', 'invalid size of watch cache size: pods#x'],
  ['--logging-format=xml', 'format: Invalid value: "xml": Unsupported log format'],
  ['--disabled-metrics=a-b', 'metrics.disabledMetrics: Invalid value: ["a-b"]: must be fully qualified metric names matching "^[a-zA-Z_:][a-zA-Z0-9_:]*$", got "a-b"'],
  ['--show-hidden-metrics-for-version=1.34', "metrics.showHiddenMetricsForVersion: Invalid value: \"1.34\": must be omitted or have the value '1.35'; only the previous minor version is allowed"],
  ['--allow-privileged=false', '--allow-privileged=false: Gantry always allows privileged pods; forbid them by Pod Security (docs/admission.md)'],
])('%s: %s', async (word, message) => {
  expect(await refusal(word)).toBe(message);
});

test('several faults are told together', async () => {
  expect(await refusal('--storage-backend=x', '--goaway-chance=0.5', '--runtime-config=foo')).toBe(
    "[--goaway-chance can not be less than 0 or greater than 0.02, --storage-backend invalid, allowed values: etcd3. If not specified, it will default to 'etcd3', runtime-config invalid key foo]",
  );
});

test('the flags of a kubeadm manifest are all known, and go', async () => {
  const pki = '/nonexistent/etc/kubernetes/pki';
  const manifest = [
    '--advertise-address=192.0.2.1', '--allow-privileged=true', '--authorization-mode=Node,RBAC', `--client-ca-file=${pki}/ca.crt`, '--enable-admission-plugins=NodeRestriction', '--enable-bootstrap-token-auth=true',
    `--etcd-cafile=${pki}/etcd/ca.crt`, `--etcd-certfile=${pki}/apiserver-etcd-client.crt`, `--etcd-keyfile=${pki}/apiserver-etcd-client.key`, '--etcd-servers=https://127.0.0.1:2379',
    `--kubelet-client-certificate=${pki}/apiserver-kubelet-client.crt`, `--kubelet-client-key=${pki}/apiserver-kubelet-client.key`, '--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname',
    `--proxy-client-cert-file=${pki}/front-proxy-client.crt`, `--proxy-client-key-file=${pki}/front-proxy-client.key`, '--requestheader-allowed-names=front-proxy-client', `--requestheader-client-ca-file=${pki}/front-proxy-ca.crt`,
    '--requestheader-extra-headers-prefix=X-Remote-Extra-', '--requestheader-group-headers=X-Remote-Group', '--requestheader-username-headers=X-Remote-User', '--secure-port=6443',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local', `--service-account-key-file=${pki}/sa.pub`, `--service-account-signing-key-file=${pki}/sa.key`, '--service-cluster-ip-range=10.96.0.0/12',
    `--tls-cert-file=${pki}/apiserver.crt`, `--tls-private-key-file=${pki}/apiserver.key`,
  ];
  expect(await refusal(...manifest)).toMatch(/ENOENT: .*apiserver\.crt/);
});
