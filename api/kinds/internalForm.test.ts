import { internalForm, specDiff } from './internalForm.ts';

const pod = (change: object = {}): object => ({ containers: [{ name: 'a', image: 'i' }], restartPolicy: 'Always', serviceAccount: 'default', ...change });

describe('specDiff', () => {
  it('shows where two specs differ, with three lines around it', () => {
    expect(specDiff('PodSpec', pod(), pod({ nodeName: 'n' }))).toBe([
      '@@ -42,7 +42,7 @@',
      '  "NodeSelector": null,',
      '  "ServiceAccountName": "default",',
      '  "AutomountServiceAccountToken": null,',
      '- "NodeName": "",',
      '+ "NodeName": "n",',
      '  "SecurityContext": {',
      '   "HostNetwork": false,',
      '   "HostPID": false,',
      '',
    ].join('\n'));
  });
  it('writes all that a container can say', () => {
    const whole = specDiff('EphemeralContainer', { name: 'a' }, { name: 'a', image: '<&>', tty: true, resources: { limits: { memory: '1024Mi', cpu: '1000m' } }, envFrom: [] });
    expect(whole.split('\n').filter((line) => /^[-+]/.test(line))).toEqual([
      '- "Image": "",', '+ "Image": "\\u003c\\u0026\\u003e",',
      '- "EnvFrom": null,', '+ "EnvFrom": [],',
      '-  "Limits": null,', '+  "Limits": {', '+   "cpu": "1",', '+   "memory": "1Gi"', '+  },',
      '- "TTY": false,', '+ "TTY": true,',
    ]);
  });
  it('has what is of the host in the security context, and selectors in their one form', () => {
    const term = { topologyKey: 'k', labelSelector: { matchExpressions: [{ values: ['x'], operator: 'In', key: 'a' }], matchLabels: { b: 'c' } } };
    const added = specDiff('PodSpec', pod(), pod({ hostNetwork: true, affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } })).split('\n').filter((line) => line.startsWith('+'));
    expect(added).toEqual([
      '+  "HostNetwork": true,',
      '+ "Affinity": {', '+  "NodeAffinity": null,', '+  "PodAffinity": null,', '+  "PodAntiAffinity": {', '+   "RequiredDuringSchedulingIgnoredDuringExecution": [', '+    {',
      '+     "LabelSelector": {', '+      "matchLabels": {', '+       "b": "c"', '+      },', '+      "matchExpressions": [', '+       {', '+        "key": "a",', '+        "operator": "In",',
      '+        "values": [', '+         "x"', '+        ]', '+       }', '+      ]', '+     },',
      '+     "Namespaces": null,', '+     "TopologyKey": "k",', '+     "NamespaceSelector": null,', '+     "MatchLabelKeys": null,', '+     "MismatchLabelKeys": null', '+    }', '+   ],',
      '+   "PreferredDuringSchedulingIgnoredDuringExecution": null', '+  }', '+ },',
    ]);
  });
  it('shows of rare volumes what is set', () => {
    const added = specDiff('PersistentVolumeSource', { cephfs: { monitors: ['m'] } }, { cephfs: { monitors: ['m'], user: 'u' }, hostPath: { path: '/p' } }).split('\n').filter((line) => /^[-+]/.test(line));
    expect(added).toEqual(['- "HostPath": null,', '+ "HostPath": {', '+  "Path": "/p",', '+  "Type": null', '+ },', '-  ]', '+  ],', '+  "User": "u"']);
  });
});

/** As the API server of Kubernetes 1.36 was seen to print it. */
it('prints what Kubernetes prints', () => {
  const container = { name: 'c', image: 'busybox', imagePullPolicy: 'Always', terminationMessagePolicy: 'File', terminationMessagePath: '/dev/termination-log' };
  const spec = { restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', terminationGracePeriodSeconds: 30, schedulerName: 'default-scheduler', containers: [container] };
  expect(specDiff('PodSpec', { ...spec, nodeSelector: { a: 'b' } }, { ...spec, nodeSelector: { a: 'b', c: 'd' } })).toBe(
    '@@ -40,7 +40,8 @@\n  "ActiveDeadlineSeconds": null,\n  "DNSPolicy": "ClusterFirst",\n  "NodeSelector": {\n-  "a": "b"\n+  "a": "b",\n+  "c": "d"\n  },\n  "ServiceAccountName": "",\n  "AutomountServiceAccountToken": null,\n');
});

it('has the metadata of a template beside its spec', () => {
  expect(JSON.stringify(internalForm('PodTemplateSpec', { spec: { containers: [] }, metadata: { labels: { b: '1', a: '2' }, annotations: {}, name: 'n' } }))).toMatch(/^\{"name":"n","labels":\{"a":"2","b":"1"\},"Spec":\{"Volumes":null,"InitContainers":null,"Containers":\[\],/);
});
