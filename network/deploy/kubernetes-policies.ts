import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import type { DeployedService, Deployment } from './deployment';
import { kindSelector, metadataOf, namespaceSelector, selectorOf } from './kubernetes-objects';

type Kind = DeployedService['kind'];
type Peers = NonNullable<
  NonNullable<NonNullable<INetworkPolicy['spec']>['ingress']>[number]['from']
>;

const protocol = 'TCP' as const;
const dnsPort = 53;
/** Namespaces with this label may read health and metrics. */
const monitoringLabel = 'procurement-ledger/monitoring';

/**
 * Who may talk to whom. Nothing may, but: peers and ordering nodes of all organizations among each
 * other; a peer to its own chaincodes; gateways to peers; anybody to a gateway; and
 * monitoring to the operations endpoints. So no client, and no gateway, reaches an ordering node.
 */
export function networkPolicies(deployment: Deployment): INetworkPolicy[] {
  const { services } = deployment;
  const organizations = [...new Set(services.map((one) => one.organization))];
  return [
    ...organizations.map(denyAll),
    ...services.map((service) => policyOf(service, organizations)),
  ];
}

function denyAll(namespace: string): INetworkPolicy {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'deny-all', namespace },
    spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
  };
}

function policyOf(service: DeployedService, organizations: readonly string[]): INetworkPolicy {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadataOf(service),
    spec: {
      podSelector: { matchLabels: selectorOf(service) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: ingressOf(service, organizations),
      egress: egressOf(service, organizations),
    },
  };
}

function ingressOf(
  service: DeployedService,
  organizations: readonly string[],
): NonNullable<NonNullable<INetworkPolicy['spec']>['ingress']> {
  const { kind, ports } = service;
  const own = [service.organization];
  const [main] = Object.values(ports);
  const port = main ?? 0;
  const fromMonitoring =
    ports['operations'] === undefined
      ? []
      : [
          {
            from: [{ namespaceSelector: { matchLabels: { [monitoringLabel]: 'true' } } }],
            ports: [{ protocol, port: ports['operations'] }],
          },
        ];
  const callers: Readonly<Record<Kind, Peers | undefined>> = {
    orderer: podsOf(['peer', 'orderer'], organizations),
    peer: podsOf(['peer', 'gateway'], organizations),
    chaincode: podsOf(['peer'], own),
    gateway: undefined,
  };
  const from = callers[kind];
  return [{ ...(from && { from }), ports: [{ protocol, port }] }, ...fromMonitoring];
}

function egressOf(
  service: DeployedService,
  organizations: readonly string[],
): NonNullable<NonNullable<INetworkPolicy['spec']>['egress']> {
  const own = [service.organization];
  const called: Readonly<Record<Kind, Peers>> = {
    orderer: podsOf(['orderer'], organizations),
    peer: [...podsOf(['peer', 'orderer'], organizations), ...podsOf(['chaincode'], own)],
    chaincode: [],
    gateway: podsOf(['peer'], organizations),
  };
  const to = called[service.kind];
  // A chaincode calls nobody, and needs no names.
  if (to.length === 0) return [];
  const names = (['UDP', 'TCP'] as const).map((one) => ({ protocol: one, port: dnsPort }));
  return [
    { to },
    { to: [{ namespaceSelector: namespaceSelector(['kube-system']) }], ports: names },
  ];
}

function podsOf(kinds: readonly Kind[], organizations: readonly string[]): Peers {
  return kinds.map((kind) => ({
    namespaceSelector: namespaceSelector(organizations),
    podSelector: { matchLabels: kindSelector(kind) },
  }));
}
