import type { UpstreamFile, UpstreamTest } from './upstreamTests.ts';

/** docs/conformance.md. Pure: the same list gives the same page. */
export function conformancePage(files: readonly UpstreamFile[]): string {
  const all = files.flatMap(({ tests }) => tests).filter(({ isConformance }) => isConformance);
  const sigs = [...new Set(files.map(({ sig }) => sig))].sort();
  return [
    "# Kubernetes' own tests",
    '',
    "Kubernetes' end-to-end tests are a Go program that isn't run here. This page lists them, by the special interest group that keeps them, with the test here that does",
    'the same against a real API server on a real etcd, and real controllers where it needs them: `npx jest --selectProjects rig --testPathPatterns <file>`.',
    'A ✓ marks what a certified distribution must pass. Where nothing stands in the last column the test does what upstream does.',
    '',
    'Written by `node test/conformance/main.ts` from `test/conformance/upstreamTests.ts`; a test of the gate fails when the page is not what the list says, and when a test that it',
    'names is not there.',
    '',
    `Of the ${all.length} tests that must pass, ${all.filter((each) => each.shownBy !== '').length} are done here; ${all.filter((each) => each.otherwise !== undefined && each.shownBy !== '').length} of these in another way.`,
    '',
    ...sigs.flatMap((sig) => [`## sig-${sig}`, '', ...groupsOf(files.filter((file) => file.sig === sig))]),
  ].join('\n');
}

function groupsOf(files: readonly UpstreamFile[]): string[] {
  const keys = [...new Set(files.map(({ file, group }) => `${group} (\`test/e2e/${file}\`)`))];
  return keys.flatMap((key) => [
    `### ${key}`,
    '',
    '| upstream test | must pass | shown by | |',
    '| --- | --- | --- | --- |',
    ...files.filter(({ file, group }) => `${group} (\`test/e2e/${file}\`)` === key).flatMap(({ tests }) => tests.map(row)),
    '',
  ]);
}

const row = ({ name, isConformance, shownBy, otherwise }: UpstreamTest): string => `| ${name.replaceAll('|', '\\|')} | ${isConformance ? '✓' : ''} | ${shownBy && `\`${shownBy}\``} | ${otherwise ?? ''} |`;
