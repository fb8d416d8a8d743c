/** The definition of Sites, as its author ships it: the operator itself adds where it is converted. */
export const DEFINITION = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: sites.web.gantry.test}
spec:
  group: web.gantry.test
  scope: Namespaced
  names: {plural: sites, singular: site, kind: Site, shortNames: [st], categories: [all]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources:
      status: {}
      scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas, labelSelectorPath: .status.selector}
    additionalPrinterColumns:
    - {name: Zone, type: string, jsonPath: .spec.zone}
    - {name: Desired, type: integer, jsonPath: .spec.replicas}
    - {name: Ready, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].status'}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
    schema:
      openAPIV3Schema:
        description: Site is a set of pages that are served by some replicas.
        type: object
        required: [spec]
        properties:
          spec:
            type: object
            x-kubernetes-validations:
            - {rule: self.replicas <= self.maxReplicas, message: more replicas than maxReplicas, reason: FieldValueForbidden, fieldPath: .replicas}
            properties:
              zone: {type: string, default: north, x-kubernetes-validations: [{rule: self == oldSelf, message: a site does not move}]}
              image: {type: string, default: web}
              replicas: {type: integer, minimum: 0, default: 1, description: How many pods serve the pages.}
              maxReplicas: {type: integer, default: 5}
              pages: {type: object, additionalProperties: {type: string, maxLength: 1000}}
          status: &status
            type: object
            properties:
              replicas: {type: integer}
              readyReplicas: {type: integer}
              selector: {type: string}
              observedGeneration: {type: integer}
              conditions:
                type: array
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [type]
                items:
                  type: object
                  required: [type, status, lastTransitionTime, reason, message]
                  properties:
                    type: {type: string}
                    status: {type: string, enum: ['True', 'False', Unknown]}
                    lastTransitionTime: {type: string, format: date-time}
                    observedGeneration: {type: integer}
                    reason: {type: string}
                    message: {type: string}
  - name: v1alpha1
    served: true
    storage: false
    deprecated: true
    deprecationWarning: Site v1alpha1 is old; use v1
    subresources: {status: {}}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              zone: {type: string, default: north}
              image: {type: string, default: web}
              size: {type: integer, minimum: 0, default: 1}
              maxReplicas: {type: integer, default: 5}
              text: {type: string}
          status: *status
`;

/** Who the operator is, and all that it may do; editors of a namespace may have Sites by aggregation. */
export const ACCESS = `
apiVersion: v1
kind: Namespace
metadata: {name: operators}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: site-operator, namespace: operators}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: site-operator}
rules:
- {apiGroups: [web.gantry.test], resources: [sites], verbs: [get, list, watch, patch]}
- {apiGroups: [web.gantry.test], resources: [sites/status], verbs: [update]}
- {apiGroups: [apps], resources: [deployments], verbs: [get, list, watch, create, patch]}
- {apiGroups: [""], resources: [configmaps], verbs: [get, list, watch, create, patch]}
- {apiGroups: ["", events.k8s.io], resources: [events], verbs: [create, patch, update]}
- {apiGroups: [admissionregistration.k8s.io], resources: [mutatingwebhookconfigurations, validatingwebhookconfigurations], verbs: [create, patch]}
- {apiGroups: [apiextensions.k8s.io], resources: [customresourcedefinitions], verbs: [get, patch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: site-operator}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: site-operator}
subjects: [{kind: ServiceAccount, name: site-operator, namespace: operators}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: site-operator-election, namespace: operators}
rules: [{apiGroups: [coordination.k8s.io], resources: [leases], verbs: [get, create, update]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: site-operator-election, namespace: operators}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: site-operator-election}
subjects: [{kind: ServiceAccount, name: site-operator, namespace: operators}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: sites-edit, labels: {rbac.authorization.k8s.io/aggregate-to-edit: "true"}}
rules: [{apiGroups: [web.gantry.test], resources: [sites, sites/scale], verbs: ["*"]}]
`;

/** A Site as a user writes it. */
export const site = (name: string, spec: object, version = 'v1', metadata: object = {}): string =>
  JSON.stringify({ apiVersion: `web.gantry.test/${version}`, kind: 'Site', metadata: { name, namespace: 'default', ...metadata }, spec });
