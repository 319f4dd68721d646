/**
 * Who may do what: organisation, certificate attribute `role`, transaction, and the tender's phase.
 * What no row allows is refused. The ledger reads these rows and has no other list of rights; an
 * officer's agency and a committee member's seat are checked besides, by the rules.
 */

/** States of a tender, each derived from recorded facts. */
export const TENDER_STATES = [
  'draft',
  'published',
  'closed',
  'opened',
  'evaluating',
  'awarded',
  'cancelled',
] as const;

/** The state that a tender's recorded facts add up to. */
export type TenderState = (typeof TENDER_STATES)[number];

/** When a transaction is allowed: in a tender's state, or `none` where there is no tender yet. */
export type Phase = TenderState | 'none';

/** Every phase, in the order of a tender's life. */
export const PHASES: readonly Phase[] = ['none', ...TENDER_STATES];

/** Organisations of the network. */
export const ORGANIZATIONS = ['MinistryMSP', 'VendorMSP', 'AuditorMSP'] as const;

/** An organisation's id. */
export type Organization = (typeof ORGANIZATIONS)[number];

/**
 * Organisations whose peers must endorse a transaction: all of the first, one of the second. The
 * chaincode's endorsement policy says the same; whoever signs or verifies holds to it too.
 */
export const ENDORSERS: {
  readonly all: readonly Organization[];
  readonly oneOf: readonly Organization[];
} = { all: ['AuditorMSP'], oneOf: ['MinistryMSP', 'VendorMSP'] };

/** Values of the certificate attribute `role`. */
export const ROLES = ['officer', 'vendor', 'auditor', 'committee', 'gateway'] as const;

/** What a certificate's holder is. */
export type Role = (typeof ROLES)[number];

/** Whose certificates may carry a role: a CA can write any role, so this binds it. */
export const ROLE_ORGANIZATIONS: Readonly<Record<Role, readonly Organization[]>> = {
  officer: ['MinistryMSP'],
  vendor: ['VendorMSP'],
  auditor: ['AuditorMSP'],
  committee: ['MinistryMSP', 'VendorMSP', 'AuditorMSP'],
  gateway: ['MinistryMSP', 'VendorMSP', 'AuditorMSP'],
};

/** One right: these roles may call the transaction in these phases. */
export interface Right {
  readonly roles: readonly Role[];
  readonly phases: readonly Phase[];
}

const PEOPLE: readonly Role[] = ['officer', 'vendor', 'auditor', 'committee'];
const INSIDERS: readonly Role[] = ['officer', 'auditor', 'committee'];
/** Vendors, and the buyer's officers with the official estimate. */
const BIDDERS: readonly Role[] = ['vendor', 'officer'];
const NO_TENDER: readonly Phase[] = ['none'];
const FROM_DRAFT: readonly Phase[] = TENDER_STATES;
const FROM_PUBLISHED: readonly Phase[] = TENDER_STATES.filter((state) => state !== 'draft');
const FROM_CLOSED: readonly Phase[] = ['closed', 'opened', 'evaluating', 'awarded', 'cancelled'];
const FROM_OPENED: readonly Phase[] = ['opened', 'evaluating', 'awarded', 'cancelled'];
const FROM_EVALUATING: readonly Phase[] = ['evaluating', 'awarded', 'cancelled'];
const BEFORE_AWARD: readonly Phase[] = ['draft', 'published', 'closed', 'opened', 'evaluating'];

const readBy = (phases: readonly Phase[]): readonly Right[] => [{ roles: PEOPLE, phases }];
const notice: readonly Right[] = [
  { roles: INSIDERS, phases: FROM_DRAFT },
  { roles: ['vendor'], phases: FROM_PUBLISHED },
];

/**
 * The rights of every transaction, commands first. `tender:close` and `opening:combine` are open to
 * all people: nobody can hold a procedure up by not acting. Gateways close what is due without
 * being asked, read the notices for it, and watch the endorsers' clocks. A vendor does not see
 * drafts; only seat holders see the list between close and opening, as their shares are made for
 * it.
 */
export const RIGHTS = {
  'key:register': [{ roles: INSIDERS, phases: NO_TENDER }],
  'key:revoke': [{ roles: PEOPLE, phases: NO_TENDER }],
  'vendor:register': [{ roles: ['vendor'], phases: NO_TENDER }],
  'vendor:renewKey': [{ roles: ['vendor'], phases: NO_TENDER }],
  'vendor:recoverKey': [{ roles: ['officer', 'auditor'], phases: NO_TENDER }],
  'store:register': [{ roles: ['gateway'], phases: NO_TENDER }],
  'store:replaceKey': [{ roles: ['officer', 'auditor'], phases: NO_TENDER }],
  'tender:create': [{ roles: ['officer'], phases: NO_TENDER }],
  'opening:registerKey': [{ roles: ['committee'], phases: ['draft'] }],
  'opening:rehearse': [{ roles: ['committee'], phases: ['draft', 'published', 'closed'] }],
  'tender:publish': [{ roles: ['officer'], phases: ['draft'] }],
  'tender:amend': [{ roles: ['officer'], phases: ['published'] }],
  'tender:cancel': [{ roles: ['officer', 'auditor'], phases: BEFORE_AWARD }],
  'bid:submit': [{ roles: BIDDERS, phases: ['published'] }],
  'bid:confirm': [{ roles: BIDDERS, phases: ['published'] }],
  'bid:withdraw': [{ roles: BIDDERS, phases: ['published'] }],
  'tender:close': [{ roles: [...PEOPLE, 'gateway'], phases: ['published'] }],
  'opening:postShares': [{ roles: ['committee'], phases: ['closed'] }],
  'opening:combine': [{ roles: PEOPLE, phases: ['closed'] }],
  'opening:strike': [{ roles: PEOPLE, phases: ['closed'] }],
  'opening:selfOpen': [{ roles: BIDDERS, phases: ['closed'] }],
  'opening:recordMissing': [{ roles: PEOPLE, phases: ['closed'] }],
  'award:evaluate': [{ roles: ['officer'], phases: ['opened'] }],
  'award:recordTechnical': [{ roles: ['officer', 'auditor'], phases: ['opened'] }],
  'award:decide': [{ roles: ['officer'], phases: ['evaluating'] }],
  'key:get': readBy(NO_TENDER),
  'store:list': [{ roles: [...PEOPLE, 'gateway'], phases: NO_TENDER }],
  'vendor:get': readBy(NO_TENDER),
  'vendor:me': [{ roles: ['vendor'], phases: NO_TENDER }],
  'tender:get': [...notice, { roles: ['gateway'], phases: FROM_PUBLISHED }],
  'tender:list': [{ roles: [...PEOPLE, 'gateway'], phases: NO_TENDER }],
  'tender:committee': notice,
  'bid:mine': [{ roles: BIDDERS, phases: FROM_PUBLISHED }],
  'bid:list': readBy(FROM_PUBLISHED),
  'opening:list': [
    { roles: ['committee'], phases: ['closed'] },
    { roles: PEOPLE, phases: FROM_OPENED },
  ],
  'opening:status': readBy(FROM_CLOSED),
  'award:get': readBy(FROM_EVALUATING),
  'audit:record': notice,
  'audit:clock': [{ roles: ['gateway'], phases: NO_TENDER }],
  'audit:whoami': [{ roles: ROLES, phases: NO_TENDER }],
} as const satisfies Record<string, readonly Right[]>;

/** A transaction's full name, `contract:function`. */
export type TransactionName = keyof typeof RIGHTS;

/** Every transaction that the ledger exposes. */
export const TRANSACTIONS = Object.keys(RIGHTS) as readonly TransactionName[];

/** Whether a text is the full name of a transaction. */
export function isTransactionName(text: string): text is TransactionName {
  return Object.hasOwn(RIGHTS, text);
}

/** Whether an organisation's certificates may carry this role at all. */
export function isRoleOf(caller: { readonly mspId: string; readonly role: string }): boolean {
  if (!Object.hasOwn(ROLE_ORGANIZATIONS, caller.role)) return false;
  const organizations: readonly string[] = ROLE_ORGANIZATIONS[caller.role as Role];
  return organizations.includes(caller.mspId);
}

/**
 * The phases in which a caller may use a transaction, in the order of {@link PHASES}; none where
 * the caller has no right to it at all.
 */
export function allowedPhases(
  caller: { readonly mspId: string; readonly role: string },
  transaction: TransactionName,
): readonly Phase[] {
  if (!isRoleOf(caller)) return [];
  const rights: readonly Right[] = RIGHTS[transaction];
  const granted = rights.filter(({ roles }) => roles.some((role) => role === caller.role));
  return PHASES.filter((phase) => granted.some(({ phases }) => phases.includes(phase)));
}
