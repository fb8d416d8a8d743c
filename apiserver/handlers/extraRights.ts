import type { FieldError } from '../../api/fieldError.ts';
import type { KubeObject } from '../../api/meta.ts';
import type { ExtraRight, IncomingObject, ResourceDefinition } from '../../api/resourceDefinition.ts';
import { serviceAccountOf } from '../authentication/userNames.ts';
import { forbidden } from '../request/authorizeRequest.ts';
import type { AuthorizationAttributes, UserInfo } from '../types.ts';
import type { Call, Engine } from './call.ts';

const NODE_NAME_KEY = 'authentication.kubernetes.io/node-name';

/** The faults of a write of a status by somebody who lacks the rights that its changes need besides. */
export async function extraRightFaults(engine: Engine, { info, user }: Call, { statusRights }: ResourceDefinition, object: IncomingObject, previous: KubeObject): Promise<readonly FieldError[]> {
  const errors: FieldError[] = [];
  for (const right of statusRights?.(object, previous) ?? []) {
    const verbs = verbsOf(right, info.verb, user);
    const refusal = await refusalOf(engine, verbs.map((verb) => attributesOf(right, { ...info, user, verb })));
    if (refusal !== undefined) errors.push(right.otherwise(verbs, refusal));
  }
  return errors;
}

/** The verbs of which one is enough. An account whose token is bound to the node needs less than one that speaks for any node. */
export function verbsOf({ byNode }: ExtraRight, verb: string, user: UserInfo): readonly string[] {
  if (byNode === undefined) return [verb];
  const names = user.extra?.[NODE_NAME_KEY] ?? [];
  const isThere = byNode !== '' && names.length === 1 && names[0] === byNode && serviceAccountOf(user.name) !== undefined;
  return [...(isThere ? [`associated-node:${verb}`] : []), `arbitrary-node:${verb}`];
}

/** A right without a name is one to all objects of the cluster. */
function attributesOf({ subresource, name }: ExtraRight, attributes: AuthorizationAttributes): AuthorizationAttributes {
  return { ...attributes, subresource, name: name ?? '', namespace: name === undefined ? '' : attributes.namespace };
}

/** Why none of these is allowed, in the words of the first refusal; undefined: one is. */
async function refusalOf({ authorizer }: Engine, asked: readonly AuthorizationAttributes[]): Promise<string | undefined> {
  let first: string | undefined;
  for (const attributes of asked) {
    const decision = await authorizer.authorize(attributes);
    if (decision.allowed) return undefined;
    first ??= forbidden(attributes, [decision.error, decision.reason].filter(Boolean).join(': ')).message;
  }
  return first;
}
