/**
 * What is done where a firm has lost its key, or an organisation that of its store: it claims a new
 * one, two organisations bear it out.
 */
import { check } from '../check';
import {
  isPossessed,
  isStorePossessed,
  type KeyClaim,
  provePossession,
  spkiOf,
} from '../keys/possession';
import { LEDGER_TARGET } from '../signed-api';
import type { Call, Report } from './call';
import { readJson, replaceJson } from './files';
import { placeLines } from './place';
import { wordIdOf } from './request-id';
import type { Task } from './task';

const CLAIM_FILE = 'claim.json';

/** A firm's claim, as the file has it. */
interface FirmClaim extends KeyClaim {
  readonly schema: 'key-claim/1';
  readonly possession: string;
}

/** The claim of an organisation for its store, as the gateway writes it. */
interface StoreClaim extends Omit<KeyClaim, 'vendorId'> {
  readonly schema: 'store-claim/1';
  readonly storeId: string;
  readonly possession: string;
}

type Claim = FirmClaim | StoreClaim;

/** `procure keys claim` and `procure keys recover`. */
export const RECOVERY: readonly Task[] = [
  {
    name: 'claim',
    about: 'Firms that lost their key: claim the new key of this folder for your firm.',
    operands: [['<vendorId>', 'the id under which your firm is registered']],
    run: claim,
  },
  {
    name: 'recover',
    about: 'Officers, auditors: bear out a claim; it counts once two organisations have.',
    operands: [
      ['<claim.json>', 'the file of "keys claim", or of a gateway whose store has a new key'],
    ],
    run: recover,
  },
];

async function claim(call: Call): Promise<Report> {
  const [folder, vendorId] = [call.folder(), call.operand(0)];
  const { publicKey, spki } = folder.publicKey();
  const { privateKey } = await folder.keyPair(await call.lock());
  const claimed = { ...LEDGER_TARGET, vendorId, publicKey };
  await call.confirm('that this new key is to be the key of your firm', {
    ...{ vendor: vendorId, 'new key': spki },
  });
  const possession = await provePossession(claimed, privateKey);
  const file = folder.file(CLAIM_FILE);
  const written: FirmClaim = { schema: 'key-claim/1', ...claimed, possession };
  replaceJson(file, written);
  return {
    value: { file, spki, ...written },
    lines: [
      `Wrote the claim of ${vendorId} to ${file}.`,
      `new key  ${spki}`,
      'Give the file to an officer and to an auditor, and read the new key out to both of them:',
      'each runs "procure keys recover" with it. After the second one this folder is your key.',
    ],
  };
}

async function recover(call: Call): Promise<Report> {
  const claim = await readClaim(call.operand(0));
  return claim.schema === 'key-claim/1' ? recoverFirm(call, claim) : recoverStore(call, claim);
}

async function recoverFirm(call: Call, claim: FirmClaim): Promise<Report> {
  const { vendorId, publicKey, possession } = claim;
  const spki = await spkiOf(publicKey);
  const api = await call.api();
  const vendor = await api.vendor(vendorId);
  await call.confirm('a new key for a firm that has lost its own, which ends', {
    vendor: `${vendorId}: ${vendor.name}, licence ${vendor.licence}`,
    'present key': vendor.owner.spki,
    'new key': spki,
    compare: 'the new key with what the firm itself reads out to you',
  });
  const said = { vendorId, publicKey, possession };
  const requestId = await wordIdOf('recover', said);
  const outcome = await api.recoverKey({ requestId, ...said });
  return reportOf(outcome, { name: vendorId, spki, isDone: outcome.result.recovered });
}

async function recoverStore(call: Call, claim: StoreClaim): Promise<Report> {
  const { storeId, publicKey, possession } = claim;
  const spki = await spkiOf(publicKey);
  const api = await call.api();
  const { stores } = await api.stores();
  const store = stores.find((one) => one.storeId === storeId);
  check(store !== undefined, `the ledger has no store ${storeId}`);
  await call.confirm('a new key for a store whose own is lost, which signs nothing more', {
    store: `${storeId} of ${store.mspId}, at ${store.url}`,
    'present key': await spkiOf(store.publicKey),
    'new key': spki,
    compare: "the new key with what the store's organisation itself reads out to you",
  });
  const said = { storeId, publicKey, possession };
  const requestId = await wordIdOf('replace', said);
  const outcome = await api.replaceStoreKey({ requestId, ...said });
  return reportOf(outcome, { name: storeId, spki, isDone: outcome.result.replaced });
}

function reportOf(
  outcome: Parameters<typeof placeLines>[0] & object,
  {
    name,
    spki,
    isDone,
  }: { readonly name: string; readonly spki: string; readonly isDone: boolean },
): Report {
  const told = isDone
    ? `${name} has its new key: ${spki}.`
    : 'Recorded. An officer or auditor of another organisation has to bear out the same claim.';
  return { value: outcome, lines: [told, ...placeLines(outcome)] };
}

/** @throws {CheckFailed} where the file is no claim on this ledger, signed with the key it names */
async function readClaim(file: string): Promise<Claim> {
  const members = readJson(file) as Readonly<Record<string, unknown>>;
  const owner = members['schema'] === 'store-claim/1' ? members['storeId'] : members['vendorId'];
  const texts = [owner, members['publicKey'], members['possession']];
  const isClaim =
    ['key-claim/1', 'store-claim/1'].includes(String(members['schema'])) &&
    texts.every((one) => typeof one === 'string');
  check(isClaim, `${file} is no claim as "keys claim" or a gateway writes it`);
  const written = members as unknown as Claim;
  const { channel, chaincode } = LEDGER_TARGET;
  const isHere = written.channel === channel && written.chaincode === chaincode;
  check(isHere, `${file} is a claim on another ledger`);
  const isSigned =
    written.schema === 'key-claim/1' ? isPossessed(written) : isStorePossessed(written);
  check(await isSigned, 'the claim is not signed with the key that it names');
  return written;
}
