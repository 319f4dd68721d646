/**
 * Every refusal that the ledger gives. A code says which rule refused, its arguments carry the
 * values, and no prose crosses the wire: only an error's message does (fabric-shim
 * `chaincodefromcontract.js`), so the message is the refusal itself.
 */
import { decodeCanonical, encodeCanonical } from './canonical-json';

/** One row of {@link REJECTS}. */
export interface RejectRow {
  /** HTTP status of the problem document. */
  readonly status: number;
  /** Names of the arguments that a refusal of this code carries. */
  readonly args: readonly string[];
  /** What the reader is told, in one sentence. */
  readonly sentence: string;
}

/**
 * Every code IN ORDER OF PRECEDENCE: where two refusals apply, the higher one is given, so that all
 * endorsers give the same answer. From `RECEIPT` on the codes are those of TSEAL-V1; their `item`
 * names the part of the message that failed.
 */
export const REJECTS = {
  UNKNOWN_TRANSACTION: {
    status: 404,
    args: ['transaction'],
    sentence: 'The ledger has no transaction of this name.',
  },
  CALL: {
    status: 400,
    args: ['problem'],
    sentence: 'A transaction takes its name and one argument in UTF-8.',
  },
  FOREIGN_CALL: {
    status: 403,
    args: ['chaincode'],
    sentence: 'The signed proposal is addressed to another chaincode.',
  },
  ROLE: {
    status: 403,
    args: ['mspId', 'role', 'transaction'],
    sentence: "The caller's organisation and role have no right to this transaction.",
  },
  KEY: {
    status: 403,
    args: ['spki', 'state'],
    sentence:
      "The caller's key is not in the register, or was revoked, or its certificate has expired " +
      'or ends too soon.',
  },
  FORMAT: {
    status: 400,
    args: ['path', 'problem'],
    sentence: 'The request is not of the form that this transaction takes.',
  },
  CLOCK: {
    status: 422,
    args: ['at', 'toleranceMs'],
    sentence: "The transaction's time is not borne out by the endorser's clock.",
  },
  REQUEST_REUSED: {
    status: 409,
    args: ['requestId', 'transactionId'],
    sentence: 'This requestId was used before with another content.',
  },
  NOT_FOUND: {
    status: 404,
    args: ['id', 'kind'],
    sentence: 'The ledger holds no record of this kind with this id.',
  },
  AGENCY: {
    status: 403,
    args: ['agency', 'buyerAgency'],
    sentence: "An officer acts only for the agency that the officer's certificate names.",
  },
  PHASE: {
    status: 409,
    args: ['allowed', 'current', 'tenderId'],
    sentence: "The tender's state does not allow this transaction.",
  },
  EXISTS: {
    status: 409,
    args: ['id', 'kind'],
    sentence: 'The ledger already holds a record of this kind with this id.',
  },
  ENVELOPE: {
    status: 409,
    args: ['needed', 'tenderId'],
    sentence: 'Of the two envelopes of this procurement the one named has to be seen to first.',
  },
  DRAFT: {
    status: 422,
    args: ['path', 'problem'],
    sentence: 'The parts of the draft do not fit together.',
  },
  PERIOD: {
    status: 422,
    args: ['actualMs', 'minimumMs', 'period'],
    sentence: 'A period of the tender is shorter than the rules allow.',
  },
  NOT_REGISTERED: {
    status: 403,
    args: ['mspId', 'spki'],
    sentence: 'The caller stands in no vendor record.',
  },
  POSSESSION: {
    status: 422,
    args: ['spki'],
    sentence: 'The proof that the holder has the new key does not hold.',
  },
  LOT: {
    status: 404,
    args: ['lotId', 'tenderId'],
    sentence: 'The tender has no such lot.',
  },
  LIMIT: {
    status: 422,
    args: ['limit', 'what'],
    sentence: 'The request exceeds a limit of the ledger.',
  },
  DEADLINE: {
    status: 409,
    args: ['at', 'deadline', 'tenderId'],
    sentence: 'The deadline for bids has passed.',
  },
  EARLY: {
    status: 409,
    args: ['at', 'opensAt', 'tenderId'],
    sentence: 'The period that has to end before this has not ended.',
  },
  EXTENSION: {
    status: 422,
    args: ['deadline', 'tenderId'],
    sentence: 'A deadline may only become later.',
  },
  REHEARSAL: {
    status: 409,
    args: ['seats'],
    sentence: 'Seats of the committee have not shown that their opening keys are still at hand.',
  },
  NOTICE: {
    status: 409,
    args: ['noticeHash', 'tenderId'],
    sentence: 'The bid answers another notice than the one published.',
  },
  RECEIPT: {
    status: 422,
    args: ['item'],
    sentence: 'What is kept in stores needs the signed receipts of two stores for this very bid.',
  },
  SIGNER: {
    status: 403,
    args: ['item'],
    sentence: 'The caller is not the one whom the record or the appointment names.',
  },
  SIZE: {
    status: 422,
    args: ['item'],
    sentence: 'The committee needs 2 <= t, 2t-1 <= n <= 15, and a key for each of its n seats.',
  },
  STATE: {
    status: 409,
    args: ['item'],
    sentence: 'The bid is not in the list, or already has its final state.',
  },
  SEAT: {
    status: 422,
    args: ['item'],
    sentence: "The seat is none of the committee's, is not in order, or is held by another.",
  },
  LIST: {
    status: 409,
    args: ['item'],
    sentence: 'The shares were made for another list of bids.',
  },
  CHUNK: {
    status: 422,
    args: ['item'],
    sentence: 'The list of bids has no such chunk.',
  },
  REPEAT: {
    status: 409,
    args: ['item'],
    sentence: 'This seat has already posted its shares for this chunk.',
  },
  COUNT: {
    status: 422,
    args: ['item'],
    sentence: 'A list of points or scalars has the wrong length.',
  },
  CT_LEN: {
    status: 422,
    args: ['item'],
    sentence: 'The length of the ciphertext is none of the four allowed, or not the one stated.',
  },
  SCALAR: {
    status: 422,
    args: ['item'],
    sentence: 'A scalar is zero, or not below the order of the group.',
  },
  POINT: {
    status: 422,
    args: ['item'],
    sentence: 'Bytes that should be a point of the group are none.',
  },
  IDENTITY: {
    status: 422,
    args: ['item'],
    sentence: 'A point is the identity.',
  },
  DUPLICATE: {
    status: 409,
    args: ['item'],
    sentence: 'An opening key or an officer stands in more than one seat or tender.',
  },
  POP: {
    status: 422,
    args: ['item'],
    sentence: 'The proof of possession of the opening key does not hold.',
  },
  ORG: {
    status: 422,
    args: ['item'],
    sentence: 'An organisation holds so many seats that it could open, or block, alone.',
  },
  CT_HASH: {
    status: 422,
    args: ['item'],
    sentence: 'The ciphertext does not have the hash that the envelope states.',
  },
  VERSION: {
    status: 409,
    args: ['item'],
    sentence: 'The version is not the one after the last.',
  },
  DEAL: {
    status: 422,
    args: ['item'],
    sentence: 'The proof that the committee can open this envelope does not hold.',
  },
  OPEN: {
    status: 422,
    args: ['item'],
    sentence: 'The proof of the opening shares does not hold.',
  },
  FEW: {
    status: 409,
    args: ['item'],
    sentence: 'Fewer seats have posted shares than are needed to open.',
  },
  MISSING: {
    status: 422,
    args: ['item'],
    sentence: 'The ciphertext of this bid lies in stores, and nobody has supplied it.',
  },
  SELF: {
    status: 422,
    args: ['item'],
    sentence: "The proof that this is the bid's own secret does not hold.",
  },
  DEAL_HOLDS: {
    status: 422,
    args: ['item'],
    sentence: 'No listed bid without a final state has this key and a deal whose proof fails.',
  },
  OPENABLE: {
    status: 409,
    args: ['item'],
    sentence: 'Enough shares and the ciphertext are there: the bid has to be opened instead.',
  },
  TIE: {
    status: 422,
    args: ['bidKeys', 'lotId'],
    sentence: 'Equal bids without tickets need a public lot that names one of them.',
  },
} as const satisfies Record<string, RejectRow>;

/** A refusal's code. */
export type RejectCode = keyof typeof REJECTS;

/** Values of a refusal; no secret and nothing of another bidder ever stands here. */
export type RejectArgs = Readonly<Record<string, string | number | readonly string[]>>;

/** Every code, the one of highest precedence first. */
export const REJECT_CODES = Object.keys(REJECTS) as readonly RejectCode[];

const WIRE_PREFIX = 'REJECT ';

/** Whether a text is the code of a refusal. */
export function isRejectCode(text: string): text is RejectCode {
  return Object.hasOwn(REJECTS, text);
}

/** A refusal. Its message is the wire text: `REJECT ` and canonical JSON of args and code. */
export class Reject extends Error {
  override readonly name = 'Reject';
  readonly code: RejectCode;
  readonly args: RejectArgs;

  /** @throws {CanonicalJsonError} where an argument has no canonical form */
  constructor(code: RejectCode, args: RejectArgs = {}) {
    super(WIRE_PREFIX + encodeCanonical({ args, code }));
    this.code = code;
    this.args = args;
  }
}

/**
 * The refusal inside a text, which may be longer: peers and both SDKs wrap what a chaincode says in
 * words of their own, and may escape its quotation marks once. Undefined where there is none.
 */
export function parseReject(text: string): Reject | undefined {
  for (
    let from = text.indexOf(WIRE_PREFIX);
    from >= 0;
    from = text.indexOf(WIRE_PREFIX, from + 1)
  ) {
    const wire = text.slice(from + WIRE_PREFIX.length);
    const reject = readWire(objectAtStart(wire)) ?? readWire(objectAtStart(unescaped(wire)));
    if (reject !== undefined) return reject;
  }
  return undefined;
}

/** One layer of backslash escapes taken away, as a quoted string would lose it. */
function unescaped(text: string): string {
  return text.replace(/\\(["\\])/g, '$1');
}

/** The JSON object that begins a text, by counting braces outside strings; '' where none ends. */
function objectAtStart(text: string): string {
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (quoted && character === '\\') index += 1;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === '{') depth += 1;
    else if (!quoted && character === '}') depth -= 1;
    if (depth === 0) return text.slice(0, index + 1);
  }
  return '';
}

function readWire(wire: string): Reject | undefined {
  try {
    const { args, code, ...rest } = decodeCanonical(wire);
    if (typeof code !== 'string' || !isRejectCode(code) || Object.keys(rest).length > 0) {
      return undefined;
    }
    if (!isArgs(args)) return undefined;
    return new Reject(code, args);
  } catch {
    return undefined;
  }
}

function isArgs(value: unknown): value is RejectArgs {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every(
    (arg) =>
      typeof arg === 'string' ||
      typeof arg === 'number' ||
      (Array.isArray(arg) && arg.every((element) => typeof element === 'string')),
  );
}
