import type { common, msp } from '@hyperledger/fabric-protos';
import type { Topology } from '../../../topology';

/** What a genesis block is made of besides the topology. */
export interface GenesisParts {
  readonly topology: Topology;
  /** MSP configuration of each organization, by MSP id. */
  readonly mspConfigs: ReadonlyMap<string, msp.MSPConfig>;
  /** TLS certificate (PEM) of the ordering node, for its consenter entry. */
  readonly ordererTlsCertificatePem: string;
  /** Host and port that clients reach the ordering node at. */
  readonly ordererEndpoint: { readonly host: string; readonly port: number };
}

/** Block 0 of the channel: one CONFIG transaction (metadata slots 0..4 present, filter of one 0). */
export declare function buildGenesisBlock(parts: GenesisParts): common.Block;
