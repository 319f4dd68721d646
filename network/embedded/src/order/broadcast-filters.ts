import { common } from '@hyperledger/fabric-protos';
import type { ChannelConfig } from '../config/channel-config';
import { MspError } from '../identity/msp';
import { PolicyError } from '../policy/channel-policies';
import type { SignedDatum } from '../policy/signature-policy';
import type { Clock } from '../seams';
import { decode, MalformedMessageError } from '../wire/protobuf';
import { envelopeSizeBytes } from './block-cutter';

/** Why the ordering service does not take a message. */
export interface BroadcastRefusal {
  readonly status: common.StatusMap[keyof common.StatusMap];
  readonly info: string;
}

/** What the filters look at. */
export interface FilterContext {
  readonly config: ChannelConfig;
  readonly clock: Clock;
}

interface Message {
  readonly envelope: common.Envelope;
  readonly channelHeader: common.ChannelHeader;
  readonly creator: Uint8Array;
}

/**
 * The channel that a message is for, or why none can be read out of it.
 * Source: orderer/common/multichannel/registrar.go:BroadcastChannelSupport.
 */
export function channelIdOf(envelope: common.Envelope): string | BroadcastRefusal {
  try {
    const message = readMessage(envelope);
    if (!message) return badRequest('could not determine channel ID: header not set');
    return message.channelHeader.getChannelId();
  } catch (error) {
    if (!(error instanceof MalformedMessageError)) throw error;
    return badRequest(`could not determine channel ID: ${error.message}`);
  }
}

/**
 * Checks a message of this channel on its way into a block: size, expiry of the creator's
 * certificate, and the channel's writers, in this order. Endorsements and duplicates are the
 * peers' business.
 * @param envelope one whose channel `channelIdOf` could read
 * @returns undefined when the message may be ordered
 * Source: orderer/common/broadcast/broadcast.go:ProcessMessage, orderer/common/msgprocessor.
 */
export function refusalOf(
  envelope: common.Envelope,
  context: FilterContext,
): BroadcastRefusal | undefined {
  const message = readMessage(envelope);
  if (!message) return badRequest('could not determine channel ID: header not set');
  const refusal = refuseByType(message) ?? filter(message, context);
  if (!refusal || !isUpdate(message)) return refusal;
  const info = `config update for existing channel did not pass initial checks: ${refusal.info}`;
  return { ...refusal, info };
}

/** The same filters for the configuration that the ordering node made of an update. */
export function finalRefusalOf(
  envelope: common.Envelope,
  context: FilterContext,
): BroadcastRefusal | undefined {
  const message = readMessage(envelope);
  const refusal = message && filter(message, context);
  if (!refusal) return undefined;
  const info = `config update for existing channel did not pass final checks: ${refusal.info}`;
  return { ...refusal, info };
}

/** Whether a message that passed the filters asks for another configuration. */
export function isConfigUpdate(envelope: common.Envelope): boolean {
  const message = readMessage(envelope);
  return message !== undefined && isUpdate(message);
}

function isUpdate({ channelHeader }: Message): boolean {
  return channelHeader.getType() === common.HeaderType.CONFIG_UPDATE;
}

function filter(message: Message, context: FilterContext): BroadcastRefusal | undefined {
  return (
    refuseBySize(message, context) ??
    refuseExpired(message, context) ??
    refuseByPolicy(message, context)
  );
}

/** @returns undefined when there is no header */
function readMessage(envelope: common.Envelope): Message | undefined {
  const payload = decode(common.Payload, 'Payload', envelope.getPayload_asU8());
  const header = payload.getHeader();
  if (!header) return undefined;
  const creator = decode(
    common.SignatureHeader,
    'SignatureHeader',
    header.getSignatureHeader_asU8(),
  ).getCreator_asU8();
  const channelHeader = decode(
    common.ChannelHeader,
    'ChannelHeader',
    header.getChannelHeader_asU8(),
  );
  return { envelope, channelHeader, creator };
}

function refuseByType(message: Message): BroadcastRefusal | undefined {
  switch (message.channelHeader.getType()) {
    case common.HeaderType.CONFIG:
    case common.HeaderType.ORDERER_TRANSACTION:
      return badRequest('message is of type that cannot be processed directly');
    default:
      return undefined;
  }
}

function refuseBySize(message: Message, context: FilterContext): BroadcastRefusal | undefined {
  const sizeBytes = envelopeSizeBytes(message.envelope);
  const maxBytes = context.config.batch.absoluteMaxBytes;
  if (sizeBytes <= maxBytes) return undefined;
  return badRequest(
    `message payload is ${sizeBytes} bytes and exceeds maximum allowed ${maxBytes} bytes`,
  );
}

function refuseExpired(message: Message, context: FilterContext): BroadcastRefusal | undefined {
  try {
    const notAfter = context.config.msps.deserialize(message.creator).notAfter;
    if (notAfter.getTime() > context.clock.nowMs()) return undefined;
    return badRequest('broadcast client identity expired');
  } catch (error) {
    // An identity that nobody knows has no expiry; the policy refuses it.
    if (error instanceof MspError) return undefined;
    throw error;
  }
}

function signedDatumOf({ envelope, creator }: Message): SignedDatum {
  const signature = envelope.getSignature_asU8();
  return { data: envelope.getPayload_asU8(), identity: creator, signature };
}

function refuseByPolicy(message: Message, context: FilterContext): BroadcastRefusal | undefined {
  try {
    context.config.policies.check('/Channel/Writers', [signedDatumOf(message)]);
    return undefined;
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return { status: common.Status.FORBIDDEN, info: `${error.message}: permission denied` };
  }
}

/** A refusal with the status 400. */
export function badRequest(info: string): BroadcastRefusal {
  return { status: common.Status.BAD_REQUEST, info };
}
