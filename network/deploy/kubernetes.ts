import { basename, dirname } from 'node:path/posix';
import type { IConfigMap } from 'kubernetes-models/v1/ConfigMap';
import type { IContainer } from 'kubernetes-models/v1/Container';
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import type { IPodTemplateSpec } from 'kubernetes-models/v1/PodTemplateSpec';
import type { IProbe } from 'kubernetes-models/v1/Probe';
import type { IService } from 'kubernetes-models/v1/Service';
import type { IVolume } from 'kubernetes-models/v1/Volume';
import { packageIdVariable } from './deployment';
import type { DeployedService, Deployment } from './deployment';
import { imageOf } from './images';
import { metadataOf, selectorOf } from './kubernetes-objects';
import type { KubernetesObject } from './kubernetes-objects';
import { networkPolicies } from './kubernetes-policies';
import { secretsOf } from './kubernetes-secrets';

/** Size of a node's volume and what a container may use. */
interface Footprint {
  readonly storage?: string;
  readonly cpu: string;
  readonly memory: string;
  readonly memoryLimit: string;
}

const footprints: Readonly<Record<DeployedService['kind'], Footprint>> = {
  orderer: { storage: '50Gi', cpu: '500m', memory: '512Mi', memoryLimit: '2Gi' },
  peer: { storage: '100Gi', cpu: '1', memory: '1Gi', memoryLimit: '4Gi' },
  chaincode: { cpu: '250m', memory: '256Mi', memoryLimit: '1Gi' },
  gateway: { storage: '1Gi', cpu: '250m', memory: '256Mi', memoryLimit: '1Gi' },
};

/** A chaincode keeps nothing, so a second one serves while the first is moved. */
const chaincodeReplicas = 2;
const userId = 1000;
const secretMode = 0o440;

/**
 * A network as Kubernetes manifests, one namespace for each organization: StatefulSets with volumes
 * for what keeps data, Deployments for chaincodes. Secrets are named and not made: see
 * `secretCommand`. Host names are those of the topology; see `dnsRewrites`.
 */
export function kubernetesObjects(deployment: Deployment): KubernetesObject[] {
  const { services } = deployment;
  const organizations = [...new Set(services.map((one) => one.organization))];
  return [
    ...organizations.map((name): KubernetesObject => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    })),
    ...networkPolicies(deployment),
    ...services.flatMap((service) => [
      ...configMaps(service),
      clusterService(service),
      workload(deployment, service),
      disruptionBudget(service),
    ]),
  ];
}

/**
 * Lines for the Corefile of the cluster's DNS that let the topology's host names, which stand in
 * certificates and in the channel's configuration, lead to the Services.
 */
export function dnsRewrites({ services }: Deployment): string {
  const lines = services.map(
    ({ host, label, organization }) =>
      `rewrite name ${host} ${label}.${organization}.svc.cluster.local`,
  );
  return `${lines.join('\n')}\n`;
}

function configMaps(service: DeployedService): IConfigMap[] {
  if (service.configuration.length === 0) return [];
  const files = service.configuration.map(({ target, text }) => [basename(target), text]);
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: metadataOf(service),
      data: Object.fromEntries(files) as Record<string, string>,
    },
  ];
}

function clusterService(service: DeployedService): IService {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(service),
    spec: {
      type: 'ClusterIP',
      selector: selectorOf(service),
      ports: Object.entries(service.ports).map(([name, port]) => ({
        name,
        port,
        targetPort: name,
        protocol: 'TCP',
      })),
      // Nodes that start find each other before they are ready.
      publishNotReadyAddresses: service.kind === 'orderer',
    },
  };
}

function workload(deployment: Deployment, service: DeployedService): KubernetesObject {
  const metadata = metadataOf(service);
  const selector = { matchLabels: selectorOf(service) };
  const template = podTemplate(deployment, service);
  const { storage } = footprints[service.kind];
  if (storage === undefined) {
    return {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { replicas: chaincodeReplicas, selector, template },
    };
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata,
    spec: {
      // Two processes must never have one ledger, nor one identity.
      replicas: 1,
      serviceName: service.label,
      selector,
      template,
      volumeClaimTemplates: [
        {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
        },
      ],
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    },
  };
}

function podTemplate(deployment: Deployment, service: DeployedService): IPodTemplateSpec {
  return {
    metadata: { labels: metadataOf(service).labels },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 30,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: userId,
        runAsGroup: userId,
        fsGroup: userId,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [containerOf(deployment, service)],
      volumes: volumesOf(service),
    },
  };
}

function containerOf(deployment: Deployment, service: DeployedService): IContainer {
  const { kind, ports, command, environment } = service;
  const { cpu, memory, memoryLimit } = footprints[kind];
  return {
    name: kind,
    image: imageOf(kind, deployment.fabricVersion),
    ...(command && { args: command.map(expandVariable) }),
    env: [
      ...Object.entries(environment).map(([name, value]) => ({ name, value })),
      ...packageIdOf(service),
    ],
    ports: Object.entries(ports).map(([name, port]) => ({ name, containerPort: port })),
    ...probesOf(service),
    resources: { requests: { cpu, memory }, limits: { memory: memoryLimit } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: mountsOf(service),
  };
}

/** `${NAME}`, as a shell has it, to `$(NAME)`, as Kubernetes has it. */
function expandVariable(word: string): string {
  return word.replace(/^\$\{(\w+)\}$/, '$($1)');
}

/** The package id is known after the installation only: a ConfigMap of the operator's has it. */
function packageIdOf({ kind, label, mspId }: DeployedService): IContainer['env'] & object {
  if (kind !== 'chaincode') return [];
  const configMapKeyRef = { name: packageIdMap, key: label };
  return [{ name: packageIdVariable(label, mspId), valueFrom: { configMapKeyRef } }];
}

/** Name of the ConfigMap with the package ids of a namespace's chaincodes, by chaincode. */
export const packageIdMap = 'chaincode-packages';

function probesOf(
  service: DeployedService,
): Pick<IContainer, 'startupProbe' | 'livenessProbe' | 'readinessProbe'> {
  const { health, kind } = service;
  const check: IProbe =
    health.kind === 'tcp'
      ? { tcpSocket: { port: health.port } }
      : { httpGet: { port: health.port, path: health.path } };
  // A gateway whose peer is away is not ready, and would not work better after a restart.
  const live: IProbe =
    kind === 'gateway' ? { httpGet: { port: health.port, path: '/health/live' } } : check;
  return {
    startupProbe: { ...live, periodSeconds: 5, failureThreshold: 60 },
    livenessProbe: { ...live, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
    readinessProbe: { ...check, periodSeconds: 10, timeoutSeconds: 5 },
  };
}

function mountsOf(service: DeployedService): IContainer['volumeMounts'] & object {
  const [first] = service.configuration;
  return [
    ...secretsOf(service).map(({ name, mountPath }) => ({ name, mountPath, readOnly: true })),
    ...(first ? [{ name: 'configuration', mountPath: dirname(first.target), readOnly: true }] : []),
    ...(service.dataFolder === undefined ? [] : [{ name: 'data', mountPath: service.dataFolder }]),
    { name: 'tmp', mountPath: '/tmp' },
  ];
}

function volumesOf(service: DeployedService): IVolume[] {
  return [
    ...secretsOf(service).map(({ name, files }) => ({
      name,
      secret: {
        secretName: name,
        defaultMode: secretMode,
        ...(files.every(({ key }) => key !== '') && {
          items: files.map(({ key, path }) => ({ key, path })),
        }),
      },
    })),
    ...(service.configuration.length > 0
      ? [{ name: 'configuration', configMap: { name: service.label } }]
      : []),
    { name: 'tmp', emptyDir: { sizeLimit: '256Mi' } },
  ];
}

/**
 * A drain of a node waits where there is one pod only: a peer or an ordering node is moved by an
 * operator who has seen that the others are up.
 */
function disruptionBudget(service: DeployedService): IPodDisruptionBudget {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadataOf(service),
    spec: { minAvailable: 1, selector: { matchLabels: selectorOf(service) } },
  };
}
