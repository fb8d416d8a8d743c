import type { KubeObject } from '../meta.ts';
import type { ResourceDefinition } from '../resourceDefinition.ts';

/**
 * Takes the definition of one kind, whose hooks know their object's type, into the form in which the handlers hold every kind.
 * Sound because a definition is only ever given objects that were decoded as its own kind.
 */
export function defineKind<T extends KubeObject>(definition: ResourceDefinition<T>): ResourceDefinition {
  return definition as unknown as ResourceDefinition;
}
