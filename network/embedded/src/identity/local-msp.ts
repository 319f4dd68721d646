import { msp } from '@hyperledger/fabric-protos';
import { MspError, MspRegistry } from './msp';
import type { MspIdentity } from './msp';

/** The MSP of a node's own organization, which knows nobody else. Source: msp/mgmt. */
export class LocalMsp {
  readonly mspId: string;
  readonly #registry: MspRegistry;

  /** @throws MspError when the configuration does not hold together */
  constructor(parts: { mspId: string; config: msp.MSPConfig }) {
    this.mspId = parts.mspId;
    this.#registry = new MspRegistry([parts.config]);
  }

  /**
   * @param serialized msp.SerializedIdentity bytes
   * @throws MspError when it is of another organization, with Fabric's text, or malformed
   */
  deserialize(serialized: Uint8Array): MspIdentity {
    const mspId = mspIdOf(serialized);
    if (mspId !== this.mspId) {
      throw new MspError(`expected MSP ID ${this.mspId}, received ${mspId}`);
    }
    return this.#registry.deserialize(serialized);
  }

  /** @throws MspError when the identity breaks a rule of the MSP */
  validate(identity: MspIdentity): void {
    this.#registry.validate(identity);
  }
}

function mspIdOf(serialized: Uint8Array): string {
  try {
    return msp.SerializedIdentity.deserializeBinary(serialized).getMspid();
  } catch (error) {
    throw new MspError('the identity does not decode', { cause: error });
  }
}
