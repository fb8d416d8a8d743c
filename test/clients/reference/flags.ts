import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { KNOWN_FEATURES } from '../../../apiserver/features/knownFeatures.ts';
import { clusterSettings } from '../../../cli/clusterSettings.ts';
import { apiserver } from '../../../cli/components/apiserver.ts';
import { freePorts } from '../../../host/freePorts.ts';
import { systemClock } from '../../../process/clock.ts';
import { parseFlags } from '../../../process/flags.ts';
import { silentLogger } from '../../../process/log.ts';
import type { Comparison } from '../oracle/comparison.ts';
import type { Pair } from './referenceServer.ts';

/** Lines that neither server starts with. */
const REFUSED: readonly string[] = [
  '--nope', '-x', '--=1', '--no_such=1', '--max-requests-inflight=abc', '--max-requests-inflight=1.5', '--max-requests-inflight=09', '--max-requests-inflight=9223372036854775808', '--max-requests-inflight',
  '--max_requests_inflight=abc', '--profiling=maybe', '--profiling=', '--request-timeout=10', '--request-timeout=1d', '--request-timeout=.s', '--request-timeout=', '--request-timeout=-5s', '--goaway-chance=abc',
  '--goaway-chance=0.5', '--bind-address=abc', '--advertise-address=1.2.3', '--secure-port=70000', '--max-requests-inflight=-1', '--max-mutating-requests-inflight=-1', '--min-request-timeout=-1',
  '--shutdown-delay-duration=-1s', '--shutdown-watch-termination-grace-period=-1s', '--livez-grace-period=-1s', '--permit-port-sharing=x', '--http2-max-streams-per-connection=abc',
  '--feature-gates=Nope=true', '--feature-gates=Nope', '--feature-gates=AllAlpha=maybe', '--feature-gates=AllAlpha', '--feature-gates=kube:CRDValidationRatcheting=false', '--feature-gates=SeparateCacheWatchRPC=true',
  '--feature-gates=wardle:X=true', '--feature-gates==true', '--feature-gates=WatchList=true, Nope = true',
  '--runtime-config=foo', '--runtime-config=v1=true', '--runtime-config=a/b/c/d', '--runtime-config=foo/bar/baz=true', '--runtime-config=nope.k8s.io/v1=true', '--runtime-config=b/v1,a/v1=false,b/v1/c', '--runtime-config=api/all=false',
  '--runtime-config=api/legacy=true', '--tls-min-version=VersionTLS14', '--tls-min-version=TLS1.2', '--tls-cipher-suites=NOPE', '--tls-cipher-suites=NOPE,NOPE2', '--tls-curve-preferences=abc', '--tls-curve-preferences=2147483648',
  '--tls-curve-preferences=999999', '--tls-curve-preferences=-1', '--tls-curve-preferences=23,1', '--tls-sni-cert-key=abc', '--tls-sni-cert-key=a,b,c', '--tls-sni-cert-key=a,b:c', '--tls-sni-cert-key=,b:c', '--tls-sni-cert-key=a,:c',
  '--tls-sni-cert-key=a,b:', '--tls-sni-cert-key=', '--storage-media-type=text/plain', '--storage-backend=etcd2', '--etcd-servers-overrides=foo', '--etcd-servers-overrides=/pods#',
  '--etcd-servers-overrides=/pods#http://a;http://b,x#y', '--etcd-compaction-interval=abc', '--lease-reuse-duration-seconds=abc', '--delete-collection-workers=abc', '--emulated-version=1.40', '--emulated-version=1.30', '--emulated-version=abc',
  '--emulated-version=1.35.1', '--emulated-version=kube=1.35,kube=1.36', '--emulated-version=wardle=1.2', '--emulation-forward-compatible', '--runtime-config-emulation-forward-compatible', '--min-compatibility-version=1.40',
  '--min-compatibility-version=1.20', '--v=abc', '-v=abc', '-vabc', '-v', '--vmodule=abc', '--vmodule=a=b', '--log-flush-frequency=abc', '--tracing-config-file=/nope', '--encryption-provider-config-automatic-reload',
  '--enable-admission-plugins=Nope', '--disable-admission-plugins=Nope', '--cors-allowed-origins=abc', '--cors-allowed-origins=a,,', '--strict-transport-security-directives=abc', '--strict-transport-security-directives=preload,,',
  '--storage-media-type=application/yaml --goaway-chance=0.5 --storage-backend=x --runtime-config=foo', '--max-requests-inflight=-1 --max-requests-inflight=-2 --cors-allowed-origins=abc',
];

const AT_A_TIME = 3;
const ENDS_WITHIN_MS = 10_000;

/** What Kubernetes' server and Gantry's API server say of lines of flags that they do not start with; and the feature gates that both know. */
export async function compareFlags(_: Pair, program: string): Promise<Comparison> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-flags-'));
  const differences: string[] = [];
  const ports = await freePorts(AT_A_TIME);
  const ask = async (line: string, port: number): Promise<void> => {
    const words = line.replaceAll(', ', ',').replaceAll(' = ', '=').split(' ');
    const [expected, found] = await Promise.all([kubernetesRefusal(program, folder, port, words), gantryRefusal(folder, words)]);
    if (expected !== found) differences.push(`${line}\n  Kubernetes: ${expected}\n  Gantry:     ${found}`);
  };
  try {
    const lines = [...REFUSED];
    await Promise.all(
      ports.map(async (port) => {
        for (let line = lines.shift(); line !== undefined; line = lines.shift()) await ask(line, port);
      }),
    );
    const { stdout } = await promisify(execFile)(program, ['--help'], { cwd: folder });
    const gates = [...stdout.matchAll(/kube:(\w+)=true\|false \((ALPHA|BETA) - default=(true|false)\)/g)];
    for (const [shown, name = '', stage, initial] of gates) {
      const feature = KNOWN_FEATURES.get(name);
      if (feature?.stage !== stage || String(feature?.default) !== initial) differences.push(`feature gate ${shown}\n  Gantry:     ${JSON.stringify(feature)}`);
    }
    if (gates.length === 0) differences.push("Kubernetes' help names no feature gates");
    return { asked: REFUSED.length + gates.length, differences };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The message of pflag, or of what is checked after it. */
async function kubernetesRefusal(program: string, folder: string, port: number, words: readonly string[]): Promise<string> {
  // Port 1 of etcd is nobody's; whoever gets as far as asking it has refused nothing.
  const own = [`--secure-port=${port}`, '--bind-address=127.0.0.1', `--cert-dir=${folder}`, '--etcd-servers=http://127.0.0.1:1'];
  const output = await promisify(execFile)(program, [...own, ...words], { cwd: folder, timeout: ENDS_WITHIN_MS }).then(
    ({ stdout, stderr }) => stdout + stderr,
    (error: { readonly stdout: string; readonly stderr: string }) => error.stdout + error.stderr,
  );
  const [, ofFlags] = /^Error: (.*)$/m.exec(output) ?? [];
  if (ofFlags !== undefined) return ofFlags;
  const [, quoted] = /"command failed" err=("(?:[^"\\]|\\.)*")/.exec(output) ?? [];
  return quoted === undefined ? `(none: ${output.slice(0, 300)})` : String(JSON.parse(quoted));
}

async function gantryRefusal(folder: string, words: readonly string[]): Promise<string> {
  const stop = new AbortController();
  try {
    const { values } = parseFlags(apiserver.flags, [`--root=${folder}`, ...words]);
    await apiserver.start(values, clusterSettings(values, { hostname: 'host', addresses: ['192.0.2.1'] }), { clock: systemClock, logger: silentLogger, signal: stop.signal });
    return '(none)';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    stop.abort();
  }
}
