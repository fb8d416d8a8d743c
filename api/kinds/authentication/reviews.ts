import type { V1SelfSubjectReview, V1TokenReview } from '../../generated/types.ts';
import { defineKind } from '../defineKind.ts';

export const tokenReview = defineKind<V1TokenReview>({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenReview',
  plural: 'tokenreviews',
  singular: 'tokenreview',
  namespaced: false,
  verbs: ['create'],
  model: 'V1TokenReview',
});

export const selfSubjectReview = defineKind<V1SelfSubjectReview>({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectReview',
  plural: 'selfsubjectreviews',
  singular: 'selfsubjectreview',
  namespaced: false,
  verbs: ['create'],
  model: 'V1SelfSubjectReview',
});
