/** A server as a connection profile lists it. */
export interface ProfileNode {
  /** Host name of its TLS certificate; also its name in the profile. */
  readonly host: string;
  readonly port: number;
  /** Root of its TLS CA, PEM. */
  readonly tlsRootCertificatePem: string;
}

/** An organization as a connection profile lists it. */
export interface ProfileOrganization {
  readonly name: string;
  readonly mspId: string;
  readonly peer: ProfileNode;
}

/** A common connection profile (version 1.0.0) of Fabric's client libraries. */
export interface ConnectionProfile {
  readonly name: string;
  readonly version: '1.0.0';
  readonly client: { readonly organization: string };
  readonly organizations: Readonly<Record<string, ProfileMember>>;
  readonly orderers: Readonly<Record<string, ProfileServer>>;
  readonly peers: Readonly<Record<string, ProfileServer>>;
  readonly channels: Readonly<Record<string, ProfileChannel>>;
}

interface ProfileMember {
  readonly mspid: string;
  readonly peers: readonly string[];
  readonly certificateAuthorities: readonly string[];
}

interface ProfileServer {
  readonly url: string;
  readonly tlsCACerts: { readonly pem: string };
  readonly grpcOptions: Readonly<Record<string, string>>;
}

interface ProfileChannel {
  readonly orderers: readonly string[];
  readonly peers: Readonly<Record<string, Readonly<Record<string, boolean>>>>;
}

/** A CA server as a connection profile lists it. */
export interface ProfileAuthority {
  /** Its host name and name. */
  readonly name: string;
  readonly port: number;
  /** Root of its TLS certificate, PEM. */
  readonly tlsRootCertificatePem: string;
}

/** The profile that Fabric's test network writes for the clients of one organization. */
export interface OwnConnectionProfile {
  readonly name: string;
  readonly version: '1.0.0';
  readonly client: {
    readonly organization: string;
    readonly connection: { readonly timeout: { readonly peer: { readonly endorser: string } } };
  };
  readonly organizations: Readonly<Record<string, ProfileMember>>;
  readonly peers: Readonly<Record<string, ProfileServer>>;
  readonly certificateAuthorities?: Readonly<Record<string, ProfileCa>>;
}

interface ProfileCa {
  readonly url: string;
  readonly caName: string;
  readonly tlsCACerts: { readonly pem: readonly string[] };
  readonly httpOptions: { readonly verify: boolean };
}

const peerDuties = {
  endorsingPeer: true,
  chaincodeQuery: true,
  ledgerQuery: true,
  eventSource: true,
  discover: true,
};

/** A channel as a connection profile lists it. */
export interface ChannelOfProfile {
  readonly name: string;
  /** MSP ids of the organizations whose peers have joined it. */
  readonly members: readonly string[];
}

/**
 * The profile by which an organization's clients connect. It lists every peer, the orderer and
 * every channel, so that it serves clients with and without discovery.
 * @param parts.channel the first one, for which the profile is named
 */
export function connectionProfile(parts: {
  channel: string;
  channels: readonly ChannelOfProfile[];
  /** Name of the organization whose clients read it. */
  organization: string;
  organizations: readonly ProfileOrganization[];
  orderer: ProfileNode;
}): ConnectionProfile {
  const { organizations, orderer } = parts;
  return {
    name: `${parts.channel}-${parts.organization}`,
    version: '1.0.0',
    client: { organization: parts.organization },
    organizations: Object.fromEntries(organizations.map((one) => [one.name, memberOf(one)])),
    orderers: { [orderer.host]: serverOf(orderer) },
    peers: Object.fromEntries(organizations.map(({ peer }) => [peer.host, serverOf(peer)])),
    channels: Object.fromEntries(
      parts.channels.map(({ name, members }) => {
        const joined = organizations.filter(({ mspId }) => members.includes(mspId));
        const peers = Object.fromEntries(joined.map(({ peer }) => [peer.host, peerDuties]));
        return [name, { orderers: [orderer.host], peers }];
      }),
    ),
  };
}

/**
 * The profile as Fabric's test network writes it: the organization's own peer only, so it serves
 * clients with discovery.
 */
export function ownConnectionProfile(parts: {
  channel: string;
  organization: ProfileOrganization;
  /** Absent where no CA listens. */
  authority?: ProfileAuthority;
}): OwnConnectionProfile {
  const { channel, organization, authority } = parts;
  const { name, peer } = organization;
  const member = memberOf(organization);
  return {
    name: `${channel}-${name.toLowerCase()}`,
    version: '1.0.0',
    client: {
      organization: name,
      connection: { timeout: { peer: { endorser: '300' } } },
    },
    organizations: {
      [name]: { ...member, certificateAuthorities: authority ? [authority.name] : [] },
    },
    peers: { [peer.host]: serverOf(peer) },
    ...(authority && { certificateAuthorities: { [authority.name]: caOf(authority) } }),
  };
}

function caOf({ name, port, tlsRootCertificatePem }: ProfileAuthority): ProfileCa {
  return {
    url: `https://127.0.0.1:${String(port)}`,
    caName: name,
    tlsCACerts: { pem: [tlsRootCertificatePem] },
    httpOptions: { verify: false },
  };
}

function memberOf(organization: ProfileOrganization): ProfileMember {
  return {
    mspid: organization.mspId,
    peers: [organization.peer.host],
    certificateAuthorities: [],
  };
}

function serverOf(node: ProfileNode): ProfileServer {
  return {
    // The loopback address, because `localhost` may mean ::1, where nothing listens.
    url: `grpcs://127.0.0.1:${String(node.port)}`,
    tlsCACerts: { pem: node.tlsRootCertificatePem },
    grpcOptions: { 'ssl-target-name-override': node.host, hostnameOverride: node.host },
  };
}
