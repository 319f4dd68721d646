import { common } from '@hyperledger/fabric-protos';
import { computeUpdate } from './compute-update';
import { OrdererClient, signatureHeader, signedEnvelope } from './orderer-client';
import type { OrdererTarget } from './orderer-client';
import type { MessageSigner } from '../messages/signer';

/** Which channel is changed, by whom and how. */
export interface ConfigUpdateParts {
  readonly channel: string;
  readonly orderer: OrdererTarget;
  /** Reads the configuration and sends the update; needs the channel's Readers and Writers. */
  readonly submitter: MessageSigner;
  /** Those whose consent the policies ask for, often administrators of several organizations. */
  readonly signers: readonly MessageSigner[];
  /** Changes the configuration in place; versions are set afterwards. */
  readonly change: (config: common.Config) => void;
  /** Longest wait for one answer; default 60 s. */
  readonly timeoutMs?: number;
}

/** Where the new configuration stands. */
export interface ConfigUpdated {
  readonly blockNumber: number;
  /** Number of the configuration; the first of a channel is 0. */
  readonly sequence: number;
}

const defaultTimeoutMs = 60_000;

/**
 * Changes the configuration of a channel: takes the present one from the ordering node, works out
 * the difference, has it signed, sends it, and waits for the block that holds the result. Peers
 * follow that block a little later.
 * @throws NoConfigChangeError when `change` changes nothing
 * @throws OrdererRefusal with Fabric's reason, such as a policy that the signers do not satisfy
 */
export async function updateConfig(parts: ConfigUpdateParts): Promise<ConfigUpdated> {
  const client = new OrdererClient(parts.orderer, parts.timeoutMs ?? defaultTimeoutMs);
  try {
    const present = await currentConfig(client, parts);
    const signed = signedUpdate(present.config, parts);
    await client.broadcast(signed);
    return await successorOf(client, present, parts);
  } finally {
    client.close();
  }
}

/** The present configuration of a channel. @throws OrdererRefusal */
export async function fetchConfig(
  parts: Omit<ConfigUpdateParts, 'signers' | 'change'>,
): Promise<common.Config> {
  const client = new OrdererClient(parts.orderer, parts.timeoutMs ?? defaultTimeoutMs);
  try {
    return (await currentConfig(client, parts)).config;
  } finally {
    client.close();
  }
}

type ReadParts = Pick<ConfigUpdateParts, 'channel' | 'submitter'>;

interface PresentConfig {
  readonly config: common.Config;
  /** Number of the newest block. */
  readonly newest: number;
}

async function currentConfig(client: OrdererClient, parts: ReadParts): Promise<PresentConfig> {
  const newest = await firstBlock(client, parts, 'newest');
  const config = configOf(await firstBlock(client, parts, lastConfigNumberOf(newest)));
  if (!config) throw new Error(`the last configuration block of ${parts.channel} holds none`);
  return { config, newest: numberOf(newest) };
}

async function firstBlock(
  client: OrdererClient,
  { channel, submitter: signer }: ReadParts,
  from: number | 'newest',
): Promise<common.Block> {
  for await (const block of client.blocks({ channel, from, signer })) return block;
  throw new Error(`the ordering node has no block of ${channel}`);
}

function signedUpdate(config: common.Config, parts: ConfigUpdateParts): common.Envelope {
  const changed = common.Config.deserializeBinary(config.serializeBinary());
  parts.change(changed);
  const update = computeUpdate({
    channel: parts.channel,
    original: groupOf(config),
    updated: groupOf(changed),
  }).serializeBinary();
  const envelope = new common.ConfigUpdateEnvelope();
  envelope.setConfigUpdate(update);
  for (const signer of parts.signers) envelope.addSignatures(signatureOf(update, signer));
  return signedEnvelope({
    channel: parts.channel,
    type: common.HeaderType.CONFIG_UPDATE,
    data: envelope.serializeBinary(),
    signer: parts.submitter,
  });
}

function groupOf(config: common.Config): common.ConfigGroup {
  const group = config.getChannelGroup();
  if (!group) throw new Error('the configuration has no channel group');
  return group;
}

function signatureOf(update: Uint8Array, signer: MessageSigner): common.ConfigSignature {
  const header = signatureHeader(signer);
  const signature = new common.ConfigSignature();
  signature.setSignatureHeader(header);
  signature.setSignature(signer.sign(Buffer.concat([header, update])));
  return signature;
}

/** The next configuration block after the present one. */
async function successorOf(
  client: OrdererClient,
  present: PresentConfig,
  { channel, submitter: signer }: ReadParts,
): Promise<ConfigUpdated> {
  for await (const block of client.blocks({ channel, from: present.newest + 1, signer })) {
    const sequence = configOf(block)?.getSequence();
    if (sequence !== undefined) return { blockNumber: numberOf(block), sequence };
  }
  throw new Error(`the blocks of ${channel} ended before the new configuration`);
}

function numberOf(block: common.Block): number {
  return block.getHeader()?.getNumber() ?? 0;
}

function lastConfigNumberOf(block: common.Block): number {
  const slot = block.getMetadata()?.getMetadataList_asU8()[common.BlockMetadataIndex.SIGNATURES];
  const value = common.Metadata.deserializeBinary(slot ?? new Uint8Array()).getValue_asU8();
  return common.OrdererBlockMetadata.deserializeBinary(value).getLastConfig()?.getIndex() ?? 0;
}

/** The configuration that a block holds, undefined for a block of transactions. */
function configOf(block: common.Block): common.Config | undefined {
  const [bytes] = block.getData()?.getDataList_asU8() ?? [];
  const envelope = common.Envelope.deserializeBinary(bytes ?? new Uint8Array());
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  const header = payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array();
  const type = common.ChannelHeader.deserializeBinary(header).getType();
  if (type !== common.HeaderType.CONFIG) return undefined;
  return common.ConfigEnvelope.deserializeBinary(payload.getData_asU8()).getConfig();
}
