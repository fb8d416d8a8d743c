/** An application that answers at node port 30080, of two pods of the image `web:1`; `spread`: each on a node of its own. Its probes take no busy machine for a fault. */
export const webManifest = ({ spread = false, clusterIP }: { readonly spread?: boolean; readonly clusterIP?: string } = {}): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 1
      topologySpreadConstraints: [${spread ? SPREAD : ''}]
      containers:
      - name: web
        image: web:1
        readinessProbe: {httpGet: {path: /healthz, port: 8080}, periodSeconds: 1, timeoutSeconds: 10, failureThreshold: 10}
        livenessProbe: {httpGet: {path: /healthz, port: 8080}, periodSeconds: 2, timeoutSeconds: 10, failureThreshold: 30}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ${clusterIP === undefined ? '' : `clusterIP: ${clusterIP}, `}ports: [{port: 80, targetPort: 8080, nodePort: 30080}]}
`;

const SPREAD = '{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule, nodeTaintsPolicy: Honor, labelSelector: {matchLabels: {app: web}}}';
