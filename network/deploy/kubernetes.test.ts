import { mkdtemp, rm, access } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { IContainer } from 'kubernetes-models/v1/Container';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import type { IPodSpec } from 'kubernetes-models/v1/PodSpec';
import { createOrLoadCrypto } from '../certificates/crypto-store';
import { topology } from '../topologies/procurement';
import { planDeployment } from './deployment';
import type { Deployment } from './deployment';
import { dnsRewrites, kubernetesObjects } from './kubernetes';
import type { KubernetesObject } from './kubernetes-objects';
import { secretsOf } from './kubernetes-secrets';
import { checkManifest } from './test-support/schemas';

const raft = planDeployment({ topology, fabricVersion: '2.5.16', consensus: 'raft' });
const bft = planDeployment({ topology, fabricVersion: '3.1.5', consensus: 'bft' });

const cases: readonly [string, Deployment][] = [
  ['Raft on 2.5', raft],
  ['SmartBFT on 3.1', bft],
];

const idOf = ({ kind, metadata }: KubernetesObject): string =>
  `${kind} ${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;

interface Workload {
  readonly id: string;
  readonly namespace: string;
  readonly pod: IPodSpec;
  readonly container: IContainer;
  readonly labels: Readonly<Record<string, string>>;
  readonly claims: readonly string[];
}

type Running = Extract<KubernetesObject, { kind: 'StatefulSet' | 'Deployment' }>;

function workloads(deployment: Deployment): Workload[] {
  return kubernetesObjects(deployment)
    .filter((one): one is Running => one.kind === 'StatefulSet' || one.kind === 'Deployment')
    .map(workloadOf);
}

function workloadOf(object: Running): Workload {
  const { metadata, spec } = object;
  const pod = spec?.template.spec;
  const [container] = pod?.containers ?? [];
  if (!pod || !container) throw new Error(`${idOf(object)} has no container`);
  const { namespace = '' } = { ...metadata };
  const { labels = {} } = { ...spec.template.metadata };
  return { id: idOf(object), namespace, pod, container, labels, claims: claimsOf(object) };
}

function claimsOf(object: Running): string[] {
  if (object.kind === 'Deployment') return [];
  return (object.spec?.volumeClaimTemplates ?? []).map((one) => one.metadata?.name ?? '');
}

function policies(deployment: Deployment): INetworkPolicy[] {
  return kubernetesObjects(deployment).filter(
    (one): one is INetworkPolicy => one.kind === 'NetworkPolicy',
  );
}

type Rules = readonly {
  from?: readonly object[];
  to?: readonly object[];
  ports?: readonly { port?: unknown }[];
}[];

interface Selector {
  readonly podSelector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly namespaceSelector?: {
    readonly matchExpressions?: readonly { readonly values?: readonly string[] }[];
  };
}

/** The pods that a rule for a port lets through, as `kind in namespaces`; `anybody` without one. */
function allowed(rules: Rules, side: 'from' | 'to', port: number | undefined): string[] {
  return rules
    .filter(({ ports }) => port === undefined || ports?.some((one) => one.port === port))
    .flatMap((rule) =>
      ((rule[side] ?? [{}]) as readonly Selector[]).map(({ podSelector, namespaceSelector }) => {
        const kind = podSelector?.matchLabels?.['app.kubernetes.io/component'] ?? 'anybody';
        const names = namespaceSelector?.matchExpressions?.[0]?.values ?? [];
        return names.length === 0 ? kind : `${kind} in ${names.join(', ')}`;
      }),
    );
}

function policyOf(deployment: Deployment, id: string): INetworkPolicy {
  const found = policies(deployment).find((one) => idOf(one) === `NetworkPolicy ${id}`);
  if (!found) throw new Error(`no network policy ${id}`);
  return found;
}

const everywhere = 'auditor, ministry, vendors';

describe('Kubernetes manifests rendered from the topology', () => {
  test.each(cases)('keep to Kubernetes’ own schemas (%s)', (_, deployment) => {
    const objects = kubernetesObjects(deployment);

    for (const one of objects) checkManifest(one);
    expect(new Set(objects.map(idOf)).size).toBe(objects.length);
  });

  test.each([
    ['replicas that are a text', { replicas: '1' }],
    ['a template without containers', { template: { spec: {} } }],
    ['no selector', { selector: undefined }],
    [
      'a port that is no number',
      { template: { spec: { containers: [{ name: 'a', ports: [{}] }] } } },
    ],
  ])('would be refused with %s', (_, wrong) => {
    const spec = {
      replicas: 1,
      serviceName: 'a',
      selector: {},
      template: { spec: { containers: [{ name: 'a', image: 'a:1' }] } },
    };
    const manifest = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'a' } };

    checkManifest({ ...manifest, spec } as typeof manifest);
    expect(() => {
      checkManifest({ ...manifest, spec: { ...spec, ...wrong } } as typeof manifest);
    }).toThrow();
  });

  test('would be refused if they were of a kind without a schema', () => {
    expect(() => {
      checkManifest({ apiVersion: 'v1', kind: 'Pods' });
    }).toThrow('there is no schema of v1/Pods');
  });

  test.each(cases)('mount nothing that is not there (%s)', (_, deployment) => {
    const configMaps = kubernetesObjects(deployment)
      .filter((one) => one.kind === 'ConfigMap')
      .map((one) => `${one.metadata?.namespace ?? ''}/${one.metadata?.name ?? ''}`);
    const secrets = deployment.services.flatMap((one) =>
      secretsOf(one).map(({ name }) => `${one.organization}/${name}`),
    );
    const mounted = new Set<string>();
    for (const { namespace, pod, container, claims } of workloads(deployment)) {
      const volumes = (pod.volumes ?? []).map(({ name }) => name);
      expect((container.volumeMounts ?? []).map(({ name }) => name).sort()).toEqual(
        [...volumes, ...claims].sort(),
      );
      for (const { secret, configMap } of pod.volumes ?? []) {
        if (secret?.secretName !== undefined) mounted.add(`${namespace}/${secret.secretName}`);
        if (configMap) expect(configMaps).toContain(`${namespace}/${configMap.name ?? ''}`);
      }
    }

    expect([...mounted].sort()).toEqual([...secrets].sort());
  });

  test('take key files from where the network’s own crypto store puts them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'deploy-material-'));
    try {
      await createOrLoadCrypto({ topology, folder });
      const sources = bft.services
        .filter(({ kind }) => kind === 'peer' || kind === 'orderer')
        .flatMap((one) => secretsOf(one).flatMap(({ files }) => files.map((file) => file.source)));

      expect(sources.length).toBe(7 * 8 + 4 * 3);
      for (const source of sources) await access(join(folder, 'organizations', source));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test.each(cases)(
    'select their own pods, each with a budget and a policy (%s)',
    (_, deployment) => {
      const ids = kubernetesObjects(deployment).map(idOf);
      for (const { id } of workloads(deployment)) {
        const [, name = ''] = id.split(' ');
        expect(ids).toEqual(
          expect.arrayContaining(
            ['Service', 'PodDisruptionBudget', 'NetworkPolicy'].map((kind) => `${kind} ${name}`),
          ),
        );
      }
      for (const object of kubernetesObjects(deployment)) {
        if (object.kind !== 'Service') continue;
        const target = workloads(deployment).find(({ namespace, labels }) =>
          Object.entries({ ...object.spec?.selector }).every(
            ([key, value]) => namespace === object.metadata?.namespace && labels[key] === value,
          ),
        );
        const names = target?.container.ports?.map(({ name }) => name);
        expect(object.spec?.ports?.map(({ targetPort }) => targetPort)).toEqual(names);
      }
    },
  );

  test('run as nobody in particular, write nothing but their volumes, and have limits', () => {
    for (const { pod, container } of workloads(bft)) {
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 1000,
          seccompProfile: { type: 'RuntimeDefault' },
        },
      });
      expect(container).toMatchObject({
        image: expect.stringMatching(
          /^(hyperledger\/fabric-(peer|orderer):3\.1\.5|procurement\/\w+:[0-9.]+)$/,
        ),
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        resources: {
          requests: { cpu: expect.any(String) },
          limits: { memory: expect.any(String) },
        },
        startupProbe: expect.any(Object),
        livenessProbe: expect.any(Object),
        readinessProbe: expect.any(Object),
      });
    }
  });

  test('keep ledgers on volumes that outlive the pods, and run each node once', () => {
    const nodes = kubernetesObjects(bft).filter((one) => one.kind === 'StatefulSet');

    expect(nodes).toHaveLength(4 + 3 + 3);
    for (const { spec } of nodes) {
      expect(spec).toMatchObject({
        replicas: 1,
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      });
    }
  });

  test('let nobody talk to anybody in a namespace unless a policy says so', () => {
    for (const { organization } of bft.services) {
      expect(policyOf(bft, `${organization}/deny-all`).spec).toEqual({
        podSelector: {},
        policyTypes: ['Ingress', 'Egress'],
      });
    }
  });

  test('let only peers and ordering nodes reach an ordering node, and no client of any vendor', () => {
    for (const node of bft.plan.orderers) {
      const { label, organization } = bft.services.find(({ host }) => host === node.host) ?? {};
      const { spec } = policyOf(bft, `${organization ?? ''}/${label ?? ''}`);
      const ingress = spec?.ingress as Rules;
      expect(allowed(ingress, 'from', node.port)).toEqual([
        `peer in ${everywhere}`,
        `orderer in ${everywhere}`,
      ]);
      // Channels are joined from inside the pod.
      expect(allowed(ingress, 'from', node.secondPort)).toEqual([]);
    }
    for (const { organization } of bft.services) {
      const { spec } = policyOf(bft, `${organization}/gateway`);
      expect(allowed(spec?.egress as Rules, 'to', undefined)).toEqual([
        `peer in ${everywhere}`,
        'anybody in kube-system',
      ]);
    }
  });

  test('let only its own peer reach a chaincode, which itself reaches nobody', () => {
    const chaincodes = raft.services.filter(({ kind }) => kind === 'chaincode');

    expect(chaincodes).toHaveLength(3);
    for (const { organization, mspId } of chaincodes) {
      const port = topology.chaincodes[0]?.addresses[mspId]?.port;
      const { spec } = policyOf(raft, `${organization}/procurement`);
      expect(port).toBeGreaterThan(0);
      expect(allowed(spec?.ingress as Rules, 'from', port)).toEqual([`peer in ${organization}`]);
      expect(spec?.ingress).toHaveLength(1);
      expect(spec?.egress).toEqual([]);
    }
  });

  test('let a peer be called by peers of the channel and by gateways', () => {
    for (const node of raft.plan.peers) {
      const { organization } = raft.services.find(({ host }) => host === node.host) ?? {};
      const { spec } = policyOf(raft, `${organization ?? ''}/peer0`);
      expect(allowed(spec?.ingress as Rules, 'from', node.port)).toEqual([
        `peer in ${everywhere}`,
        `gateway in ${everywhere}`,
      ]);
    }
  });

  test('lead the host names of the topology to the Services', () => {
    expect(dnsRewrites(raft).split('\n')).toEqual(
      expect.arrayContaining([
        'rewrite name peer0.vendors.example peer0.vendors.svc.cluster.local',
        'rewrite name procurement.vendors.example procurement.vendors.svc.cluster.local',
      ]),
    );
  });
});
