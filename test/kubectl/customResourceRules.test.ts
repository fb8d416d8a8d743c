import { KUBECTL_VERSIONS } from '../rig/kubectl.ts';
import { useCluster } from './cluster.ts';

const cluster = useCluster();
const run = (words: string, input?: string): Promise<string> => cluster().run(words, input);

const CRD = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: hoists.rules.example.com}
spec:
  group: rules.example.com
  scope: Namespaced
  names: {plural: hoists, kind: Hoist}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              load: {type: integer}
              limit: {type: integer}
            x-kubernetes-validations:
            - rule: "self.load <= self.limit"
              messageExpression: "'a load of %d is more than %d'.format([self.load, self.limit])"
            - rule: "self.limit == oldSelf.limit"
              message: "limit is immutable"
`;
const hoist = (name: string, load: number, limit: number): string => `apiVersion: rules.example.com/v1\nkind: Hoist\nmetadata: {name: ${name}}\nspec: {load: ${load}, limit: ${limit}}\n`;

test('kubectl shows what a rule says', async () => {
  await run('apply -f -', CRD);
  await run('wait --for=condition=Established crd/hoists.rules.example.com --timeout=90s');
  expect(await run('get hoists')).toBe('');
  for (const version of KUBECTL_VERSIONS) {
    const name = `h${version.replace('.', '-')}`;
    const apply = (load: number, limit: number): ReturnType<ReturnType<typeof cluster>['kubectl']> => cluster().kubectl(['apply', '-f', '-'], { version, input: hoist(name, load, limit) });
    expect((await apply(5, 3)).stderr).toContain(`The Hoist "${name}" is invalid: spec: Invalid value: a load of 5 is more than 3`);
    expect((await apply(2, 3)).stdout).toBe(`hoist.rules.example.com/${name} created\n`);
    expect((await apply(2, 4)).stderr).toContain('is invalid: spec: Invalid value: limit is immutable');
  }
});
