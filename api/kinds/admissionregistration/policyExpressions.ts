import type { V1Variable } from '../../generated/types.ts';
import { BOOL, DYN, formatType, INT, listOf, mapOf, objectType, opaque, sameType, STRING, TIMESTAMP } from '../../cel/celType.ts';
import { compile } from '../../cel/compile.ts';
import type { CelType, Environment, ObjectType, Program } from '../../cel/types.ts';
import { ADMISSION_REQUEST } from './admissionRequest.ts';

/** An expression of a policy that can be evaluated, or what Kubernetes says of the field that it stands in. */
export type PolicyProgram = { readonly ok: true; readonly program: Program } | { readonly ok: false; readonly fault: string };

const TEXTS = mapOf(STRING, STRING);

/** The variable `namespaceObject`: a Namespace without what is its owner's alone (upstream's `BuildNamespaceType`). */
export const POLICY_NAMESPACE = objectType('kubernetes.Namespace', {
  metadata: objectType('kubernetes.NamespaceMetadata', {
    name: STRING,
    generateName: STRING,
    namespace: STRING,
    labels: TEXTS,
    annotations: TEXTS,
    UID: STRING,
    creationTimestamp: TIMESTAMP,
    deletionGracePeriodSeconds: INT,
    deletionTimestamp: TIMESTAMP,
    generation: INT,
    resourceVersion: STRING,
    finalizers: listOf(STRING),
  }),
  spec: objectType('kubernetes.NamespaceSpec', { finalizers: listOf(STRING) }),
  status: objectType('kubernetes.NamespaceStatus', {
    conditions: listOf(objectType('kubernetes.NamespaceCondition', { status: STRING, type: STRING, lastTransitionTime: TIMESTAMP, message: STRING, reason: STRING })),
    phase: STRING,
  }),
});

/** What expressions of a policy may refer to. */
export interface PolicyScope {
  /** The type of `params`; absent where the policy has no parameters. */
  readonly params?: CelType;
  /** The type of `object` and `oldObject`; unknown until run time unless given. */
  readonly object?: CelType;
  readonly hasAuthorizer: boolean;
  /** Types of `variables.x`, by their names. */
  readonly variables?: ReadonlyMap<string, CelType>;
  /** Types of objects that expressions may make. */
  readonly constructs?: (name: string) => ObjectType | undefined;
}

/** The environment of a scope. */
export function policyEnvironment({ params, object = DYN, hasAuthorizer, variables, constructs }: PolicyScope): Environment {
  return {
    variables: {
      object,
      oldObject: object,
      request: ADMISSION_REQUEST,
      namespaceObject: POLICY_NAMESPACE,
      ...(params ? { params } : {}),
      ...(hasAuthorizer ? { authorizer: opaque('kubernetes.authorization.Authorizer'), 'authorizer.requestResource': opaque('kubernetes.authorization.ResourceCheck') } : {}),
      ...(variables ? { variables: variablesType(variables) } : {}),
    },
    ...(constructs ? { constructs } : {}),
  };
}

function variablesType(variables: ReadonlyMap<string, CelType>): ObjectType {
  const field = (name: string): { readonly type: CelType; readonly jsonName: string } | undefined => {
    const type = variables.get(name);
    return type && { type, jsonName: name };
  };
  return { kind: 'object', name: 'kubernetes.variables', field };
}

/** Compiles an expression; `results` are the types of which it must give exactly one, any where there are none. */
export function policyProgram(expression: string, environment: Environment, results: readonly CelType[]): PolicyProgram {
  const compiled = compile(expression, environment);
  if (!compiled.ok) return { ok: false, fault: compiled.fault };
  const { resultType } = compiled.program;
  if (results.length === 0 || results.some((each) => sameType(each, resultType))) return compiled;
  const wanted = results.map(typeText);
  return { ok: false, fault: `must evaluate to ${wanted.length === 1 ? wanted[0]! : `one of [${wanted.join(' ')}]`} but got ${typeText(resultType)}` };
}

/** A type as cel-go's `Type.String` has it, which knows types by their names at run time. */
function typeText(type: CelType): string {
  switch (type.kind) {
    case 'null':
      return 'null_type';
    case 'timestamp':
      return 'google.protobuf.Timestamp';
    case 'duration':
      return 'google.protobuf.Duration';
    case 'list':
      return `list(${typeText(type.element)})`;
    case 'map':
      return `map(${typeText(type.key)}, ${typeText(type.value)})`;
    default:
      return formatType(type);
  }
}

/** What a match condition of a webhook may refer to: there is no namespace for it to see, though it may name the variable. */
export const WEBHOOK_ENVIRONMENT: Environment = policyEnvironment({ hasAuthorizer: true });

/** Compiles a match condition of a webhook. */
export const webhookCondition = (expression: string): PolicyProgram => policyProgram(expression, WEBHOOK_ENVIRONMENT, [BOOL]);

export interface PolicyVariable {
  readonly name: string;
  readonly program: PolicyProgram;
}

/** Compiles variables in their order: each may refer to those before it. What does not compile may hold anything. */
export function policyVariables(variables: readonly V1Variable[], scope: Omit<PolicyScope, 'variables'>): { readonly types: ReadonlyMap<string, CelType>; readonly compiled: readonly PolicyVariable[] } {
  const types = new Map<string, CelType>();
  const compiled = variables.map(({ name, expression }) => {
    const program = policyProgram(expression ?? '', policyEnvironment({ ...scope, variables: types }), []);
    types.set(name, program.ok ? storable(program.program.resultType) : DYN);
    return { name, program };
  });
  return { types, compiled };
}

/** What is kept of the type of a variable: objects and types of libraries are known at run time only. */
function storable(type: CelType): CelType {
  if (type.kind === 'list') return listOf(storable(type.element));
  if (type.kind === 'map') return mapOf(storable(type.key), storable(type.value));
  return type.kind === 'object' || type.kind === 'opaque' || type.kind === 'type' || type.kind === 'parameter' ? DYN : type;
}
