import { Inject, Injectable } from '@nestjs/common';
import { common } from '@hyperledger/fabric-protos';
import { commandAnswerSchema, COMMANDS, RECEIPT_HEADERS_MAX } from '@procurement/protocol';
import type { Receipt } from '@procurement/protocol';
import { ATTESTING, readEnvelope, readTransaction } from '@procurement/protocol/fabric';
import type { ReadTransaction } from '@procurement/protocol/fabric';
import { SETTINGS } from '../config/settings';
import type { Settings } from '../config/settings';
import { certificateFacts } from '../identity/certificate';
import { Identities } from '../identity/identities';
import type { Person } from '../identity/person';
import { LEDGER } from '../ledger/ledger.port';
import type { LedgerPort } from '../ledger/ledger.port';
import { validationCodeName, VALID } from '../ledger/validation-code';
import { readOrRefuse, RelayRefused } from '../relay/relay-errors';
import { RelayService } from '../relay/relay.service';
import { ChainService } from '../transactions/chain.service';
import { BlockSecrecy } from './block-secrecy';
import { configurationsOf } from './configurations';

const { SIGNATURES } = common.BlockMetadataIndex;

/** Gives people receipts of what they have signed, once two organisations hold it as valid. */
@Injectable()
export class ReceiptService {
  constructor(
    @Inject(LEDGER) private readonly ledger: LedgerPort,
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly identities: Identities,
    private readonly relay: RelayService,
    private readonly chain: ChainService,
    private readonly secrecy: BlockSecrecy,
  ) {}

  /**
   * @param person who signed the transaction; nobody else gets its receipt
   * @throws RelayRefused NOT_VALID or RELAY_CREATOR, or LedgerStageError where a peer does not
   * answer
   */
  async receiptOf(transactionId: string, person: Person): Promise<Receipt> {
    await this.#requireValid(transactionId);
    const bytes = await this.chain.blockOf(transactionId);
    const block = common.Block.deserializeBinary(bytes);
    const transaction = await ownTransaction(block, { transactionId, person });
    const isShown = !(await this.secrecy.tellsOfOthers(bytes, person));
    const [attestations, { headers, configurations }] = await Promise.all([
      Promise.all(
        this.settings.receiptOrganizations.map((mspId) => this.#attest(transactionId, mspId)),
      ),
      this.#chainFrom(bytes, block.getHeader()?.getNumber() ?? 0),
    ]);
    return {
      v: 1,
      channel: this.settings.channel,
      chaincode: this.settings.chaincode,
      transactionId,
      ...envelopeHashOf(transaction),
      block: { ...headerOf(block), ...(isShown ? contentOf(block) : signaturesOnly(block)) },
      headers,
      ...(configurations.length === 0 ? {} : { configurations: configurations.map(text) }),
      attestations,
    };
  }

  async #requireValid(transactionId: string): Promise<void> {
    const statuses = await this.relay.statuses(transactionId);
    const failed = statuses.find(({ validationCode }) => validationCode !== VALID_NAME);
    if (failed === undefined) return;
    const { mspId, validationCode } = failed;
    throw new RelayRefused('NOT_VALID', { mspId, validationCode });
  }

  async #attest(transactionId: string, peerOf: string): Promise<Receipt['attestations'][number]> {
    const { mspId, certificate, sign } = this.identities.service;
    const proposal = await this.ledger.propose({
      creator: { mspId, certificate },
      ...ATTESTING,
      args: [this.settings.channel, transactionId],
    });
    const response = await this.ledger.attest(proposal, sign, peerOf);
    const organization = peerOf as Receipt['attestations'][number]['mspId'];
    return { mspId: organization, proposal: text(proposal.bytes), response: text(response) };
  }

  /** Headers of the blocks that follow, and the configurations under which they were ordered. */
  async #chainFrom(
    bytes: Uint8Array,
    number: number,
  ): Promise<{
    readonly headers: Receipt['headers'];
    readonly configurations: readonly Uint8Array[];
  }> {
    const height = Number(await this.chain.height());
    const count = Math.max(0, Math.min(RECEIPT_HEADERS_MAX, height - 1 - number));
    const following = await Promise.all(
      Array.from({ length: count }, (_, index) => this.chain.block(number + 1 + index)),
    );
    const headers = following.map((one) => {
      const block = common.Block.deserializeBinary(one);
      return { ...headerOf(block), signatures: signaturesOf(block) };
    });
    const last = following.at(-1) ?? bytes;
    return { headers, configurations: await configurationsOf(last, (at) => this.chain.block(at)) };
  }
}

const VALID_NAME = validationCodeName(VALID);

/** @throws RelayRefused RELAY_CREATOR if somebody else signed it */
async function ownTransaction(
  block: common.Block,
  { transactionId, person }: { readonly transactionId: string; readonly person: Person },
): Promise<ReadTransaction> {
  const envelope = block.getData()?.getDataList_asU8().find(holds(transactionId));
  const { payload } = readEnvelope(envelope ?? new Uint8Array());
  const transaction = await readOrRefuse(readTransaction(payload));
  const { creator } = transaction.proposal;
  const { spki } = certificateFacts(creator.certificate);
  if (creator.mspId === person.mspId && spki === person.spki) return transaction;
  throw new RelayRefused('RELAY_CREATOR', { mspId: creator.mspId });
}

function holds(transactionId: string): (envelope: Uint8Array) => boolean {
  return (envelope) => {
    const payload = common.Envelope.deserializeBinary(envelope).getPayload_asU8();
    const header = common.Payload.deserializeBinary(payload).getHeader();
    const channelHeader = header?.getChannelHeader_asU8() ?? new Uint8Array();
    return common.ChannelHeader.deserializeBinary(channelHeader).getTxId() === transactionId;
  };
}

function envelopeHashOf({ proposal, result }: ReadTransaction): Pick<Receipt, 'envelopeHash'> {
  if (proposal.transaction !== 'bid:submit') return {};
  const answer = commandAnswerSchema.parse(JSON.parse(Buffer.from(result).toString('utf8')));
  const { envelopeHash } = COMMANDS['bid:submit'].result.parse(answer.result);
  return { envelopeHash };
}

function headerOf(
  block: common.Block,
): Pick<Receipt['block'], 'number' | 'previousHash' | 'dataHash'> {
  const header = block.getHeader() ?? new common.BlockHeader();
  return {
    number: header.getNumber(),
    previousHash: text(header.getPreviousHash_asU8()),
    dataHash: text(header.getDataHash_asU8()),
  };
}

function contentOf(block: common.Block): Pick<Receipt['block'], 'data' | 'metadata'> {
  return {
    data: (block.getData()?.getDataList_asU8() ?? []).map(text),
    metadata: (block.getMetadata()?.getMetadataList_asU8() ?? []).map(text),
  };
}

function signaturesOnly(block: common.Block): Pick<Receipt['block'], 'metadata'> {
  return { metadata: [signaturesOf(block)] };
}

function signaturesOf(block: common.Block): string {
  return text(block.getMetadata()?.getMetadataList_asU8()[SIGNATURES] ?? new Uint8Array());
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
