import { useCluster } from './cluster.ts';

const cluster = useCluster();
const run = (words: string, input?: string): Promise<string> => cluster().run(words, input);

/** One of each kind that nothing else here makes. */
const MANIFEST = `
apiVersion: v1
kind: PersistentVolume
metadata: {name: pv1}
spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /x}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: pvc1}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}, storageClassName: sc1}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: sc1, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}
provisioner: x.y/z
---
apiVersion: v1
kind: LimitRange
metadata: {name: lr1}
spec: {limits: [{type: Container, default: {cpu: 100m}, defaultRequest: {cpu: 50m}, max: {cpu: "1"}}]}
---
apiVersion: v1
kind: ReplicationController
metadata: {name: rc1}
spec: {replicas: 1, selector: {app: rc}, template: {metadata: {labels: {app: rc}}, spec: {containers: [{name: c, image: x}]}}}
---
apiVersion: v1
kind: PodTemplate
metadata: {name: pt1}
template: {spec: {containers: [{name: c, image: x}]}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: np1}
spec: {podSelector: {matchLabels: {a: b}}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}], ports: [{port: 80}]}]}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: k8s.io/ingress-nginx}
---
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: {name: l1}
spec: {holderIdentity: me, leaseDurationSeconds: 10, renewTime: "2026-01-01T00:00:00.000000Z"}
---
apiVersion: node.k8s.io/v1
kind: RuntimeClass
metadata: {name: rc1}
handler: runc
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: h1}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 3, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]}
---
apiVersion: storage.k8s.io/v1
kind: CSIDriver
metadata: {name: d.csi}
---
apiVersion: storage.k8s.io/v1
kind: CSINode
metadata: {name: n1}
spec: {drivers: []}
---
apiVersion: storage.k8s.io/v1
kind: VolumeAttachment
metadata: {name: va1}
spec: {attacher: d.csi, nodeName: n1, source: {persistentVolumeName: pv1}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: vw1}
webhooks: []
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: mw1}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: foos.x.io}
spec: {group: x.io, scope: Namespaced, names: {plural: foos, kind: Foo}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1.foo.io}
spec: {group: foo.io, version: v1, groupPriorityMinimum: 100, versionPriority: 10, insecureSkipTLSVerify: true, service: {name: a, namespace: b}}
---
apiVersion: flowcontrol.apiserver.k8s.io/v1
kind: PriorityLevelConfiguration
metadata: {name: plc1}
spec: {type: Limited, limited: {limitResponse: {type: Reject}}}
---
apiVersion: flowcontrol.apiserver.k8s.io/v1
kind: FlowSchema
metadata: {name: fs1}
spec: {priorityLevelConfiguration: {name: plc1}}
---
apiVersion: resource.k8s.io/v1
kind: DeviceClass
metadata: {name: dc1}
spec: {}
---
apiVersion: resource.k8s.io/v1
kind: ResourceClaim
metadata: {name: rcl1}
spec: {devices: {requests: [{name: a, exactly: {deviceClassName: dc1}}]}}
---
apiVersion: networking.k8s.io/v1
kind: ServiceCIDR
metadata: {name: c2}
spec: {cidrs: [10.200.0.0/16]}
---
apiVersion: storage.k8s.io/v1
kind: VolumeAttributesClass
metadata: {name: vac1}
driverName: d.csi
parameters: {a: b}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: vap1}
spec: {matchConstraints: {resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]}, validations: [{expression: "true"}]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: vapb1}
spec: {policyName: vap1, validationActions: [Deny]}
`;

/** Beta versions of these are all that kubectl 1.32 asks for; Kubernetes 1.36 does not serve them either. */
const NEEDS_NEWER = ['ipaddresses.networking.k8s.io', 'servicecidrs.networking.k8s.io', 'volumeattributesclasses.storage.k8s.io'];

test('every kind that is listed can be described', async () => {
  await run('create deployment web --image=app --port=80');
  // Its pod is made before there are ranges that would give it requests.
  await run('rollout status deploy/web --timeout=90s');
  await run('create cronjob nightly --image=done --schedule=@daily');
  await run('create pdb web --selector=app=web --min-available=1');
  await run('create quota small --hard=pods=10');
  await run('create ingress web --rule=a.example/*=web:80');
  await run('expose deploy web');
  await run('apply -f -', MANIFEST);
  const kinds = (await run('api-resources --verbs=list -o name')).split('\n').filter((kind) => !NEEDS_NEWER.includes(kind));
  expect(kinds.length).toBeGreaterThan(50);
  const describe = async (kind: string): Promise<string | undefined> => {
    const { code, stderr } = await cluster().kubectl(['describe', kind, '-A']);
    return code === 0 ? undefined : `${kind}: ${stderr}`;
  };
  const failures: (string | undefined)[] = [];
  for (let at = 0; at < kinds.length; at += 6) failures.push(...(await Promise.all(kinds.slice(at, at + 6).map(describe))));
  expect(failures.filter((failure) => failure !== undefined)).toEqual([]);
});

test('what a description says of workloads', async () => {
  // Its events, the Service's endpoints, the counts of quotas and budgets are written when their turn comes.
  const untilSays = (words: string, wanted: RegExp): Promise<string> => cluster().untilSays(words, wanted);
  const deployment = await untilSays('describe deploy web', / ScalingReplicaSet /);
  expect(deployment).toMatch(/\nReplicas: +1 desired \| 1 updated \| 1 total \| 1 available \| 0 unavailable\n/);
  expect(deployment).toMatch(/\nNewReplicaSet: +web-\w+ \(1\/1 replicas created\)\n/);
  expect(deployment).toMatch(/ScalingReplicaSet +\S+ +deployment-controller +Scaled up replica set web-\w+ from 0 to 1$/);
  await untilSays('describe rs -l app=web', /\nControlled By: +Deployment\/web\nReplicas: +1 current \/ 1 desired\nPods Status: +1 Running \/ 0 Waiting \/ 0 Succeeded \/ 0 Failed\n[^]*SuccessfulCreate +\S+ +replicaset-controller +Created pod: web-/);
  expect(await run('describe pod -l app=web')).toMatch(/\nQoS Class: +BestEffort\n/);
  await untilSays('describe svc web', /\nEndpoints: +10\.244\.0\.\d+:80\n/);
  expect(await run('describe node n1')).toMatch(/\nNon-terminated Pods: +\(\d+ in total\)\n/);
  expect(await run('describe ns default')).toMatch(/Resource Quotas\n {2}Name: +small\n[^]*Resource Limits\n[^]*Container +cpu +- +1 +50m +100m +-/);
  await untilSays('describe quota small', /\npods +\d+ +10$/);
  await untilSays('describe pdb web', /Allowed disruptions: +0\n +Current: +1\n +Desired: +1\n +Total: +1\n/);
});
