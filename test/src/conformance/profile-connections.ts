import { credentials } from '@grpc/grpc-js';
import type { ChannelCredentials } from '@grpc/grpc-js';

/** The parts of a common connection profile (version 1.0.0) that the suite reads. */
export interface ConnectionProfile {
  readonly organizations: Readonly<
    Record<string, { readonly mspid: string; readonly peers?: readonly string[] }>
  >;
  readonly peers: Readonly<Record<string, ProfileServer>>;
  readonly orderers: Readonly<Record<string, ProfileServer>>;
}

/** A server as a profile lists it. */
export interface ProfileServer {
  /** `grpcs://host:port`. */
  readonly url: string;
  readonly tlsCACerts: { readonly pem: string };
  readonly grpcOptions?: Readonly<Record<string, unknown>>;
}

/** Where a node listens, and what a client needs to trust it. */
export interface NodeConnection {
  /** Host name in its certificate. */
  readonly name: string;
  /** `host:port`. */
  readonly address: string;
  readonly tlsRootPem: string;
}

/** The first peer of an organization. @throws Error when the profile has none */
export function peerOf(profile: ConnectionProfile, mspId: string): NodeConnection {
  const member = Object.values(profile.organizations).find(({ mspid }) => mspid === mspId);
  const [name = ''] = member?.peers ?? [];
  return connectionOf(name, profile.peers[name]);
}

/** The first ordering node. @throws Error when the profile has none */
export function ordererOf(profile: ConnectionProfile): NodeConnection {
  const [[name, server] = ['', undefined] as const] = Object.entries(profile.orderers);
  return connectionOf(name, server);
}

function connectionOf(name: string, server: ProfileServer | undefined): NodeConnection {
  if (!server) throw new Error(`the connection profile has no node "${name}"`);
  const override = server.grpcOptions?.['ssl-target-name-override'];
  return {
    name: typeof override === 'string' ? override : name,
    address: server.url.replace(/^grpcs:\/\//, ''),
    tlsRootPem: server.tlsCACerts.pem,
  };
}

/** Credentials and channel options for a node. */
export function channelTo(node: NodeConnection): [string, ChannelCredentials, object] {
  return [
    node.address,
    credentials.createSsl(Buffer.from(node.tlsRootPem)),
    {
      'grpc.ssl_target_name_override': node.name,
      'grpc.max_send_message_length': -1,
      'grpc.max_receive_message_length': -1,
      // Clients of one test file must not hand a broken connection to each other.
      'grpc.use_local_subchannel_pool': 1,
    },
  ];
}
