import { packageIdVariable } from './deployment';
import type { DeployedService, Deployment, HealthProbe } from './deployment';
import { imageOf, isOfficial } from './images';

/** A service of a Compose file, as far as it is used here (Compose Specification, services). */
export interface ComposeService {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly hostname: string;
  readonly restart: 'unless-stopped';
  readonly read_only: true;
  readonly cap_drop: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt: readonly string[];
  readonly user?: string;
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly healthcheck: object;
  readonly ports?: readonly string[];
  readonly networks: Readonly<Record<string, { readonly aliases: readonly string[] }>>;
  readonly volumes: readonly ComposeMount[];
  readonly tmpfs: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly stop_grace_period: string;
  readonly logging: object;
}

/** A mount of a service. */
export interface ComposeMount {
  readonly type: 'bind' | 'volume';
  readonly source: string;
  readonly target: string;
  readonly read_only?: boolean;
  readonly bind?: { readonly create_host_path: boolean };
}

/** A Compose file as data. */
export interface ComposeDocument {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, object>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
}

const loopback = '127.0.0.1';
/** The first gateway is published here, the next ones above it. */
const firstGatewayPort = 8080;
/** Connects all peers and ordering nodes; no gateway and no chaincode is in it. */
const channelNetwork = 'channel';
/** Connects gateways to peers; no ordering node is in it. */
const clientNetwork = 'clients';

/**
 * A network as a Compose file. Its networks keep apart what need not meet: the channel's has peers
 * and ordering nodes; the clients' has peers and gateways; and each organization's has its peer and
 * its chaincodes, without a way out. What is published, is so on 127.0.0.1, and the port at which
 * ordering nodes take transactions is not.
 */
export function composeDocument(deployment: Deployment): ComposeDocument {
  const { services } = deployment;
  const organizations = [...new Set(services.map((one) => one.organization))];
  return {
    services: Object.fromEntries(
      services.map((service) => [service.host, composeService(deployment, service)]),
    ),
    volumes: Object.fromEntries(
      services.flatMap((one) => (one.dataFolder === undefined ? [] : [[volumeOf(one), {}]])),
    ),
    networks: {
      [channelNetwork]: {},
      [clientNetwork]: {},
      ...Object.fromEntries(
        organizations.flatMap((name) => [[chaincodeNetwork(name), { internal: true }]]),
      ),
    },
  };
}

function composeService(deployment: Deployment, service: DeployedService): ComposeService {
  const isOwn = !isOfficial(service.kind);
  const peer = deployment.plan.peers.find(({ mspId }) => mspId === service.mspId);
  const ports = publishedPorts(deployment, service);
  return {
    image: imageOf(service.kind, deployment.fabricVersion),
    ...(isOwn && { build: buildOf(service.kind) }),
    hostname: service.host,
    restart: 'unless-stopped',
    read_only: true,
    cap_drop: ['ALL'],
    // The official images run as root, which without this one cannot read the owner's key files.
    ...(isOwn ? { user: '${CONTAINER_USER:-1000:1000}' } : { cap_add: ['DAC_OVERRIDE'] }),
    security_opt: ['no-new-privileges:true'],
    ...(service.command && { command: service.command.map((word) => required(word)) }),
    environment: environmentOf(deployment, service),
    healthcheck: {
      test: healthTest(service),
      interval: '10s',
      timeout: '5s',
      retries: 6,
      start_period: '30s',
    },
    ...(ports.length > 0 && { ports }),
    networks: networksOf(service),
    volumes: mountsOf(service),
    tmpfs: ['/tmp'],
    ...(service.kind === 'gateway' &&
      peer && { depends_on: { [peer.host]: { condition: 'service_healthy' } } }),
    stop_grace_period: '30s',
    logging: { driver: 'json-file', options: { 'max-size': '50m', 'max-file': '5' } },
  };
}

/** The variable of a command, which must be set: a chaincode without its package id is refused. */
function required(word: string): string {
  return word.replace(/^\$\{(\w+)\}$/, '${$1:?the package id that install printed}');
}

function buildOf(kind: DeployedService['kind']): ComposeService['build'] & object {
  return {
    context: '${SOURCE:?the folder of the source code}',
    dockerfile: `network/deploy/images/${kind}.Dockerfile`,
  };
}

function chaincodeNetwork(organization: string): string {
  return `${organization}-chaincode`;
}

function networksOf(service: DeployedService): ComposeService['networks'] {
  const { kind, organization, host } = service;
  const names = {
    orderer: [channelNetwork],
    peer: [channelNetwork, chaincodeNetwork(organization), clientNetwork],
    chaincode: [chaincodeNetwork(organization)],
    gateway: [clientNetwork],
  }[kind];
  return Object.fromEntries(names.map((name) => [name, { aliases: [host] }]));
}

/** A gateway is reached where it is published, unless `.env` names another address. */
function environmentOf(
  deployment: Deployment,
  service: DeployedService,
): ComposeService['environment'] {
  if (service.kind !== 'gateway') return service.environment;
  const usual = `http://${publishedGateway(deployment, service)}`;
  const url = `\${${gatewayUrlVariable(service)}:-${usual}}`;
  return { ...service.environment, PROCUREMENT_PUBLIC_URL: url };
}

function gatewayUrlVariable({ organization }: DeployedService): string {
  return `GATEWAY_URL_${organization.toUpperCase().replace(/\W/g, '_')}`;
}

function publishedGateway({ services }: Deployment, service: DeployedService): string {
  const gateways = services.filter(({ kind }) => kind === 'gateway');
  return `${loopback}:${String(firstGatewayPort + gateways.indexOf(service))}`;
}

function publishedPorts(deployment: Deployment, service: DeployedService): string[] {
  const { kind, ports } = service;
  if (kind === 'gateway') {
    return [`${publishedGateway(deployment, service)}:${String(ports['http'])}`];
  }
  return Object.entries(ports)
    .filter(([name]) => kind === 'peer' || (kind === 'orderer' && name !== 'grpc'))
    .map(([, port]) => `${loopback}:${String(port)}:${String(port)}`);
}

function mountsOf(service: DeployedService): ComposeMount[] {
  const bind = (source: string, target: string): ComposeMount => ({
    type: 'bind',
    source,
    target,
    read_only: true,
    // A missing key must be a refusal, not an empty folder of that name.
    bind: { create_host_path: false },
  });
  return [
    ...service.configuration.map(({ path, target }) => bind(`./${path}`, target)),
    ...service.material.map(({ source, target }) =>
      bind(`\${ORGANIZATIONS:-./organizations}/${source}`, target),
    ),
    ...(service.dataFolder === undefined
      ? []
      : [{ type: 'volume' as const, source: volumeOf(service), target: service.dataFolder }]),
  ];
}

function volumeOf({ host }: DeployedService): string {
  return `data-${host}`;
}

function healthTest({ kind, health }: DeployedService): string[] {
  // The official images have bash and no HTTP client; those of this repository have Node.
  if (isOfficial(kind)) return ['CMD', 'bash', '-c', bashProbe(health)];
  return ['CMD', 'node', '-e', nodeProbe(health)];
}

function bashProbe(health: HealthProbe): string {
  const open = `exec 3<>/dev/tcp/${loopback}/${String(health.port)}`;
  if (health.kind === 'tcp') return open;
  return (
    `${open} && printf 'GET ${health.path} HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && ` +
    `head -n 1 <&3 | grep -q ' 200 '`
  );
}

function nodeProbe(health: HealthProbe): string {
  const port = String(health.port);
  if (health.kind === 'http') {
    return (
      `fetch('http://${loopback}:${port}${health.path}')` +
      `.then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))`
    );
  }
  return (
    `require('net').connect(${port}, '${loopback}')` +
    `.on('connect', () => process.exit(0)).on('error', () => process.exit(1))`
  );
}

/** The variables of the Compose file, with what each is for: the text of `.env.example`. */
export function composeVariables(deployment: Deployment): string {
  const { services, plan } = deployment;
  const lines = [
    `COMPOSE_PROJECT_NAME=${plan.topology.channel}`,
    '# Folder of this source code, from which the images of gateway and chaincode are built.',
    'SOURCE=',
    '# Folder with peerOrganizations and ordererOrganizations.',
    'ORGANIZATIONS=./organizations',
    '# User and group who own the key files of gateways and chaincodes.',
    'CONTAINER_USER=1000:1000',
    '# Addresses of the gateways as people reach them, who sign in to exactly these.',
    ...services
      .filter(({ kind }) => kind === 'gateway')
      .map((one) => `${gatewayUrlVariable(one)}=http://${publishedGateway(deployment, one)}`),
    '# Package ids of the chaincodes, as `npm run render -- package` prints them.',
    ...services.flatMap(({ kind, label, mspId }) =>
      kind === 'chaincode' ? [`${packageIdVariable(label, mspId)}=`] : [],
    ),
  ];
  return `${lines.join('\n')}\n`;
}
