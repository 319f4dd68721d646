import type { DeployedService } from './deployment';

/** Version of the images that are built from this repository. */
const ownVersion = '0.1.0';

/** The exact image of a container: Fabric's official one, or one built from `images/`. */
export function imageOf(kind: DeployedService['kind'], fabricVersion: string): string {
  return isOfficial(kind)
    ? `hyperledger/fabric-${kind}:${fabricVersion}`
    : `procurement/${kind}:${ownVersion}`;
}

/** Whether the Fabric project publishes the image. */
export function isOfficial(kind: DeployedService['kind']): boolean {
  return kind === 'peer' || kind === 'orderer';
}
