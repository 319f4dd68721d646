/** The appointment of an opening committee, checked before any key is registered for it. */
import { Reject, type TenderDraft } from '@procurement/protocol';
import { isSamePerson } from './caller';

const THRESHOLD_MIN = 2;
const SEATS_MAX = 15;

type Appointment = TenderDraft['committee'];
type Seat = Appointment['seats'][number];

/**
 * Refuses a committee that TSEAL-V1 section 2 does not allow, so that no tender is drafted that
 * could never be published.
 * @throws {Reject} SIZE, SEAT, DUPLICATE or ORG
 */
export function checkAppointment({ t, seats }: Appointment): void {
  const n = seats.length;
  if (t < THRESHOLD_MIN || 2 * t - 1 > n || n > SEATS_MAX) {
    throw new Reject('SIZE', { item: 'n and t' });
  }
  seats.forEach(({ seat }, index) => {
    if (seat !== index + 1) throw new Reject('SEAT', { item: `seat ${index + 1}` });
  });
  seats.forEach((seat, index) => {
    checkHeldOnce(seat, seats.slice(0, index));
  });
  for (const { mspId } of seats) checkShare({ mspId, t, seats });
}

function checkHeldOnce(seat: Seat, earlier: readonly Seat[]): void {
  if (earlier.some(({ spki }) => spki === seat.spki)) {
    throw new Reject('DUPLICATE', { item: `seat ${seat.seat}` });
  }
}

function checkShare(committee: Appointment & { readonly mspId: string }): void {
  const { mspId, t, seats } = committee;
  const held = seats.filter((seat) => seat.mspId === mspId).length;
  // An organisation must neither open alone nor be able to prevent an opening alone.
  if (held > t - 1 || seats.length - held < t) throw new Reject('ORG', { item: mspId });
}

/**
 * Refuses whoever holds no seat of the committee.
 * @throws {Reject} SEAT
 */
export function requireSeatHolder(
  { seats }: Appointment,
  caller: { readonly mspId: string; readonly spki: string },
): void {
  if (!seats.some((seat) => isSamePerson(seat, caller))) {
    throw new Reject('SEAT', { item: 'caller' });
  }
}
