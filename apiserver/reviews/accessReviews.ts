import { badRequest, invalidError } from '../../api/apiError.ts';
import { type FieldError, invalid, required } from '../../api/fieldError.ts';
import type { V1LocalSubjectAccessReview, V1SelfSubjectAccessReview, V1SubjectAccessReview, V1SubjectAccessReviewSpec, V1SubjectAccessReviewStatus } from '../../api/generated/types.ts';
import type { KubeObject } from '../../api/meta.ts';
import type { AuthorizationAttributes, Authorizer, UserInfo, VirtualResource } from '../types.ts';

const GROUP = 'authorization.k8s.io';
const kindOf = (kind: string): VirtualResource['kind'] => ({ group: GROUP, version: 'v1', kind, model: `V1${kind}` });

/** May somebody do something? Answered by the same authorizer that decides on requests. */
export function accessReviews(authorizer: Authorizer): readonly VirtualResource[] {
  return [
    {
      group: GROUP,
      resource: 'subjectaccessreviews',
      subresource: '',
      kind: kindOf('SubjectAccessReview'),
      create: ({ object }) => {
        const review = object as unknown as V1SubjectAccessReview;
        refuse('SubjectAccessReview', faults(review.spec, true));
        return Promise.resolve(answer(review, authorizer, userOf(review.spec)));
      },
    },
    {
      group: GROUP,
      resource: 'localsubjectaccessreviews',
      subresource: '',
      kind: kindOf('LocalSubjectAccessReview'),
      create: ({ object, namespace }) => {
        const review = object as unknown as V1LocalSubjectAccessReview;
        const attributes = review.spec.resourceAttributes;
        const errors = [...faults(review.spec, true)];
        if (review.spec.nonResourceAttributes) errors.push(invalid('spec.nonResourceAttributes', review.spec.nonResourceAttributes, 'disallowed on this kind of request'));
        refuse('LocalSubjectAccessReview', errors);
        if ((attributes?.namespace ?? '') !== namespace) throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`);
        return Promise.resolve(answer(review, authorizer, userOf(review.spec)));
      },
    },
    {
      group: GROUP,
      resource: 'selfsubjectaccessreviews',
      subresource: '',
      kind: kindOf('SelfSubjectAccessReview'),
      create: ({ object, user }) => {
        const review = object as unknown as V1SelfSubjectAccessReview;
        refuse('SelfSubjectAccessReview', faults(review.spec, false));
        return Promise.resolve(answer(review, authorizer, user));
      },
    },
  ];
}

type Review = KubeObject & { spec: V1SubjectAccessReviewSpec; status?: V1SubjectAccessReviewStatus };

function answer(review: Review, authorizer: Authorizer, user: UserInfo): KubeObject {
  const decision = authorizer.authorize(attributesOf(review.spec, user));
  const status: V1SubjectAccessReviewStatus = {
    allowed: decision.allowed,
    ...(!decision.allowed && decision.denied ? { denied: true } : {}),
    ...(decision.reason === '' ? {} : { reason: decision.reason }),
  };
  const answered: Review = { ...review, status };
  return answered;
}

function attributesOf({ resourceAttributes: about, nonResourceAttributes }: V1SubjectAccessReviewSpec, user: UserInfo): AuthorizationAttributes {
  const nothing = { group: '', version: '', resource: '', subresource: '', namespace: '', name: '' };
  if (about === undefined) return { ...nothing, user, isResourceRequest: false, verb: nonResourceAttributes?.verb ?? '', path: nonResourceAttributes?.path ?? '' };
  const { verb = '', group = '', version = '', resource = '', subresource = '', namespace = '', name = '' } = about;
  return { user, isResourceRequest: true, verb, path: '', group, version, resource, subresource, namespace, name };
}

function userOf({ user = '', groups = [], uid, extra }: V1SubjectAccessReviewSpec): UserInfo {
  return { name: user, groups, ...(uid === undefined ? {} : { uid }), ...(extra === undefined ? {} : { extra }) };
}

function faults(spec: V1SubjectAccessReviewSpec, namesUser: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.resourceAttributes && spec.nonResourceAttributes) errors.push(invalid('spec.nonResourceAttributes', spec.nonResourceAttributes, 'cannot be specified in combination with resourceAttributes'));
  if (!spec.resourceAttributes && !spec.nonResourceAttributes) errors.push(invalid('spec.resourceAttributes', spec.resourceAttributes, 'exactly one of nonResourceAttributes or resourceAttributes must be specified'));
  if (namesUser && !spec.user && (spec.groups ?? []).length === 0) errors.push(required('spec.user', 'at least one of user or group must be specified'));
  return errors;
}

function refuse(kind: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidError(GROUP, kind, '', errors);
}
