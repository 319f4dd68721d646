import { join } from 'node:path';
import { messageMaxBytes } from './node-place';
import type { NodePlace } from './node-place';

/** What a peer's configuration is made from besides what every node needs. */
export interface PeerPlace extends NodePlace {
  /** Folder of the `ccaas` external builder, the one that holds `bin/`. */
  readonly builderFolder: string;
  /** Longest that a chaincode may take for one call, as Go writes a duration. */
  readonly executeTimeout: string;
}

/** Default of `PeerPlace.executeTimeout`. */
export const defaultExecuteTimeout = '10s';

/**
 * A peer's `core.yaml` as data. It states every setting that a peer does not choose well by itself;
 * an environment variable `CORE_…` would override one, so the launcher passes none on.
 * Source: sampleconfig/core.yaml, core/peer/config.go.
 */
export function coreDocument(place: PeerPlace): object {
  return {
    peer: peerSection(place),
    vm: { endpoint: '' },
    chaincode: chaincodeSection(place),
    ledger: ledgerSection(place),
    operations: {
      listenAddress: `${place.bindHost}:${String(place.node.operationsPort)}`,
      tls: { enabled: false },
    },
    metrics: { provider: place.metrics ? 'prometheus' : 'disabled' },
  };
}

function peerSection(place: PeerPlace): object {
  const { node, folders, bindHost, advertisedHost } = place;
  return {
    id: node.host,
    networkId: 'network',
    listenAddress: `${bindHost}:${String(node.port)}`,
    chaincodeListenAddress: `${bindHost}:${String(node.secondPort)}`,
    address: `${advertisedHost}:${String(node.port)}`,
    localMspId: node.mspId,
    localMspType: 'bccsp',
    mspConfigPath: folders.msp,
    fileSystemPath: folders.data,
    gateway: {
      enabled: true,
      endorsementTimeout: '30s',
      broadcastTimeout: '30s',
      dialTimeout: '5s',
    },
    keepalive: {
      interval: '7200s',
      timeout: '20s',
      minInterval: '60s',
      client: { interval: '60s', timeout: '20s' },
      deliveryClient: { interval: '60s', timeout: '20s' },
    },
    gossip: gossipSection(place),
    tls: {
      enabled: true,
      clientAuthRequired: false,
      cert: { file: join(folders.tls, 'server.crt') },
      key: { file: join(folders.tls, 'server.key') },
      rootcert: { file: join(folders.tls, 'ca.crt') },
    },
    authentication: { timewindow: place.timeWindow },
    BCCSP: { Default: 'SW', SW: { Hash: 'SHA2', Security: 256 } },
    client: { connTimeout: '5s' },
    deliveryclient: {
      // Blocks come from the ordering service alone, at every peer.
      blockGossipEnabled: false,
      reconnectTotalTimeThreshold: '3600s',
      connTimeout: '3s',
      reConnectBackoffThreshold: '5s',
    },
    handlers: handlersSection(place),
    discovery: {
      enabled: true,
      authCacheEnabled: true,
      authCacheMaxSize: 1000,
      authCachePurgeRetentionRatio: 0.75,
      orgMembersAllowedAccess: false,
    },
    limits: {
      concurrency: { endorserService: 2500, deliverService: 2500, gatewayService: 500 },
    },
    maxRecvMsgSize: messageMaxBytes,
    maxSendMsgSize: messageMaxBytes,
  };
}

/**
 * Peers find those of other organizations by the channel's anchor peers. Each peer takes blocks
 * from the ordering service itself, so nothing is elected and no blocks are gossiped; what stays is
 * membership and private data.
 */
function gossipSection({ node, advertisedHost }: PeerPlace): object {
  const endpoint = `${advertisedHost}:${String(node.port)}`;
  return {
    bootstrap: endpoint,
    endpoint,
    externalEndpoint: endpoint,
    useLeaderElection: false,
    orgLeader: true,
    membershipTrackerInterval: '1s',
    publishStateInfoInterval: '1s',
    requestStateInfoInterval: '1s',
    aliveTimeInterval: '2s',
    aliveExpirationTimeout: '10s',
    reconnectInterval: '2s',
    state: { enabled: false },
    pvtData: {
      pullRetryThreshold: '5s',
      transientstoreMaxBlockRetention: 20_000,
      pushAckTimeout: '3s',
      btlPullMargin: 10,
      reconcileBatchSize: 10,
      reconcileSleepInterval: '1m',
      reconciliationEnabled: true,
      skipPullingInvalidTransactionsDuringCommit: false,
      implicitCollectionDisseminationPolicy: { requiredPeerCount: 0, maxPeerCount: 1 },
    },
  };
}

/** Fabric 2.5 does not know the filter by time, and a peer ends where it meets an unknown name. */
function handlersSection({ fabric }: PeerPlace): object {
  const filters = ['DefaultAuth', 'ExpirationCheck', ...(fabric === '2.5' ? [] : [timeFilter])];
  return {
    authFilters: filters.map((name) => ({ name })),
    decorators: [{ name: 'DefaultDecorator' }],
    endorsers: { escc: { name: 'DefaultEndorsement' } },
    validators: { vscc: { name: 'DefaultValidation' } },
  };
}

const timeFilter = 'TimeWindowCheck';

function chaincodeSection({ builderFolder, executeTimeout, fabric }: PeerPlace): object {
  return {
    mode: 'net',
    externalBuilders: [
      {
        name: 'ccaas_builder',
        path: builderFolder,
        propagateEnvironment: ['CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG'],
      },
    ],
    installTimeout: '60s',
    startuptimeout: '60s',
    executetimeout: executeTimeout,
    // A chaincode on Node ends where a peer sends it a keepalive message.
    keepalive: 0,
    system: { _lifecycle: 'enable', cscc: 'enable', lscc: 'enable', qscc: 'enable' },
    ...(fabric === '3.1' && {
      runtimeParams: {
        useWriteBatch: true,
        maxSizeWriteBatch: 1000,
        useGetMultipleKeys: true,
        maxSizeGetMultipleKeys: 1000,
      },
    }),
  };
}

function ledgerSection({ folders }: PeerPlace): object {
  return {
    state: { stateDatabase: 'goleveldb', totalQueryLimit: 100_000 },
    history: { enableHistoryDatabase: true },
    pvtdataStore: {
      collElgProcMaxDbBatchSize: 5000,
      collElgProcDbBatchesInterval: 1000,
      deprioritizedDataReconcilerInterval: '60m',
      purgeInterval: 100,
      purgedKeyAuditLogging: true,
    },
    snapshots: { rootDir: join(folders.data, 'snapshots') },
  };
}
