import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFlags } from '../../process/flags.ts';
import { silentLogger } from '../../process/log.ts';
import { checkTracing, observationFlags } from './observationFlags.ts';

const folder = mkdtempSync(join(tmpdir(), 'gantry-tracing-'));
afterAll(() => rmSync(folder, { recursive: true }));

function check(text: string): string[] {
  const file = join(folder, 'tracing.yaml');
  writeFileSync(file, text);
  const warnings: string[] = [];
  checkTracing(parseFlags(observationFlags, [`--tracing-config-file=${file}`]).values, { ...silentLogger, warn: (message) => warnings.push(message) });
  return warnings;
}

const HEAD = 'apiVersion: apiserver.config.k8s.io/v1\nkind: TracingConfiguration\n';

test('a sound configuration is told to be without effect', () => {
  expect(check(`${HEAD}endpoint: localhost:4317\nsamplingRatePerMillion: 100\n`)).toEqual(['--tracing-config-file: this server sends no traces']);
});

test.each([
  ['a: [\n', 'unable to decode tracing configuration data: error converting YAML to JSON: yaml: '],
  ['kind: Other\napiVersion: v1\n', 'unable to decode tracing configuration data: no kind "Other" is registered for version "v1"'],
  [`${HEAD}rate: 1\n`, 'unable to decode tracing configuration data: strict decoding error: unknown field "rate"'],
  [`${HEAD}samplingRatePerMillion: "1"\n`, 'unable to decode tracing configuration data: json: cannot unmarshal string into Go struct field TracingConfiguration.samplingRatePerMillion of type int32'],
  [`${HEAD}samplingRatePerMillion: -1\n`, 'samplingRatePerMillion: Invalid value: -1: sampling rate must be positive'],
  [`${HEAD}endpoint: ftp://x\n`, 'endpoint: Invalid value: "ftp://x": unsupported scheme: ftp.'],
])('%j', (text, message) => {
  expect(() => check(text)).toThrow(message);
});
