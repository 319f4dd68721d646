import { join } from 'node:path';
import { messageMaxBytes } from './node-place';
import type { NodePlace } from './node-place';

/** What an ordering node's configuration is made from besides what every node needs. */
export interface OrdererPlace extends NodePlace {
  /** Root certificates of the TLS CAs of all organizations with ordering nodes: its peers' TLS. */
  readonly clusterRootCas: readonly string[];
}

/**
 * An ordering node's `orderer.yaml` as data. It has no system channel: channels are joined at the
 * admin endpoint, which asks for a client certificate of the node's own organization.
 * Source: sampleconfig/orderer.yaml, orderer/common/localconfig/config.go.
 */
export function ordererDocument(place: OrdererPlace): object {
  const { node, folders, bindHost } = place;
  const tls = tlsFiles(folders.tls);
  return {
    General: generalSection(place),
    FileLedger: { Location: join(folders.data, 'ledger') },
    Operations: {
      ListenAddress: `${bindHost}:${String(node.operationsPort)}`,
      TLS: { Enabled: false },
    },
    Metrics: { Provider: place.metrics ? 'prometheus' : 'disabled' },
    Admin: {
      ListenAddress: `${bindHost}:${String(node.secondPort)}`,
      TLS: {
        Enabled: true,
        Certificate: tls.certificate,
        PrivateKey: tls.key,
        RootCAs: [tls.root],
        ClientAuthRequired: true,
        ClientRootCAs: [tls.root],
      },
    },
    ChannelParticipation: { Enabled: true, MaxRequestBodySize: '1 MB' },
    Consensus: {
      WALDir: join(folders.data, 'consensus', 'wal'),
      SnapDir: join(folders.data, 'consensus', 'snapshot'),
      EvictionSuspicion: '10m',
    },
  };
}

function generalSection(place: OrdererPlace): object {
  const { node, folders, bindHost } = place;
  const tls = tlsFiles(folders.tls);
  return {
    ListenAddress: bindHost,
    ListenPort: node.port,
    TLS: {
      Enabled: true,
      Certificate: tls.certificate,
      PrivateKey: tls.key,
      RootCAs: [tls.root],
      ClientAuthRequired: false,
    },
    // Without a listener of its own the cluster shares the one above.
    Cluster: {
      SendBufferSize: 100,
      ClientCertificate: tls.certificate,
      ClientPrivateKey: tls.key,
      RootCAs: place.clusterRootCas,
    },
    Keepalive: { ServerMinInterval: '60s', ServerInterval: '7200s', ServerTimeout: '20s' },
    MaxRecvMsgSize: messageMaxBytes,
    MaxSendMsgSize: messageMaxBytes,
    BootstrapMethod: 'none',
    LocalMSPDir: folders.msp,
    LocalMSPID: node.mspId,
    BCCSP: { Default: 'SW', SW: { Hash: 'SHA2', Security: 256 } },
    Authentication: { TimeWindow: place.timeWindow },
  };
}

function tlsFiles(folder: string): { certificate: string; key: string; root: string } {
  return {
    certificate: join(folder, 'server.crt'),
    key: join(folder, 'server.key'),
    root: join(folder, 'ca.crt'),
  };
}
