/** What a person can do about a refusal, in a sentence a clerk understands. */
const ADVICE: Readonly<Record<string, string>> = {
  PASSPHRASE: 'Type the passphrase again. Without it nobody can open the file, not even its maker.',
  UNREACHABLE: 'Look whether the gateway runs. The same command again is safe: it counts once.',
  SUBMIT_UNKNOWN: 'Give the same command again: it is safe, and counts once.',
  STATUS_UNKNOWN: 'Give the same command again: it is safe, and counts once.',
  COMMIT_CONFLICT: 'Give the same command again.',
  CHECK_FAILED: 'Sign nothing, and show this message to the auditor.',
  CLOCK: 'Set the clock of this machine right, then give the same command again.',
  KEY: 'Register your key first ("procure keys register"); a revoked key cannot be used again.',
  NOT_REGISTERED: 'Register as a vendor first: "procure keys register --vendor-id … --licence …".',
  ROLE: 'Another person has to do this: see which role your certificate gives you, "keys show".',
  DEADLINE: 'Nothing can be handed in after the deadline.',
  EARLY: 'Wait until the instant named, then give the same command again.',
  PHASE: 'See where the tender stands: "procure tender show".',
  REHEARSAL: 'These seats have to run "procure committee rehearse" first.',
  NOTICE: 'The notice was amended: read it again, then seal again or confirm your bid.',
  VERSION: 'A later version was handed in meanwhile: seal the bid again.',
  FEW: 'Wait until more seats have posted their shares.',
  MISSING: 'The bid lies in stores: a member of the committee runs "procure committee combine".',
  STORE_DOWN: 'Give the same command again later, or seal the bid for other stores (--store).',
  SIGN_IN: 'Use the address under which the gateway knows itself.',
  CA: 'Ask your organisation for a new enrolment secret.',
};

/** Advice for a code, where there is any. */
export function adviceFor(
  code: string,
  args: Readonly<Record<string, unknown>>,
): string | undefined {
  if (!Object.hasOwn(ADVICE, code)) return undefined;
  const opensAt = args['opensAt'];
  if (code === 'EARLY' && typeof opensAt === 'string') {
    return `Wait until ${opensAt}, then give the same command again.`;
  }
  return ADVICE[code];
}
