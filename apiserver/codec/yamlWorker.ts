import { parentPort } from 'node:worker_threads';
import { parseYaml } from './parseYaml.ts';
import type { YamlQuestion, YamlText } from './yamlThread.ts';

/** The thread that reads large YAML: what it has read goes back as JSON, which is parsed a hundred times faster. */
parentPort?.on('message', ({ bytes, maxDepth }: YamlQuestion) => {
  parentPort?.postMessage(read(Buffer.from(bytes).toString('utf8'), maxDepth));
});

function read(text: string, maxDepth: number): YamlText {
  const { value, duplicates, error } = parseYaml(text, maxDepth);
  if (error !== undefined) return { json: 'null', duplicates: [], error };
  try {
    return { json: JSON.stringify(value, finite) ?? 'null', duplicates };
  } catch (fault) {
    return { json: 'null', duplicates: [], error: fault instanceof Error ? fault.message : String(fault) };
  }
}

/** JSON has no infinity, and would make null of it. */
function finite(_: string, value: unknown): unknown {
  if (typeof value !== 'number' || Number.isFinite(value)) return value;
  throw new Error(`error converting YAML to JSON: json: unsupported value: ${Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'}`);
}
