/** Stores outside the ledger, and bids that keep something in them. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  bidKeyOf,
  decodeCanonical,
  derOfRaw,
  type Stored,
  type StoreReceipt,
  storePossessionMessage,
  storeReceiptMessage,
  toBase64url,
} from '@procurement/protocol';
import { seal, type SealedBid } from '@procurement/sealed';
import { CHAINCODE, CHANNEL, type Person, personOf } from './ledger';
import type { Procurement } from './procurement';
import type { Offer } from './sealed-bids';

const LARGEST_BUCKET = 65_536;
const ledger = { channel: CHANNEL, chaincode: CHAINCODE };

/** What the stores of the tests are called, and whose they are. */
export const STORES = [
  ['store-auditor', 'AuditorMSP'],
  ['store-ministry', 'MinistryMSP'],
  ['store-vendors', 'VendorMSP'],
] as const;

/** A store with the key that signs its receipts. */
export class TestStore {
  readonly storeId: string;
  readonly gateway: Person;
  readonly publicKey: string;
  readonly #privateKey: KeyObject;

  constructor(storeId: string, mspId: string, gateway = personOf(mspId, { role: 'gateway' })) {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.storeId = storeId;
    this.gateway = gateway;
    this.publicKey = toBase64url(pair.publicKey.export({ format: 'der', type: 'spki' }));
    this.#privateKey = pair.privateKey;
  }

  /** Input of `store:register`, without its requestId. */
  get registration(): Record<string, unknown> {
    const { storeId, publicKey } = this;
    const message = storePossessionMessage({ ...ledger, storeId, publicKey });
    const url = `https://${storeId}.example`;
    return { storeId, url, publicKey, possession: this.#sign(message) };
  }

  /** Input of `store:replaceKey`, which gives this key to the store of the same id. */
  get replacement(): Record<string, unknown> {
    const { storeId, publicKey, possession } = this.registration;
    return { storeId, publicKey, possession };
  }

  /** The store's word for a ciphertext of a version of a bid. */
  receipt(about: { bidKey: string; version: number }, { ctHash, ctLen }: Stored): StoreReceipt {
    const message = storeReceiptMessage({ ...ledger, ...about, ctHash, ctLen });
    return { store: this.storeId, ctHash, ctLen, signature: this.#sign(message) };
  }

  #sign(message: Uint8Array): string {
    const dsaEncoding = 'ieee-p1363';
    const raw = sign('sha256', message, { key: this.#privateKey, dsaEncoding });
    return toBase64url(derOfRaw(raw));
  }
}

/** Three stores, one of each organisation, on the ledger. */
export async function registerStores(
  procurement: Procurement,
  gatewayOf: (mspId: string) => Person = (mspId) => personOf(mspId, { role: 'gateway' }),
): Promise<readonly TestStore[]> {
  const stores = STORES.map(([storeId, mspId]) => new TestStore(storeId, mspId, gatewayOf(mspId)));
  for (const store of stores) {
    await procurement.submit(store.gateway, 'store:register', store.registration);
  }
  return stores;
}

/** A bid sealed with everything that its vendor keeps. */
export interface KeptBid {
  readonly input: Record<string, unknown>;
  readonly sealed: SealedBid;
  readonly bidKey: string;
}

/**
 * Input of `bid:submit` whose ciphertext, and whose documents, lie in the first two stores.
 * @param kept.isByRef whether the ciphertext itself is too long for the ledger
 */
export async function sealedWithStores(
  procurement: Procurement,
  stores: readonly TestStore[],
  kept: {
    readonly vendor: number;
    readonly offer: Offer;
    readonly isByRef?: boolean;
    readonly documents?: readonly Uint8Array[];
  },
): Promise<KeptBid> {
  const { vendor, offer, isByRef = true, documents = [] } = kept;
  const { lotId } = offer;
  const { tenderId } = procurement;
  const vendorId = `vendor-${vendor}`;
  const document = await procurement.document(vendor, offer);
  const sealed = await seal({
    committee: await procurement.committee(),
    bid: { lotId, vendorId, vendorSpki: procurement.people.vendors[vendor - 1]!.spki, version: 1 },
    plain: (made) => ({
      ...(offer.change?.(document) ?? document),
      documents: made.map(({ entry: { id, ctHash, ctLen } }) => ({
        ...{ sha256: id, size: ctLen - 16, mediaType: 'text/plain', title: 'Method' },
        ...{ ctHash, ctLen },
      })),
    }),
    documents,
    stores: stores.slice(0, 2).map(({ storeId }) => storeId),
    ...(isByRef ? { bucket: LARGEST_BUCKET } : {}),
  });
  const bidKey = bidKeyOf({ tenderId, lotId, vendorId });
  const envelope = decodeCanonical(sealed.text);
  const listed = sealed.documents.map(({ entry: { ctHash, ctLen } }) => ({ ctHash, ctLen }));
  const due = [...listed, ...(isByRef ? [envelope as unknown as Stored] : [])];
  const about = { bidKey, version: 1 };
  const receipts = due.flatMap((one) =>
    stores.slice(0, 2).map((store) => store.receipt(about, one)),
  );
  const { noticeHash } = document;
  const input = { ...procurement.onTender, lotId, noticeHash, version: 1, envelope };
  return { input: { ...input, documents: listed, receipts }, sealed, bidKey };
}
