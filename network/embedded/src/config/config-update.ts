import { BinaryReader } from 'google-protobuf';
import { common } from '@hyperledger/fabric-protos';
import { PolicyError } from '../policy/channel-policies';
import type { SignedDatum } from '../policy/signature-policy';
import { decode, MalformedMessageError } from '../wire/protobuf';
import { ChannelConfig, ChannelConfigError } from './channel-config';
import { ConfigUpdateError, elementsOf, isSameTree, nameFault, treeOf } from './config-elements';
import type { ConfigElement, ConfigElements } from './config-elements';

export { ConfigUpdateError } from './config-elements';

/** A configuration that an update leads to. */
export interface ProposedConfig {
  /** Content of the CONFIG transaction. */
  readonly envelope: common.ConfigEnvelope;
  readonly config: ChannelConfig;
}

/**
 * What the ordering node makes of a CONFIG_UPDATE message.
 * @throws ConfigUpdateError with Fabric's text when the update does not fit the configuration, its
 *   signatures do not satisfy the policies, or the result is no configuration
 * Source: common/configtx/validator.go:ProposeConfigUpdate, chainsupport.go:ProposeConfigUpdate
 */
export function proposeConfigUpdate(
  message: common.Envelope,
  current: ChannelConfig,
): ProposedConfig {
  const update = readUpdate(message);
  const config = new common.Config();
  config.setSequence(current.sequence + 1);
  const tree = within('error authorizing update', () => updatedTree(update, current));
  config.setChannelGroup(tree);
  const envelope = new common.ConfigEnvelope();
  envelope.setConfig(config);
  envelope.setLastUpdate(message);
  return { envelope, config: successor(current, config) };
}

/**
 * Checks the content of a CONFIG transaction as a peer does before it takes effect.
 * @returns the new configuration
 * @throws ConfigUpdateError
 * Source: common/configtx/validator.go:Validate
 */
export function validateConfig(
  envelope: common.ConfigEnvelope,
  current: ChannelConfig,
): ChannelConfig {
  const config = envelope.getConfig();
  const message = envelope.getLastUpdate();
  if (!config || !message) throw new ConfigUpdateError('config envelope has nil config');
  if (config.getSequence() !== current.sequence + 1) {
    throw new ConfigUpdateError(
      `config currently at sequence ${current.sequence}, cannot validate config at sequence ` +
        `${config.getSequence()}`,
    );
  }
  const tree = updatedTree(readUpdate(message), current);
  const given = config.getChannelGroup();
  if (!given || !isSameTree(tree, given)) {
    throw new ConfigUpdateError(
      'ConfigEnvelope LastUpdate did not produce the supplied config result',
    );
  }
  return successor(current, config);
}

function readUpdate(message: common.Envelope): common.ConfigUpdateEnvelope {
  return within('error converting envelope to config update', () => {
    const payload = decode(common.Payload, 'Payload', message.getPayload_asU8());
    return decode(common.ConfigUpdateEnvelope, 'ConfigUpdateEnvelope', payload.getData_asU8());
  });
}

/** Source: common/configtx/update.go:authorizeUpdate. */
function updatedTree(
  envelope: common.ConfigUpdateEnvelope,
  current: ChannelConfig,
): common.ConfigGroup {
  const update = decodeUpdate(envelope.getConfigUpdate_asU8());
  if (update.getChannelId() !== current.channelId) {
    throw new ConfigUpdateError(
      `ConfigUpdate for channel '${update.getChannelId()}' but envelope for channel ` +
        `'${current.channelId}'`,
    );
  }
  const existing = elementsOf(current.config.getChannelGroup());
  const readSet = within('error mapping ReadSet', () => elementsOf(update.getReadSet()));
  within('error validating ReadSet', () => {
    checkReadSet(readSet, existing);
  });
  const writeSet = within('error mapping WriteSet', () => elementsOf(update.getWriteSet()));
  const changes = changesOf(readSet, writeSet);
  within('error validating DeltaSet', () => {
    checkChanges(changes, { existing, current, signed: signedData(envelope) });
  });
  const result = new Map([...existing, ...changes]);
  const lost = [...writeSet.keys()].find((path) => !result.has(path));
  if (lost !== undefined) {
    throw new ConfigUpdateError(
      `full config did not verify: writeset contained key ${lost} which did not appear in ` +
        'proposed config',
    );
  }
  return treeOf(result);
}

function within<T>(prefix: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const isRefusal = error instanceof ConfigUpdateError || error instanceof MalformedMessageError;
    throw isRefusal ? new ConfigUpdateError(`${prefix}: ${error.message}`) : error;
  }
}

function decodeUpdate(bytes: Uint8Array): common.ConfigUpdate {
  try {
    checkChannelText(bytes);
    return common.ConfigUpdate.deserializeBinary(bytes);
  } catch (error) {
    if (error instanceof ConfigUpdateError) throw error;
    throw new ConfigUpdateError('proto: cannot parse invalid wire-format data');
  }
}

/** The generated code takes any bytes for a text; Go refuses those that are none. */
function checkChannelText(bytes: Uint8Array): void {
  const reader = new BinaryReader(bytes);
  while (reader.nextField()) {
    if (reader.getFieldNumber() !== 1) {
      reader.skipField();
      continue;
    }
    const text = reader.readBytes();
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(text);
    } catch {
      throw new ConfigUpdateError('string field contains invalid UTF-8');
    }
  }
}

function checkReadSet(readSet: ConfigElements, existing: ConfigElements): void {
  for (const [path, { content }] of readSet) {
    const found = existing.get(path);
    if (!found) {
      throw new ConfigUpdateError(
        `existing config does not contain element for ${path} but was in the read set`,
      );
    }
    if (found.content.getVersion() !== content.getVersion()) {
      throw new ConfigUpdateError(
        `proposed update requires that key ${path} be at version ${content.getVersion()}, but it ` +
          `is currently at version ${found.content.getVersion()}`,
      );
    }
  }
}

/** What is written at another version than it was read at. */
function changesOf(readSet: ConfigElements, writeSet: ConfigElements): ConfigElements {
  return new Map(
    [...writeSet].filter(
      ([path, { content }]) => readSet.get(path)?.content.getVersion() !== content.getVersion(),
    ),
  );
}

interface ChangeContext {
  readonly existing: ConfigElements;
  readonly current: ChannelConfig;
  readonly signed: readonly SignedDatum[];
}

/** Source: common/configtx/update.go:verifyDeltaSet. */
function checkChanges(changes: ConfigElements, context: ChangeContext): void {
  if (changes.size === 0) {
    throw new ConfigUpdateError('delta set was empty -- update would have no effect');
  }
  for (const [path, change] of changes) {
    within(`invalid mod_policy for element ${path}`, () => {
      checkModPolicy(change.content.getModPolicy());
    });
    checkVersion(path, change, context);
    const found = context.existing.get(path);
    if (found) checkPermission(path, found, context);
  }
}

function checkModPolicy(modPolicy: string): void {
  if (modPolicy === '') throw new ConfigUpdateError('mod_policy not set');
  modPolicy
    .replace(/^\//, '')
    .split('/')
    .forEach((part, index) => {
      const fault = nameFault(part);
      if (fault === undefined) return;
      throw new ConfigUpdateError(`path element at ${String(index)} is invalid: ${fault}`);
    });
}

function checkVersion(path: string, change: ConfigElement, { existing }: ChangeContext): void {
  const version = change.content.getVersion();
  const found = existing.get(path)?.content.getVersion();
  if (found === undefined) {
    if (version === 0) return;
    throw new ConfigUpdateError(
      `attempted to set key ${path} to version ${version}, but key does not exist`,
    );
  }
  if (version === found + 1) return;
  throw new ConfigUpdateError(
    `attempt to set key ${path} to version ${version}, but key is at version ${found}`,
  );
}

/** The policy of the element as it is now decides, not the one that the update gives it. */
function checkPermission(path: string, found: ConfigElement, context: ChangeContext): void {
  const { policies } = context.current;
  const policy = policyPath(found);
  if (!policies.has(policy)) {
    throw new ConfigUpdateError(
      `unexpected missing policy ${found.content.getModPolicy()} for item ${path}`,
    );
  }
  try {
    policies.check(policy, context.signed);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw new ConfigUpdateError(`policy for ${path} not satisfied: ${error.message}`);
  }
}

/** A relative policy of a group is its own, that of a value or policy is of the group around. */
function policyPath({ kind, path, key, content }: ConfigElement): string {
  const modPolicy = content.getModPolicy();
  if (modPolicy.startsWith('/')) return modPolicy;
  const group = kind === 'Group' ? [...path, key] : path;
  return `/${[...group, modPolicy].join('/')}`;
}

function signedData(envelope: common.ConfigUpdateEnvelope): SignedDatum[] {
  const update = envelope.getConfigUpdate_asU8();
  return envelope.getSignaturesList().map((one) => {
    const header = one.getSignatureHeader_asU8();
    const signer = decode(common.SignatureHeader, 'SignatureHeader', header);
    return {
      data: Buffer.concat([header, update]),
      identity: signer.getCreator_asU8(),
      signature: one.getSignature_asU8(),
    };
  });
}

/** Source: common/channelconfig/bundle.go:ValidateNew. */
function successor(current: ChannelConfig, config: common.Config): ChannelConfig {
  try {
    const next = ChannelConfig.fromConfig(current.channelId, config);
    if (next.consensusType !== current.consensusType) {
      throw new ConfigUpdateError(
        `attempted to change consensus type from ${current.consensusType} to ${next.consensusType}`,
      );
    }
    return next;
  } catch (error) {
    if (!(error instanceof ChannelConfigError)) throw error;
    throw new ConfigUpdateError(`initializing channelconfig failed: ${error.message}`);
  }
}
