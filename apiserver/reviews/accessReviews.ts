import { invalidError } from '../../api/apiError.ts';
import { type FieldError, invalid } from '../../api/fieldError.ts';
import type { V1LocalSubjectAccessReview, V1SelfSubjectAccessReview, V1SubjectAccessReview, V1SubjectAccessReviewSpec, V1SubjectAccessReviewStatus } from '../../api/generated/types.ts';
import { internalForm } from '../../api/kinds/internalForm.ts';
import type { KubeObject } from '../../api/meta.ts';
import { reviewedFields, reviewedLabels } from '../authorization/selectorRequirements.ts';
import type { AuthorizationAttributes, Authorizer, Decision, UserInfo, VirtualResource } from '../types.ts';
import { selectorFaults } from './selectorFaults.ts';

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
      create: async ({ object }) => {
        const review = object as unknown as V1SubjectAccessReview;
        refuse('SubjectAccessReview', [...faults(review.spec, true), ...metadataFaults(review, 'must be empty')]);
        return answer(review, authorizer, userOf(review.spec));
      },
    },
    {
      group: GROUP,
      resource: 'localsubjectaccessreviews',
      subresource: '',
      kind: kindOf('LocalSubjectAccessReview'),
      create: async ({ object, namespace }) => {
        const review = object as unknown as V1LocalSubjectAccessReview;
        const { resourceAttributes, nonResourceAttributes } = review.spec;
        const errors = [...faults(review.spec, true), ...metadataFaults(review, 'must be empty except for namespace', ['namespace'])];
        const asked = resourceAttributes?.namespace ?? '';
        if (resourceAttributes && asked !== namespace) errors.push(invalid('spec.resourceAttributes.namespace', asked, 'must match metadata.namespace'));
        if (nonResourceAttributes) errors.push(invalid('spec.nonResourceAttributes', internalForm('NonResourceAttributes', nonResourceAttributes), 'disallowed on this kind of request'));
        refuse('LocalSubjectAccessReview', errors);
        return answer(review, authorizer, userOf(review.spec));
      },
    },
    {
      group: GROUP,
      resource: 'selfsubjectaccessreviews',
      subresource: '',
      kind: kindOf('SelfSubjectAccessReview'),
      create: async ({ object, user }) => {
        const review = object as unknown as V1SelfSubjectAccessReview;
        refuse('SelfSubjectAccessReview', [...faults(review.spec, false), ...metadataFaults(review, 'must be empty')]);
        return answer(review, authorizer, user);
      },
    },
  ];
}

type Review = KubeObject & { spec: V1SubjectAccessReviewSpec; status?: V1SubjectAccessReviewStatus };

async function answer(review: Review, authorizer: Authorizer, user: UserInfo): Promise<KubeObject> {
  const { attributes, ignored } = attributesOf(review.spec, user);
  const answered: Review = { ...review, status: statusOf(await authorizer.authorize(attributes), ignored) };
  return answered;
}

function statusOf(decision: Decision, ignored: readonly string[]): V1SubjectAccessReviewStatus {
  const evaluationError = [...(decision.error === undefined ? [] : [decision.error]), ...ignored].join('; ');
  return {
    allowed: decision.allowed,
    ...(!decision.allowed && decision.denied ? { denied: true } : {}),
    ...(decision.reason === '' ? {} : { reason: decision.reason }),
    ...(evaluationError === '' ? {} : { evaluationError }),
  };
}

/** What is asked, and which selectors could not be read (they narrow, so that leaving them out asks for more). */
function attributesOf({ resourceAttributes: about, nonResourceAttributes }: V1SubjectAccessReviewSpec, user: UserInfo): { readonly attributes: AuthorizationAttributes; readonly ignored: readonly string[] } {
  const nothing = { group: '', version: '', resource: '', subresource: '', namespace: '', name: '' };
  if (about === undefined) return { attributes: { ...nothing, user, isResourceRequest: false, verb: nonResourceAttributes?.verb ?? '', path: nonResourceAttributes?.path ?? '' }, ignored: [] };
  const { verb = '', group = '', version = '', resource = '', subresource = '', namespace = '', name = '', fieldSelector, labelSelector } = about;
  const fields = fieldSelector && reviewedFields(fieldSelector);
  const labels = labelSelector && reviewedLabels(labelSelector);
  return {
    attributes: {
      user, isResourceRequest: true, verb, path: '', group, version: version || '*', resource, subresource, namespace, name,
      ...(fields ? { fieldRequirements: fields.requirements } : {}),
      ...(labels ? { labelRequirements: labels.requirements } : {}),
    },
    ignored: [...ignoredText('fieldSelector', fields), ...ignoredText('labelSelector', labels)],
  };
}

function ignoredText(name: string, read: { readonly requirements: readonly unknown[]; readonly faulty: boolean } | undefined): string[] {
  if (!read?.faulty) return [];
  return [`spec.resourceAttributes.${name} ${read.requirements.length > 0 ? 'partially ignored' : 'ignored'} due to parse error`];
}

function userOf({ user = '', groups = [], uid, extra }: V1SubjectAccessReviewSpec): UserInfo {
  return { name: user, groups, ...(uid === undefined ? {} : { uid }), ...(extra === undefined ? {} : { extra }) };
}

/** `ValidateSubjectAccessReviewSpec`. */
function faults({ resourceAttributes, nonResourceAttributes, user, groups = [] }: V1SubjectAccessReviewSpec, namesUser: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (resourceAttributes && nonResourceAttributes) errors.push(invalid('spec.nonResourceAttributes', internalForm('NonResourceAttributes', nonResourceAttributes), 'cannot be specified in combination with resourceAttributes'));
  if (!resourceAttributes && !nonResourceAttributes) errors.push(invalid('spec.resourceAttributes', null, 'exactly one of nonResourceAttributes or resourceAttributes must be specified'));
  if (namesUser && !user && groups.length === 0) errors.push(invalid('spec.user', '', 'at least one of user or group must be specified'));
  return [...errors, ...selectorFaults('spec.resourceAttributes', resourceAttributes)];
}

/** Nobody keeps these objects. */
function metadataFaults({ metadata }: { readonly metadata?: object }, message: string, except: readonly string[] = []): FieldError[] {
  const given = Object.entries(metadata ?? {}).filter(([name, value]) => name !== 'managedFields' && !except.includes(name) && value !== null && value !== undefined && value !== '');
  return given.length === 0 ? [] : [invalid('metadata', Object.fromEntries(given), message)];
}

function refuse(kind: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidError(GROUP, kind, '', errors);
}
