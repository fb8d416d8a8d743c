/** Why a version of a group is not served, which Kubernetes' description of its API names. Only what Kubernetes 1.36 does not serve by default stands here. */
export const VERSIONS_NOT_SERVED: Readonly<Record<string, string>> = {
  'admissionregistration.k8s.io/v1alpha1': 'alpha: off by default; v1 is served',
  'admissionregistration.k8s.io/v1beta1': 'beta: off by default; v1 is served',
  'authentication.k8s.io/v1alpha1': 'no longer in Kubernetes; v1 is served',
  'authentication.k8s.io/v1beta1': 'no longer in Kubernetes; v1 is served',
  'certificates.k8s.io/v1alpha1': 'alpha: off by default',
  'certificates.k8s.io/v1beta1': 'beta: off by default',
  'coordination.k8s.io/v1alpha2': 'alpha: off by default',
  'coordination.k8s.io/v1beta1': 'beta: off by default',
  'flowcontrol.apiserver.k8s.io/v1beta3': 'no longer in Kubernetes; v1 is served',
  'internal.apiserver.k8s.io/v1alpha1': 'alpha: off by default',
  'networking.k8s.io/v1alpha1': 'no longer in Kubernetes; v1 is served',
  'networking.k8s.io/v1beta1': 'beta: off by default; v1 is served',
  'resource.k8s.io/v1alpha2': 'no longer in Kubernetes; v1 is served',
  'resource.k8s.io/v1alpha3': 'alpha: off by default',
  'resource.k8s.io/v1beta1': 'beta: off by default; v1 is served',
  'resource.k8s.io/v1beta2': 'beta: off by default; v1 is served',
  'scheduling.k8s.io/v1alpha1': 'alpha: off by default',
  'scheduling.k8s.io/v1alpha2': 'alpha: off by default',
  'storage.k8s.io/v1alpha1': 'no longer in Kubernetes; v1 is served',
  'storage.k8s.io/v1beta1': 'beta: off by default; v1 is served',
  'storagemigration.k8s.io/v1alpha1': 'alpha: off by default',
  'storagemigration.k8s.io/v1beta1': 'beta: off by default',
};

/** Verbs that Kubernetes' description names and Kubernetes itself does not have. */
export const VERBS_NOT_SERVED: Readonly<Record<string, string>> = {
  'v1 componentstatuses watch': 'nothing to watch: each is asked for when it is read; Kubernetes has no watch of it either',
};
