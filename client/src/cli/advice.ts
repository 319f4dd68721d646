/** What a person can do about a refusal, in a sentence a clerk understands. */
const ADVICE: Readonly<Record<string, string>> = {
  PASSPHRASE: 'Type the passphrase again. Without it nobody can open the file, not even its maker.',
  UNREACHABLE: 'Look whether the gateway runs. The same command again is safe: it counts once.',
  SUBMIT_UNKNOWN: 'Give the same command again: it is safe, and counts once.',
  STATUS_UNKNOWN: 'Give the same command again: it is safe, and counts once.',
  COMMIT_CONFLICT: 'Give the same command again.',
  CHECK_FAILED: 'Sign nothing, and show this message to the auditor.',
  CLOCK: 'Set the clock of this machine right, then give the same command again.',
  KEY: 'Register your key first: "procure keys register".',
  NOT_REGISTERED: 'Register as a vendor first: "procure keys register --vendor-id … --licence …".',
  ROLE: 'Another person has to do this: see which role your certificate gives you, "keys show".',
  DEADLINE: 'Nothing can be handed in after the deadline.',
  EARLY: 'Wait until the instant named, then give the same command again.',
  PHASE: 'See where the tender stands: "procure tender show".',
  REHEARSAL: 'These seats have to run "procure committee rehearse" first.',
  NOTICE: 'The notice was amended: read it again, then seal again or confirm your bid.',
  RECEIPT: 'A store signed for something else, or has a new key since: seal the bid again.',
  VERSION: 'A later version was handed in meanwhile: seal the bid again.',
  FEW: 'Wait until more seats have posted their shares: "procure committee status".',
  STATE: 'The bid is in no list, or has been opened: "procure bid list".',
  ENVELOPE: 'Do it for the other envelope first, or in its place: the two go together.',
  DEAL_HOLDS: 'Nothing is wrong with the bid, or there is none: it stays as it is.',
  OPENABLE: 'Have the bid opened instead: "procure committee combine".',
  TIE: 'Draw a public lot and name the bid drawn: "procure award decide --public-lot <bidKey>".',
  POSSESSION: 'The new key did not sign for itself: the firm has to claim it anew, "keys claim".',
  EXISTS: 'It is there already. Where two organisations have to say so, another one is due.',
  NOT_FOUND: 'Look whether the id is written as it was given.',
  CONFIGURATION: 'Pin the configuration of the channel: ask the auditor for its block.',
  MISSING: 'The bid lies in stores: a member of the committee runs "procure committee combine".',
  STORE_DOWN: 'Give the same command again later, or seal the bid for other stores (--store).',
  STORE_BID: 'Register as a vendor first: "procure keys register --vendor-id … --licence …".',
  STORE_ESTIMATE: "An officer of the buyer's own agency has to do this.",
  STORE_TENDER: 'See whether the tender takes bids: "procure tender show".',
  STORE_QUOTA: "Enclose less, or ask the store's operator for more room.",
  PERIOD: 'Name a later deadline: as much time as the message says has to be left.',
  SIGN_IN: 'Use the address under which the gateway knows itself.',
  CA: 'Ask your organisation for a new enrolment secret.',
};

/** What second envelopes wait for. */
export const JUDGE_FIRST =
  'The first envelopes have to be judged first, by officer and auditor: "procure award technical".';

/** What a refused key lacks, by its state. */
const KEY_ADVICE: Readonly<Record<string, string>> = {
  revoked: 'This key was revoked for good. A firm claims another one: "procure keys claim".',
  expired: 'Your certificate has ended: ask your organisation for a new enrolment secret.',
  ending:
    'Your certificate ends before the opening does: ask your organisation for a new enrolment secret.',
};

type Args = Readonly<Record<string, unknown>>;

/** Advice that depends on the values of a refusal; undefined where what the code says will do. */
const ADVICE_BY_ARGS: Readonly<Record<string, (args: Args) => string | undefined>> = {
  EARLY: ({ opensAt }) =>
    typeof opensAt === 'string'
      ? `Wait until ${opensAt}, then give the same command again.`
      : undefined,
  STATE: ({ item }) => (item === 'list' ? JUDGE_FIRST : undefined),
  ENVELOPE: ({ needed }) =>
    typeof needed === 'string'
      ? `Do it for ${needed} first, or in its place: the two envelopes go together.`
      : undefined,
  KEY: ({ state }) => (typeof state === 'string' ? KEY_ADVICE[state] : undefined),
};

/**
 * Advice for a code, where there is any.
 * @param isCheck whether a check of this device failed, whose codes are its own
 */
export function adviceFor(code: string, args: Args, isCheck = false): string | undefined {
  if (isCheck && code !== 'CONFIGURATION') return ADVICE['CHECK_FAILED'];
  if (!Object.hasOwn(ADVICE, code)) return undefined;
  const ofArgs = Object.hasOwn(ADVICE_BY_ARGS, code) ? ADVICE_BY_ARGS[code]?.(args) : undefined;
  return ofArgs ?? ADVICE[code];
}
